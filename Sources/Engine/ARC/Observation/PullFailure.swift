import Basics

/// Why an image could not be pulled, from the message of the kubelet or the container runtime.
package struct PullFailure: Sendable, Equatable {
  /// The cause established by the message; each needs a different fix.
  package enum Cause: Sendable, Equatable {
    /// The image or tag does not exist in the registry.
    case notFound
    /// The registry denies access: not logged in, or no permission.
    case denied
    /// The registry limits the rate of pulls (429).
    case rateLimited
    /// The registry's certificate is not trusted.
    case certificate
    /// The registry cannot be reached: name resolution, routing, proxy, timeout.
    case network
    /// The image has no variant for the node's processor.
    case platform
    /// The node's disk is full.
    case diskFull
    /// The message does not tell.
    case unknown
  }

  /// The established cause.
  package let cause: Cause
  /// The message without repetitions of the image's name and address; empty if nothing else is left.
  package let words: String

  /// Reads a message.
  ///
  /// - Parameters:
  ///   - message: for example `failed to pull and unpack image "I": failed to resolve reference "I": … not found`.
  ///   - image: the image's name, which is not part of the reason: it may contain any text.
  package init(_ message: String, image: String) {
    var rest = Substring(message)
    // Quoted text is a name or an address and must not affect the result.
    while let back = rest.firstRange(of: "Back-off pulling image ") {
      let after = rest[back.upperBound...]
      guard let colon = after.firstRange(of: ": ") else {
        rest = ""
        break
      }
      rest = after[colon.upperBound...]
    }
    let parts = Self.parts(String(rest))
    let telling = parts.filter { !$0.isWrapping }.map(\.text)
    words = telling.joined(separator: ": ")
    cause = Self.cause(of: telling.map { Self.unquoted($0).lowercased().replacing(image.lowercased(), with: "") })
  }

  private struct Part {
    var text: String
    /// Whether it only tells what was attempted.
    var isWrapping: Bool
  }

  /// Splits the message at `: ` outside of quotation marks.
  private static func parts(_ message: String) -> [Part] {
    var parts: [String] = []
    var part = ""
    var isQuoted = false
    var wasColon = false
    for character in message {
      if character == "\"" { isQuoted.toggle() }
      if character == " ", wasColon, !isQuoted {
        part.removeLast()
        parts.append(part)
        part = ""
      } else {
        part.append(character)
      }
      wasColon = character == ":" && !isQuoted
    }
    if !part.isEmpty { parts.append(part) }
    return parts.map { part in
      Part(
        text: part,
        isWrapping: [
          "failed to pull and unpack image", "failed to resolve reference", "failed to do request", "ErrImagePull",
          "rpc error", "Head \"", "Get \"", "failed to pull image", "Failed to pull image",
        ].contains(where: part.hasPrefix))
    }
  }

  private static func unquoted(_ text: String) -> String {
    text.split(separator: "\"", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 0 }
      .map { String($0.element) }.joined(separator: " ")
  }

  private static func cause(of parts: [String]) -> Cause {
    func says(_ words: String...) -> Bool { parts.contains { part in words.contains { part.contains($0) } } }
    if says("429", "too many requests", "toomanyrequests", "rate limit") { return .rateLimited }
    if says("x509", "certificate") { return .certificate }
    if says(
      "no such host", "dial tcp", "i/o timeout", "connection refused", "no route to host", "network is unreachable",
      "connection reset", "tls handshake timeout", "deadline exceeded", "proxyconnect", "eof")
    {
      return .network
    }
    if says("no space left on device") { return .diskFull }
    if says("no match for platform") { return .platform }
    if says("unauthorized", "denied", "forbidden", "authentication required", "no basic auth credentials") {
      return .denied
    }
    if says("not found", "manifest unknown", "does not exist") { return .notFound }
    return .unknown
  }
}
