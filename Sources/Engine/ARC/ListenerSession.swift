import Basics

/// What the log of a listener's pod reveals about its session with GitHub.
package struct ListenerSession: Sendable, Equatable {
  /// When it first polled for messages, as far back as the log goes, in seconds since 1970: it has had a session since
  /// then. Nil if it never did; 0 if the line has no time.
  package private(set) var since: Int64?
  /// The error that it ended with, if any.
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

  /// Its final error, shortened, without secrets and control characters.
  package var lastWords: String? { end?.text }

  /// What ended it, in a few words: the meaning of the error, if known, otherwise its end, which has the cause.
  package var cause: String? {
    end.map { end in
      guard end.failure == .other else { return end.failure.words }
      return end.text.count > 200 ? "…" + end.text.suffix(200) : end.text
    }
  }
}
