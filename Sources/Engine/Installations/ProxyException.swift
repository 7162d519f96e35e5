import Basics

/// An exception from the proxy, as read by Go's httpproxy (golang.org/x/net/http/httpproxy). Controller and listener
/// are Go programs, and they silently ignore invalid exceptions.
enum ProxyException {
  /// Whether a text is `*`, a host or address with or without a port, a domain (`.example.com`, `*.example.com`), or an
  /// address range (`10.0.0.0/8`).
  static func isValid(_ text: String) -> Bool {
    if text == "*" { return true }
    if let slash = text.firstIndex(of: "/") {
      return isRange(text[..<slash], length: text[text.index(after: slash)...])
    }
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { return false }
      let port = text[text.index(after: end)...]
      return isIPv6(text[text.index(after: text.startIndex)..<end]) && (port.isEmpty || isPort(port))
    }
    if text.utf8.filter({ $0 == UInt8(ascii: ":") }).count > 1 { return isIPv6(text[...]) }
    let colon = text.lastIndex(of: ":")
    if let colon, !isPort(text[colon...]) { return false }
    return isHost(text[..<(colon ?? text.endIndex)])
  }

  private static func isRange(_ address: Substring, length: Substring) -> Bool {
    guard length.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let bits = Int(length) else { return false }
    return isIPv4(address) && bits <= 32 || isIPv6(address) && bits <= 128
  }

  private static func isPort(_ text: Substring) -> Bool {
    text.first == ":" && (Int(text.dropFirst()).map { (1...65535).contains($0) } ?? false)
  }

  private static func isIPv4(_ text: Substring) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy(isOctet)
  }

  private static func isOctet(_ text: Substring) -> Bool {
    (1...3).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
      && (text.count == 1 || text.first != "0") && (Int(text).map { $0 <= 255 } ?? false)
  }

  /// Groups of hexadecimal digits with at most one `::`; the last two groups may be an IPv4 address.
  private static func isIPv6(_ text: Substring) -> Bool {
    var groups = text.split(separator: ":", omittingEmptySubsequences: false)
    guard groups.count > 2 else { return false }
    var count = 0
    var endsInIPv4 = false
    if let last = groups.last, last.contains(".") {
      guard isIPv4(last) else { return false }
      groups.removeLast()
      count += 2
      endsInIPv4 = true
    }
    var gaps = 0
    for (index, group) in groups.enumerated() {
      if group.isEmpty {
        // `::` at the start or end produces two empty parts.
        let isEdge = index == 0 || (index == groups.count - 1 && !endsInIPv4)
        if isEdge, groups[index == 0 ? 1 : index - 1].isEmpty { continue }
        gaps += 1
      } else {
        guard group.utf8.count <= 4, group.allSatisfy(\.isHexDigit) else { return false }
        count += 1
      }
    }
    return gaps == 0 ? count == 8 : gaps == 1 && count < 8
  }

  /// A DNS name, a domain with a leading `.` or `*.`, or an IPv4 address.
  private static func isHost(_ text: Substring) -> Bool {
    var name = text
    if name.hasPrefix("*.") { name = name.dropFirst(2) } else if name.hasPrefix(".") { name = name.dropFirst() }
    if name.hasSuffix(".") { name = name.dropLast() }
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    // Numeric labels only: it must be a valid address.
    if labels.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) { return name == text && isIPv4(text) }
    return name.utf8.count < 254
      && labels.allSatisfy { label in
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
          && label.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
      }
  }
}
