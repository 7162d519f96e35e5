import Foundation

/// How often a test repeats what each round only makes likelier to find.
///
/// A few rounds each time hold what is known; `make soak` runs many and looks for what is not.
public enum Rounds {
  /// The number that `DESKRUN_SOAK` asks for, or nil.
  public static let soak: Int? = ProcessInfo.processInfo.environment["DESKRUN_SOAK"].flatMap { Int($0) }

  /// So many, or more when many are asked for.
  public static func count(_ few: Int, soak many: Int) -> Int { soak == nil ? few : many }

  /// A few of these, evenly spread, or all of them when many are asked for.
  public static func some<Item>(_ few: Int, of all: [Item]) -> [Item] {
    guard soak == nil, few < all.count, few > 0 else { return all }
    return (0..<few).map { all[$0 * all.count / few] }
  }
}
