import Basics

/// What the log of one listener's pod tells of its session with GitHub.
package struct ListenerSession: Sendable, Equatable {
  /// When it first asked for messages, as far as the log reaches back, in seconds since 1970: from then on it had its
  /// session. Nil when it never did; 0 when the line has no time.
  package private(set) var since: Int64?
  /// How it ended, when that was with an error.
  package private(set) var end: ListenerProblem?

  /// Reads the end of a listener's log.
  package init(log: String) {
    for line in log.utf8.split(separator: 0x0A) {
      switch ListenerLog.fact(Array(line)[...]) {
      case .polled(let at):
        since = since ?? at ?? 0
        end = nil
      case .problem(let problem, _) where problem.isLastWord: end = problem
      default: continue
      }
    }
  }

  /// Its last words, short and without secrets and control characters.
  package var lastWords: String? { end?.text }

  /// What ended it, in a few words: what the last words mean, where that is known; else their end, where the cause is.
  package var cause: String? {
    end.map { end in
      guard end.failure == .other else { return end.failure.words }
      return end.text.count > 200 ? "…" + end.text.suffix(200) : end.text
    }
  }
}
