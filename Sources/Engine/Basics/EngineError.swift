/// Something that went wrong, told the way a user needs it: what happened, why, and what to do next.
///
/// Every error that leaves the Engine is of this type. None of its texts holds a secret.
package struct EngineError: Error, Sendable, Equatable {
  /// The class of a failure. A front end turns it into an exit code or a colour.
  package enum Kind: String, Sendable, Equatable, CaseIterable {
    /// The call itself was not understood.
    case usage
    /// A value was refused; nothing was changed.
    case invalid
    /// The configuration file is damaged or cannot be read or written.
    case configuration
    /// A program deskrun drives (kubectl, helm, kind, docker, …) is missing or unusable.
    case toolMissing
    /// Docker or the cluster does not answer.
    case unreachable
    /// GitHub or the cluster refused the credentials.
    case unauthorized
    /// The named thing does not exist.
    case notFound
    /// It took longer than the step allows.
    case timedOut
    /// An operation failed for another reason.
    case failed
    /// The user stopped it.
    case interrupted
  }

  /// The class of the failure.
  package var kind: Kind
  /// What happened, one sentence without a full stop at its end.
  package var what: String
  /// Why it happened, where that is known.
  package var why: String?
  /// What to do next, where that is known.
  package var fix: String?
  /// Output of a tool or further lines worth showing below, already free of secrets and control characters.
  package var details: [String]

  /// Makes an error from its sentences. They may quote what somebody typed in the wrong place, so what looks like a
  /// token or a key in them is masked here, once for all.
  package init(_ kind: Kind, _ what: String, why: String? = nil, fix: String? = nil, details: [String] = []) {
    self.kind = kind
    self.what = SecretMask.masked(what)
    self.why = why.map(SecretMask.masked)
    self.fix = fix.map(SecretMask.masked)
    self.details = details.map(SecretMask.masked)
  }
}

extension EngineError: CustomStringConvertible {
  /// The sentences, one a line.
  package var description: String {
    var lines = [what]
    if let why { lines.append("why: \(why)") }
    if let fix { lines.append("fix: \(fix)") }
    lines += details
    return lines.joined(separator: "\n")
  }
}
