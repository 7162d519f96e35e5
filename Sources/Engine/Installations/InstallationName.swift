import ARC
import Basics
import Tools

/// The name of an installation: a DNS label of at most 45 characters, not reserved for the controller; `NAME@PLACE` for
/// a second installation of that name, on another cluster.
package struct InstallationName: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Maximum number of characters.
  package static let limit = 45
  /// Names reserved for the controller.
  package static let reserved: Set<String> = [
    ARCCharts.controllerRelease, ARCCharts.controllerDeployment, "gha-rs-controller",
  ]

  /// The name on GitHub and in the cluster: of the scale set and its Helm release, the label for `runs-on`, and the mark
  /// of what deskrun deploys. The chart limits it to 45 characters: the names of objects derived from it must fit into
  /// Kubernetes' 63.
  package let plain: String
  /// What distinguishes it from the first installation of that name; nil for the first. Derived from the context of its
  /// cluster when it was added.
  package let place: String?
  /// The name in the configuration, where it is unique: `NAME`, or `NAME@PLACE`.
  package let description: String

  /// Validates a name as it is given to a new installation, or stored as a key: without a place.
  ///
  /// - Throws: `EngineError` of kind `invalid` that tells what is wrong and suggests a valid name.
  package init(_ text: String) throws(EngineError) {
    guard !text.isEmpty else {
      throw EngineError(.invalid, "The name is empty", fix: "Give one, for example: my-runner")
    }
    guard !Self.reserved.contains(text) else {
      throw EngineError(
        .invalid, "The name \(text) belongs to the controller", fix: "Choose another, for example: \(text)-1")
    }
    let problem: String? =
      if !text.utf8.allSatisfy(Self.isAllowed) {
        "it may contain only lowercase letters, digits and `-`"
      } else if text.utf8.count > Self.limit {
        "it has \(text.count) characters, and ARC allows \(Self.limit)"
      } else if text.hasPrefix("-") || text.hasSuffix("-") {
        "it must start and end with a lowercase letter or digit"
      } else {
        nil
      }
    if let problem {
      throw EngineError(
        .invalid, "The name \"\(SafeText.line(text))\" cannot be used", why: problem,
        fix: Self.proposal(for: text).map { "For example: \($0)" } ?? "For example: my-runner")
    }
    (plain, place, description) = (text, nil, text)
  }

  /// The name without the place, which the first installation of that name has.
  package var first: InstallationName { InstallationName(first: plain) }

  private init(first plain: String) { (self.plain, place, description) = (plain, nil, plain) }

  /// The name of a further installation with the name of another, on the cluster of a context.
  package init(_ first: InstallationName, atContext context: String) {
    self.init(first, at: Self.place(ofContext: context))
  }

  /// - Parameter place: as `isPlace` accepts it.
  private init(_ first: InstallationName, at place: String) {
    (plain, self.place, description) = (first.plain, place, "\(first.plain)@\(place)")
  }

  /// A name as it is typed or stored for an existing installation: `NAME`, or `NAME@PLACE`.
  ///
  /// - Throws: `EngineError` of kind `invalid`, as for a name without a place.
  package init(reference text: String) throws(EngineError) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, Self.isPlace(parts[1]) else {
      try self.init(text)
      return
    }
    self.init(try InstallationName(String(parts[0])), at: String(parts[1]))
  }

  /// A context's name with only characters that neither a shell nor a file name interprets.
  package static func place(ofContext context: String) -> String {
    String(context.map { isPlace(String($0)[...]) ? $0 : "-" }.prefix(placeLimit))
  }

  private static let placeLimit = 200

  private static func isPlace(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.count <= placeLimit
      && text.unicodeScalars.allSatisfy {
        $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || "-._:@+".unicodeScalars.contains($0))
      }
  }

  /// Rejects a name that YAML reads as something other than a string. The chart does not quote names in its templates,
  /// so Kubernetes would get a number or a Boolean instead of a string.
  ///
  /// - Throws: `EngineError` of kind `invalid`.
  package func checkReadAsText() throws(EngineError) {
    let kind: String
    if ["y", "n", "yes", "no", "on", "off", "true", "false"].contains(description) {
      kind = "a truth value"
    } else if description == "null" {
      kind = "no value"
    } else if Self.isNumber(description) {
      kind = "a number"
    } else {
      return
    }
    throw EngineError(
      .invalid, "The name \"\(description)\" cannot be used", why: "Helm's charts and Kubernetes read it as \(kind)",
      fix: "For example: runner-\(description)")
  }

  /// Whether it is a number in YAML 1.1 or 1.2, considering only characters allowed in names.
  private static func isNumber(_ name: String) -> Bool {
    func isDigits(_ text: Substring) -> Bool { !text.isEmpty && text.allSatisfy(\.isNumber) }
    let rest = name.dropFirst(2)
    if name.hasPrefix("0x") { return !rest.isEmpty && rest.allSatisfy(\.isHexDigit) }
    if name.hasPrefix("0b") || name.hasPrefix("0o") { return isDigits(rest) }
    let parts = name.split(separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
    guard isDigits(parts[0]) else { return false }
    return parts.count == 1 || isDigits(parts[1].first == "-" ? parts[1].dropFirst() : parts[1])
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
    default: false
    }
  }

  /// The most similar valid name, or nil if nothing of the text can be kept.
  private static func proposal(for text: String) -> String? {
    guard !SecretShapes.isSecret(text) else { return nil }
    let hyphen = UInt8(ascii: "-")
    var bytes = Array(
      text.lowercased().unicodeScalars.lazy
        .map { UInt8(exactly: $0.value).flatMap { isAllowed($0) ? $0 : nil } ?? hyphen }
        .drop { $0 == hyphen }.prefix(limit))
    while bytes.last == hyphen { bytes.removeLast() }
    let name = String(decoding: bytes, as: UTF8.self)
    return name.isEmpty || reserved.contains(name) ? nil : name
  }

  /// Alphabetical order.
  package static func < (a: InstallationName, b: InstallationName) -> Bool { a.description < b.description }
}
