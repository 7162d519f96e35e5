import Basics

/// What the log of one listener's pod tells of its session with GitHub.
package struct ListenerSession: Sendable, Equatable {
  /// When it first asked for messages, as far as the log reaches back, in seconds since 1970: from then on it had its
  /// session. Nil when it never did; 0 when the line has no time.
  package private(set) var since: Int64?
  /// Its last words, when it ended with an error, without secrets and control characters.
  package private(set) var lastWords: String?

  /// Reads the end of a listener's log.
  package init(log: String) {
    for line in log.split(whereSeparator: \.isNewline) {
      let fields = LogFields(line)
      if fields.message.hasPrefix("Getting next message") {
        since = since ?? fields.time ?? 0
        lastWords = nil
      } else if fields.message.hasPrefix("Application returned an error") {
        let words = [fields.error, fields.message].compactMap { $0 }.first { !$0.isEmpty } ?? fields.message
        lastWords = SecretMask.masked(SafeText.line(words))
      }
    }
  }

  /// What ended it, in a few words: GitHub's status and the name of the exception, where the last words have them
  /// (`409 Conflict, RunnerScaleSetSessionConflictException`); else the end of the last words, where the cause stands.
  package var cause: String? {
    guard let lastWords else { return nil }
    let parts = [Self.status(in: lastWords), Self.exception(in: lastWords)].compactMap { $0 }
    if !parts.isEmpty { return parts.joined(separator: ", ") }
    return lastWords.count > 200 ? "…" + lastWords.suffix(200) : lastWords
  }

  private static func status(in words: String) -> String? {
    for mark in ["status=\\\"", "status=\""] {
      let parts = words.components(after: mark)
      if let status = parts?.prefix(while: { $0 != "\"" && $0 != "\\" }), !status.isEmpty { return String(status) }
    }
    return nil
  }

  private static func exception(in words: String) -> String? {
    words.split { !$0.isLetter }.last { $0.hasSuffix("Exception") && $0.count > "Exception".count }.map(String.init)
  }
}

extension String {
  /// What follows the first occurrence of a text; nil when it does not occur.
  fileprivate func components(after mark: String) -> Substring? {
    guard let found = firstRange(of: mark) else { return nil }
    return self[found.upperBound...]
  }
}
