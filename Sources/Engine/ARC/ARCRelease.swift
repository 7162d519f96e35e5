import Basics

/// A release of ARC. Its two charts, image and resource definitions share one version.
///
/// A controller deletes scale sets of another minor version, so what matters between two releases is whether major and
/// minor are equal; patch releases are upgraded in place.
package struct ARCRelease: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The version as the charts write it: `0.15.0`.
  package let description: String
  private let numbers: [Int]

  /// Parses a version of three numbers, with an optional leading `v` and suffix (`-rc.1`); nil for anything else.
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

  /// For versions defined in this program.
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

  /// Whether major and minor are equal.
  package func isSameMinor(as other: ARCRelease) -> Bool { numbers.prefix(2) == other.numbers.prefix(2) }

  /// Compares the numbers; suffixes are ignored.
  package static func < (a: ARCRelease, b: ARCRelease) -> Bool { a.numbers.lexicographicallyPrecedes(b.numbers) }

  /// Whether the minor version is later than another's.
  package func isLaterMinor(than other: ARCRelease) -> Bool { !isSameMinor(as: other) && self > other }

  /// Whether ARC behaves as in 0.15: statuses have no counts, an idle runner stays `Pending`, an EphemeralRunnerSet is
  /// named like its scale set and changed in place, and deleting a busy runner kills its job.
  package var isInPlaceGeneration: Bool { self >= SupportedARC.inPlace }

  /// Whether the scale set chart has `listenerConfig` and rejects labels and annotations that are invalid in
  /// Kubernetes: 0.15 and later.
  package var hasCheckingChart: Bool { self >= SupportedARC.inPlace }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}

/// The ARC versions that deskrun supports. They are listed only here.
package enum SupportedARC {
  /// Oldest first. Other patch releases of these minor versions behave the same.
  package static let releases = [oldest, newest]
  /// The version for a cluster without a controller, and the one `deskrun upgrade` upgrades to.
  package static let newest = ARCRelease(0, 15, 0)
  /// The oldest supported version. What its charts reject, all others reject too.
  package static let oldest = ARCRelease(0, 14, 2)
  /// The first version that changes scale sets in place.
  package static let inPlace = ARCRelease(0, 15, 0)
  /// An unsupported older version, for the demo.
  package static let tooOld = ARCRelease(0, 13, 1)

  /// All versions as text: `0.14.2 and 0.15.0`.
  package static var words: String { releases.map(\.description).joined(separator: " and ") }

  /// Whether deskrun supports this version.
  package static func includes(_ release: ARCRelease) -> Bool { releases.contains { $0.isSameMinor(as: release) } }

  /// The version given by a controller or scale set, if deskrun supports it.
  package static func release(_ version: String) -> ARCRelease? {
    ARCRelease(version).flatMap { includes($0) ? $0 : nil }
  }

  /// Whether a version is later than all supported ones.
  package static func isTooNew(_ version: String) -> Bool {
    ARCRelease(version).map { $0.isLaterMinor(than: newest) } ?? false
  }

  /// The version that a user names: `0.15.0`, or `0.15` for the newest release of that minor version.
  ///
  /// - Throws: `EngineError` of kind `invalid` if deskrun does not support it.
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
