import Basics

/// The result of a check of `deskrun doctor`.
package struct DoctorCheck: Sendable, Equatable, Identifiable {
  /// The verdict on a check.
  package enum Verdict: String, Sendable, Equatable {
    /// Good.
    case good
    /// Works, but maybe not for long or not for everything.
    case warning
    /// A problem.
    case bad
    /// Unknown because of an earlier problem, or not applicable.
    case unknown
  }

  /// Stable between runs: `docker`, `credentials/web-ci`.
  package var id: String
  /// The subject of the check.
  package var title: String
  package var verdict: Verdict
  /// The result, in a few words.
  package var finding: String
  /// What to do, if anything.
  package var fix: String?

  package init(id: String, title: String, verdict: Verdict, finding: String, fix: String? = nil) {
    self.id = id
    self.title = title
    self.verdict = verdict
    self.finding = finding
    self.fix = fix
  }

  /// Creates the result for a failure.
  package init(id: String, title: String, failure: EngineError) {
    self.init(
      id: id, title: title, verdict: .bad,
      finding: failure.what + (failure.why.map { ": \($0)" } ?? ""), fix: failure.fix)
  }
}
