/// An error in the form a user needs: what happened, why, and what to do next.
///
/// Every error that leaves the Engine has this type. None of its texts contains a secret.
package struct EngineError: Error, Sendable, Equatable {
  /// The class of a failure. Front ends map it to an exit code or a color.
  package enum Kind: String, Sendable, Equatable, CaseIterable {
    /// The command line is invalid.
    case usage
    /// A value was rejected; nothing was changed.
    case invalid
    /// The configuration file is damaged or cannot be read or written.
    case configuration
    /// A program that deskrun uses (kubectl, helm, kind, docker, …) is missing or unusable.
    case toolMissing
    /// Docker or the cluster does not respond.
    case unreachable
    /// GitHub or the cluster rejected the credentials.
    case unauthorized
    /// The named object does not exist.
    case notFound
    /// A step exceeded its time limit.
    case timedOut
    /// An operation failed for another reason.
    case failed
    /// The user canceled it.
    case interrupted
  }

  /// The class of the failure.
  package var kind: Kind
  /// What happened, in one sentence without a full stop.
  package var what: String
  /// Why it happened, if known.
  package var why: String?
  /// What to do next, if known.
  package var fix: String?
  /// Output of a tool or further lines to show below, without secrets and control characters.
  package var details: [String]
  /// What keeps a cluster from being read, if the error is about that.
  package var obstacle: ClusterObstacle?

  /// Creates an error from its sentences. They may quote what somebody typed in the wrong place, so everything that
  /// looks like a token or a key is masked here, for all errors.
  package init(
    _ kind: Kind, _ what: String, why: String? = nil, fix: String? = nil, details: [String] = [],
    obstacle: ClusterObstacle? = nil
  ) {
    self.kind = kind
    self.obstacle = obstacle
    self.what = SecretMask.masked(what)
    self.why = why.map(SecretMask.masked)
    self.fix = fix.map(SecretMask.masked)
    self.details = details.map(SecretMask.masked)
  }
}

extension EngineError: CustomStringConvertible {
  /// The sentences, one per line.
  package var description: String {
    var lines = [what]
    if let why { lines.append("why: \(why)") }
    if let fix { lines.append("fix: \(fix)") }
    lines += details
    return lines.joined(separator: "\n")
  }
}
