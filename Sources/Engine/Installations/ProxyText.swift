import Basics

/// Parses proxy settings of the command line.
enum ProxyText {
  /// The requests that use the proxy.
  enum Scheme { case http, https, both }

  /// Reads `URL`, `http=URL` or `https=URL`.
  ///
  /// - Throws: `EngineError` of kind `invalid`; it never contains credentials of the URL.
  static func read(_ text: String, _ option: String) throws(EngineError) -> (Scheme, String) {
    var (scheme, url) = (Scheme.both, Substring(text))
    if text.hasPrefix("http=") { (scheme, url) = (.http, text.dropFirst(5)) }
    if text.hasPrefix("https=") { (scheme, url) = (.https, text.dropFirst(6)) }
    let example = "For example: \(option) http://proxy.example.com:3128"
    guard let end = url.firstRange(of: "://") else {
      throw EngineError(.invalid, "\(option) is not a URL: it has no http://", fix: example)
    }
    var rest = url[end.upperBound...]
    // An invalid URL may contain credentials anywhere, so the error message shows none of it.
    guard !rest.contains("@") else {
      throw EngineError(
        .invalid, "\(option) has credentials in its URL",
        why: "They would be in the configuration and in Helm's release, for all who may read them",
        fix: "Create a Secret with the keys username and password in the runners' namespace: --proxy-secret NAME")
    }
    guard ["http", "https"].contains(url[..<end.lowerBound]) else {
      throw EngineError(
        .invalid, "\(option): ARC's proxies are http:// or https://", why: "SOCKS is not supported",
        fix: example)
    }
    if rest.hasSuffix("/") { rest.removeLast() }
    var host = rest
    if let colon = rest.lastIndex(of: ":"), !rest.hasSuffix("]") {
      guard let port = Int(rest[rest.index(after: colon)...]), (1...65535).contains(port) else {
        throw EngineError(.invalid, "\(option) has no valid port", fix: example)
      }
      host = rest[..<colon]
    }
    guard isHost(host) else {
      throw EngineError(.invalid, "\(option) is not the address of a proxy", fix: example)
    }
    return (scheme, String(url[..<end.upperBound] + rest))
  }

  /// A host, a domain (`.example.com`), an address or an address range (`10.0.0.0/8`), as read by Go's httpproxy.
  static func exception(_ text: String, _ option: String) throws(EngineError) -> String {
    guard ProxyException.isValid(text) else {
      throw EngineError(
        .invalid, "\(option)\(shownException(text)) is not a host", why: "It must be a host, a domain or a range",
        fix: "For example: \(option) .example.com, or \(option) 10.0.0.0/8")
    }
    return text
  }

  /// The invalid text, unless it may contain credentials (before an `@`) or is too long to be useful.
  private static func shownException(_ text: String) -> String {
    text.contains("@") || text.utf8.count > 100 ? "" : ": \(SafeText.line(text))"
  }

  private static func isHost(_ host: Substring) -> Bool {
    if host.hasPrefix("["), host.hasSuffix("]") {
      return host.count > 3 && host.dropFirst().dropLast().allSatisfy { $0.isHexDigit || $0 == ":" }
    }
    return !host.isEmpty && host.utf8.count < 254 && host.first != "." && host.first != "-"
      && host.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-._".utf8.contains($0) }
  }
}
