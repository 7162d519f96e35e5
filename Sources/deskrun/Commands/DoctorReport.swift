import CommandOutput
import Engine

/// The output of `deskrun doctor`. Its JSON is documented in docs/output.md.
enum DoctorReport {
  /// - Parameter groups: the checks of each cluster, with the cluster.
  static func listing(_ groups: [(target: ClusterTarget, checks: [DoctorCheck])]) -> Listing {
    let checks = groups.flatMap(\.checks)
    var table = Table([
      .init("CHECK", minimum: 20), .init("FINDING", minimum: 30, wraps: true), .init("FIX", below: "fix: "),
    ])
    for check in checks {
      table.add([
        .init(check.title, mark: mark(check.verdict)), .init(check.finding, role(check.verdict)),
        .init(check.fix ?? ""),
      ])
    }
    return Listing(
      table: table,
      document: [
        "context": .string(groups.first?.target.context ?? ""),
        "healthy": .bool(!checks.contains { $0.verdict == .bad }),
        "findings": .array(groups.flatMap { group in group.checks.map { document($0, group.target) } }),
      ],
      names: checks.filter { $0.verdict == .bad || $0.verdict == .warning }.map(\.id))
  }

  /// A check's result as a finding. The rule is the first part of the check's id; for an installation, the id also
  /// contains its name: `credentials/web-ci`.
  private static func document(_ check: DoctorCheck, _ target: ClusterTarget) -> JSONValue {
    let parts = check.id.split(separator: "/", maxSplits: 2).map(String.init)
    return FindingsReport.document(
      rule: parts.first ?? check.id, context: target.context, kubeconfig: target.kubeconfig,
      installation: parts.count > 1 ? parts[1] : nil,
      severity: check.verdict.rawValue, cause: "\(check.title): \(check.finding)", evidence: [], fix: check.fix,
      command: nil)
  }

  private static func mark(_ verdict: DoctorCheck.Verdict) -> Mark {
    switch verdict {
    case .good: .healthy
    case .warning: .warning
    case .bad: .failing
    case .unknown: .unknown
    }
  }

  private static func role(_ verdict: DoctorCheck.Verdict) -> Role {
    switch verdict {
    case .good: .plain
    case .warning: .warning
    case .bad: .bad
    case .unknown: .faint
    }
  }
}
