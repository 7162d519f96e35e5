import Foundation

/// How often a test is repeated if each round only makes finding a fault more likely.
///
/// A few rounds are sufficient for known faults; `make soak` runs many to find new ones.
public enum Rounds {
  /// The number given with `DESKRUN_SOAK`, or nil.
  public static let soak: Int? = ProcessInfo.processInfo.environment["DESKRUN_SOAK"].flatMap { Int($0) }

  /// The number of rounds: few by default, many with `make soak`.
  public static func count(_ few: Int, soak many: Int) -> Int { soak == nil ? few : many }

  /// A few of these, evenly distributed, or all of them with `make soak`.
  public static func some<Item>(_ few: Int, of all: [Item]) -> [Item] {
    guard soak == nil, few < all.count, few > 0 else { return all }
    return (0..<few).map { all[$0 * all.count / few] }
  }
}
