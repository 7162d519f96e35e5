/// Determines which findings are new and which are gone, to report each once. Findings that last only for moments, as
/// while a listener is restarted, are not reported.
package struct FindingNews: Sendable {
  /// A change to report.
  package enum Change: Sendable, Equatable {
    case started(Finding)
    case gone(Finding)

    package var finding: Finding {
      switch self {
      case .started(let finding), .gone(let finding): finding
      }
    }
  }

  /// How long a finding, or its absence, must last, in seconds.
  private let patience: Int64
  private var told: [String: Finding] = [:]
  private var pending: [String: Int64] = [:]

  package init(patience: Int64) { self.patience = patience }

  /// Compares the current findings with those reported.
  ///
  /// - Parameter now: seconds since 1970.
  package mutating func take(_ findings: [Finding], at now: Int64) -> [Change] {
    var current: [String: Finding] = [:]
    for finding in findings where current[finding.id] == nil { current[finding.id] = finding }
    var changes: [Change] = []
    for finding in findings where current[finding.id] == finding && told[finding.id] == nil {
      if hasLasted(finding.id, now) { changes.append(.started(finding)) }
    }
    for (id, finding) in told.sorted(by: { $0.key < $1.key }) where current[id] == nil {
      if hasLasted(id, now) { changes.append(.gone(finding)) }
    }
    for id in pending.keys where (current[id] == nil) == (told[id] == nil) { pending[id] = nil }
    for change in changes {
      pending[change.finding.id] = nil
      if case .started(let finding) = change { told[finding.id] = finding } else { told[change.finding.id] = nil }
    }
    return changes
  }

  private mutating func hasLasted(_ id: String, _ now: Int64) -> Bool {
    let since = pending[id] ?? now
    // Setting the clock back must not make the wait longer.
    pending[id] = min(since, now)
    return now - since >= patience
  }
}
