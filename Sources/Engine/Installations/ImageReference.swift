/// The grammar of image references in Docker and Kubernetes (github.com/distribution/reference):
/// `[HOST[:PORT]/]PATH[:TAG][@DIGEST]`.
enum ImageReference {
  /// Why a reference is invalid, or nil.
  package static func problem(_ text: String) -> String? {
    guard !text.isEmpty else { return "it is empty" }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      return "it contains spaces or characters that image names cannot have"
    }
    var name = text[...]
    if let at = name.firstIndex(of: "@") {
      guard isDigest(name[name.index(after: at)...]) else { return "the digest after @ must have the form sha256:HEX" }
      name = name[..<at]
    }
    let last = name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex
    if let colon = name[last...].lastIndex(of: ":") {
      guard isTag(name[name.index(after: colon)...]) else { return "the tag after : is invalid" }
      name = name[..<colon]
    }
    return nameProblem(name)
  }

  private static func nameProblem(_ name: Substring) -> String? {
    var parts = name.split(separator: "/", omittingEmptySubsequences: false)
    if parts.count > 1, isHostLike(parts[0]) {
      guard isHost(parts[0]) else { return "\(parts[0]) is not the host name of a registry" }
      parts.removeFirst()
    }
    guard !parts.contains(where: \.isEmpty) else { return "a part of its path is empty" }
    guard name.utf8.count <= 255 else { return "it is longer than 255 characters" }
    if let part = parts.first(where: { !isPathPart($0) }) {
      return part.contains(where: \.isUppercase)
        ? "\(part) contains uppercase letters, and repository names are lowercase"
        : "\(part) may contain only lowercase letters, digits, and . _ - between them"
    }
    guard parts.count > 1 || name.utf8.count != 64 || !name.allSatisfy(\.isHexDigit) else {
      return "it is the ID of an image, not a name that a registry knows"
    }
    return nil
  }

  /// The first component is a host if it cannot be an owner, by Docker's own rule.
  private static func isHostLike(_ part: Substring) -> Bool {
    part.contains(".") || part.contains(":") || part == "localhost" || part.contains(where: \.isUppercase)
  }

  private static func isHost(_ text: Substring) -> Bool {
    var host = text
    if host.first == "[" {
      guard let end = host.firstIndex(of: "]"),
        host[..<end].dropFirst().allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }), host[..<end].count > 2
      else { return false }
      let port = host[host.index(after: end)...]
      return port.isEmpty || (port.first == ":" && isPort(port.dropFirst()))
    }
    if let colon = host.firstIndex(of: ":") {
      guard isPort(host[host.index(after: colon)...]) else { return false }
      host = host[..<colon]
    }
    return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
      !label.isEmpty && label.first != "-" && label.last != "-"
        && label.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") }
    }
  }

  private static func isPort(_ text: Substring) -> Bool { UInt16(text).map { $0 > 0 } ?? false }

  private static func isLowercaseOrDigit(_ byte: UInt8) -> Bool {
    byte.isASCIILetterOrDigit && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }

  /// Runs of letters and digits separated by `.`, `_`, `__` or any number of hyphens.
  private static func isPathPart(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last, isLowercaseOrDigit(first), isLowercaseOrDigit(last)
    else { return false }
    let separators = text.utf8.split(whereSeparator: isLowercaseOrDigit)
    return separators.allSatisfy { bytes in
      let separator = String(decoding: bytes, as: UTF8.self)
      return [".", "_", "__"].contains(separator) || separator.allSatisfy { $0 == "-" }
    }
  }

  private static func isTag(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 128 else { return false }
    return (first.isASCIILetterOrDigit || first == UInt8(ascii: "_"))
      && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "_.-".utf8.contains($0) }
  }

  private static func isDigest(_ text: Substring) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].first?.isLetter == true,
      parts[0].utf8.allSatisfy({ $0.isASCIILetterOrDigit || "+._-".utf8.contains($0) }),
      parts[1].allSatisfy(\.isHexDigit)
    else { return false }
    return parts[0] == "sha256" ? parts[1].utf8.count == 64 : parts[1].utf8.count >= 32
  }
}
