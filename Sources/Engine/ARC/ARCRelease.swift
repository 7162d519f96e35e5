import Basics

/// A release of ARC, whose two charts, image and resource definitions have one version.
///
/// A controller deletes scale sets of another minor version, so what matters between two releases is whether they share
/// major and minor; patch releases upgrade in place.
package struct ARCRelease: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The version as the charts write it: `0.15.0`.
  package let description: String
  private let numbers: [Int]

  /// Reads a version of three numbers, with or without a leading `v` and with what may follow them (`-rc.1`); nil for
  /// anything else.
  package init?(_ text: String) {
    let plain = text.hasPrefix("v") ? text.dropFirst() : text[...]
    let core = plain.prefix { $0 != "-" && $0 != "+" }
    let parts = core.split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part in part.allSatisfy(\.isASCIIDigit) && part.count < 6 ? Int(part) : nil }
    guard parts.count == 3, numbers.count == 3,
      plain.utf8.allSatisfy({ Self.isAllowed($0) }), plain.count < 64
    else { return nil }
    self.numbers = numbers
    description = String(plain)
  }

  /// For the versions this program names itself.
  fileprivate init(_ major: Int, _ minor: Int, _ patch: Int) {
    numbers = [major, minor, patch]
    description = "\(major).\(minor).\(patch)"
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"):
      true
    default: false
    }
  }

  /// Major and minor as the charts write them: `0.15`.
  package var minor: String { "\(numbers[0]).\(numbers[1])" }

  /// Whether both share major and minor.
  package func isSameMinor(as other: ARCRelease) -> Bool { numbers.prefix(2) == other.numbers.prefix(2) }

  /// By their numbers; what follows them is not looked at.
  package static func < (a: ARCRelease, b: ARCRelease) -> Bool { a.numbers.lexicographicallyPrecedes(b.numbers) }

  /// Whether it is of a later minor version than another.
  package func isLaterMinor(than other: ARCRelease) -> Bool { !isSameMinor(as: other) && self > other }

  /// Whether ARC behaves as from 0.15 on: counts are not in statuses, an idle runner stays `Pending`, an
  /// EphemeralRunnerSet is named like its scale set and changed in place, deleting a busy runner kills its job.
  package var isInPlaceGeneration: Bool { self >= SupportedARC.inPlace }

  /// Whether its scale set chart has `listenerConfig`, and refuses labels and annotations that are not as Kubernetes has
  /// them: from 0.15 on.
  package var hasCheckingChart: Bool { self >= SupportedARC.inPlace }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}

/// The versions of ARC that deskrun works with. This is the one place that lists them.
package enum SupportedARC {
  /// Oldest first. Other patch releases of these minor versions work alike.
  package static let releases = [oldest, newest]
  /// What a cluster without a controller gets, and what `deskrun upgrade` brings others to.
  package static let newest = ARCRelease(0, 15, 0)
  /// The oldest of them. What its charts refuse, all refuse.
  package static let oldest = ARCRelease(0, 14, 2)
  /// The first that changes scale sets in place.
  package static let inPlace = ARCRelease(0, 15, 0)
  /// One that is too old, as the demo has it.
  package static let tooOld = ARCRelease(0, 13, 1)

  /// All of them as words: `0.14.2 and 0.15.0`.
  package static var words: String { releases.map(\.description).joined(separator: " and ") }

  /// Whether deskrun works with this version.
  package static func includes(_ release: ARCRelease) -> Bool { releases.contains { $0.isSameMinor(as: release) } }

  /// The version as a controller or scale set names it, where deskrun works with it.
  package static func release(_ version: String) -> ARCRelease? {
    ARCRelease(version).flatMap { includes($0) ? $0 : nil }
  }

  /// Whether a version is later than all that deskrun works with.
  package static func isTooNew(_ version: String) -> Bool {
    ARCRelease(version).map { $0.isLaterMinor(than: newest) } ?? false
  }

  /// The version a user names: `0.15.0`, or `0.15` for the newest of that minor version.
  ///
  /// - Throws: `EngineError` of kind `invalid` for one that deskrun does not work with.
  package static func named(_ text: String) throws(EngineError) -> ARCRelease {
    if let release = releases.last(where: { $0.minor == text }) { return release }
    if let release = release(text) { return release }
    throw EngineError(
      .invalid,
      ARCRelease(text) == nil ? "\(SafeText.line(text)) is not a version of ARC" : "ARC \(text) is not supported",
      why: "This deskrun supports ARC \(words) and their other patch releases",
      fix: "Use one of these, or a deskrun that supports it")
  }
}
