import Basics

/// Why a listener cannot work, as established by its own messages. The fix depends on the case, so rules decide by the
/// case and never by the message.
package enum ListenerFailure: String, Sendable, Equatable {
  /// GitHub rejects the credentials (401): wrong, expired or revoked.
  case unauthorized
  /// The credentials lack permission (403).
  case forbidden
  /// The scale set no longer exists on GitHub (404, `RunnerScaleSetNotFoundException`). Its id is stored in the
  /// cluster, so a restart requests the same one again.
  case scaleSetGone
  /// The installation of the GitHub App does not exist (404).
  case appInstallationGone
  /// The repository, organization or enterprise does not exist, or is not visible with these credentials (404).
  case notFound
  /// Another listener holds the session (409).
  case conflict
  /// GitHub limits the rate of requests (429).
  case rateLimited
  /// GitHub reports an internal error (5xx).
  case serverError
  /// GitHub cannot be reached: name resolution, routing, connection refused, closed or timed out.
  case unreachable
  /// The listener gave up after several attempts without logging the response: 429 or 5xx, since failed connections are
  /// logged.
  case gaveUp
  /// Kubernetes does not allow the listener to change its set of runners.
  case patchRefused
  /// It belongs to a set of runners that no longer exists. The controller gives a new listener the right name.
  case boundToDeletedSet
  /// Any other reason; see its message.
  case other

  /// The meaning in a few words, to end a sentence about a listener.
  package var words: String {
    switch self {
    case .unauthorized: "GitHub rejects its credentials (401)"
    case .forbidden: "GitHub does not allow its credentials to manage runners (403)"
    case .scaleSetGone: "GitHub no longer knows its scale set (404)"
    case .appInstallationGone: "GitHub knows no such installation of its GitHub App (404)"
    case .notFound: "GitHub does not find its repository, organization or enterprise (404)"
    case .conflict: "another listener has a session for this name with GitHub (409)"
    case .rateLimited: "GitHub limits its requests (429)"
    case .serverError: "GitHub answers with an internal error (5xx)"
    case .unreachable: "GitHub cannot be reached from the cluster"
    case .gaveUp: "GitHub keeps refusing it; usually a rate limit (429) or an error of GitHub's"
    case .patchRefused: "Kubernetes does not let it change the number of runners"
    case .boundToDeletedSet: "it is bound to a set of runners that no longer exists"
    case .other: "its log says why"
    }
  }

  /// Classifies a message.
  ///
  /// - Parameter message: the whole error, however long: the status comes after some 390 characters.
  package init(_ message: String) {
    if let status = Self.status(message), let failure = Self.of(status, message) {
      self = failure
    } else if let failure = Self.ofException(message) ?? Self.ofPatch(message) ?? Self.ofConnection(message) {
      self = failure
    } else {
      self = message.firstRange(of: " giving up after ") != nil ? .gaveUp : .other
    }
  }

  /// The HTTP status of GitHub's response. Its position is determined by ARC and its libraries; digits elsewhere, in
  /// ids and addresses, have no meaning.
  package static func status(_ message: String) -> Int? {
    let marks = [
      "failed(status=\"", "unexpected status code: ", "StatusCode ", "StatusCode: ", "statusCode ", "status code: ",
      "status code ", "HTTP status ", "http status ",
    ]
    for mark in marks {
      guard let found = message.firstRange(of: mark), let code = code(message[found.upperBound...]) else { continue }
      return code
    }
    // `failed to get runner registration token (401 Unauthorized)`.
    for (code, reason) in reasons where message.firstRange(of: "(\(code) \(reason))") != nil { return code }
    // `401 Unauthorized`, `409 - had issue communicating with Actions backend`, at the start of a part.
    for (index, part) in message.split(separator: ":", omittingEmptySubsequences: true).enumerated() {
      let part = part.drop { $0 == " " }
      guard let code = code(part) else { continue }
      let rest = part.dropFirst(3)
      // A bare number between colons is a port.
      if (rest.isEmpty && index == 0) || rest.hasPrefix(" - ")
        || reasons[code].map({ rest.hasPrefix(" " + $0) }) == true
      {
        return code
      }
    }
    return nil
  }

  private static let reasons = [
    401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict", 429: "Too Many Requests",
    500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
  ]

  /// Three digits not followed by a fourth.
  private static func code(_ text: Substring) -> Int? {
    let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
    guard digits.count == 3 else { return nil }
    return Int(Substring(digits))
  }

  private static func of(_ status: Int, _ message: String) -> ListenerFailure? {
    switch status {
    case 401: .unauthorized
    case 403: message.firstRange(of: "rate limit") != nil ? .rateLimited : .forbidden
    case 404:
      names(message, "RunnerScaleSetNotFoundException")
        ? .scaleSetGone : names(message, "/app/installations/") ? .appInstallationGone : .notFound
    case 409: .conflict
    case 429: .rateLimited
    case 500...599: .serverError
    default: nil
    }
  }

  private static func names(_ message: String, _ exception: String) -> Bool { message.firstRange(of: exception) != nil }

  private static func ofException(_ message: String) -> ListenerFailure? {
    if names(message, "RunnerScaleSetSessionConflictException") { return .conflict }
    if names(message, "RunnerScaleSetNotFoundException") { return .scaleSetGone }
    if names(message, "AccessCheckException") || names(message, "AccessDeniedException") { return .forbidden }
    if names(message, "VssUnauthorizedException") { return .unauthorized }
    return nil
  }

  /// Kubernetes' response to the only change that a listener makes there.
  private static func ofPatch(_ message: String) -> ListenerFailure? {
    guard let patch = message.firstRange(of: "could not patch ephemeral runner set") else { return nil }
    return message[patch.upperBound...].hasSuffix("not found") ? .boundToDeletedSet : .patchRefused
  }

  /// The last part of the chain, after the quoted address, tells how a connection failed.
  private static func ofConnection(_ message: String) -> ListenerFailure? {
    let last = message.split(separator: "\"", omittingEmptySubsequences: false).last.map(String.init) ?? message
    let words = [
      "dial tcp", "no such host", "connection refused", "connection reset", "i/o timeout", "TLS handshake timeout",
      "context deadline exceeded", "no route to host", "network is unreachable", "proxyconnect", "x509: ",
    ]
    if words.contains(where: { last.firstRange(of: $0) != nil }) { return .unreachable }
    let end = last.split(separator: ":").last.map { $0.drop { $0 == " " } } ?? ""
    return end == "EOF" || end == "unexpected EOF" ? .unreachable : nil
  }

  /// The message as displayed: short, with the status and the reason. The middle of a chain is the least informative.
  package static func shown(_ message: String) -> String {
    let limit = 320
    let text = SecretMask.masked(SafeText.line(message))
    guard text.count > limit else { return text }
    let marks = ["failed(status=\"", "could not patch", "giving up after"]
    let tail = marks.lazy.compactMap { text.firstRange(of: $0)?.lowerBound }.first ?? text.endIndex
    var end = text[tail...]
    if end.isEmpty || end.count > limit - 60 { end = end.isEmpty ? text.suffix(limit - 100) : end.prefix(limit - 60) }
    let head = text.prefix(max(40, limit - end.count))
    return head.endIndex >= end.startIndex ? String(text.prefix(limit)) + " …" : "\(head) … \(end)"
  }
}
