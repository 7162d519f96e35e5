import Basics

/// The answer to one question of `deskrun doctor`.
package struct DoctorCheck: Sendable, Equatable, Identifiable {
  /// How good the answer is.
  package enum Verdict: String, Sendable, Equatable {
    /// As it should be.
    case good
    /// Works, and may not for long or not for everything.
    case warning
    /// In the way.
    case bad
    /// Could not be told, because something before it is in the way, or does not apply.
    case unknown
  }

  /// Stable between runs: `docker`, `credentials/web-ci`.
  package var id: String
  /// What was looked at.
  package var title: String
  /// How good it is.
  package var verdict: Verdict
  /// What was found, in a few words.
  package var finding: String
  /// What to do, where something is to be done.
  package var fix: String?

  /// Makes a check's answer.
  package init(id: String, title: String, verdict: Verdict, finding: String, fix: String? = nil) {
    self.id = id
    self.title = title
    self.verdict = verdict
    self.finding = finding
    self.fix = fix
  }

  /// The answer a failure gives.
  package init(id: String, title: String, failure: EngineError) {
    self.init(
      id: id, title: title, verdict: .bad,
      finding: failure.what + (failure.why.map { ": \($0)" } ?? ""), fix: failure.fix)
  }
}
