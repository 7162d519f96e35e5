/// The answer to one question of `deskrun doctor`.
public struct DoctorCheck: Sendable, Equatable, Identifiable {
  /// How good the answer is.
  public enum Verdict: String, Sendable, Equatable {
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
  public var id: String
  /// What was looked at.
  public var title: String
  /// How good it is.
  public var verdict: Verdict
  /// What was found, in a few words.
  public var finding: String
  /// What to do, where something is to be done.
  public var fix: String?

  /// Makes a check's answer.
  public init(id: String, title: String, verdict: Verdict, finding: String, fix: String? = nil) {
    self.id = id
    self.title = title
    self.verdict = verdict
    self.finding = finding
    self.fix = fix
  }

  /// The answer a failure gives.
  public init(id: String, title: String, failure: EngineError) {
    self.init(
      id: id, title: title, verdict: .bad,
      finding: failure.what + (failure.why.map { ": \($0)" } ?? ""), fix: failure.fix)
  }
}
