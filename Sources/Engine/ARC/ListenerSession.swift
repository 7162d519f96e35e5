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

  /// What ended it, in a few words: what the last words mean, where that is known; else their end, where the cause is.
  package var cause: String? {
    guard let lastWords else { return nil }
    let failure = ListenerFailure(lastWords)
    guard failure == .other else { return failure.words }
    return lastWords.count > 200 ? "…" + lastWords.suffix(200) : lastWords
  }
}
