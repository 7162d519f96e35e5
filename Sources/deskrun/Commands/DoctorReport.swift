import CommandOutput
import Engine

/// What `deskrun doctor` writes. Its JSON is documented in docs/output.md.
enum DoctorReport {
  static func listing(_ checks: [DoctorCheck]) -> Listing {
    var table = Table([.init("CHECK"), .init("FINDING"), .init("WHAT TO DO")])
    for check in checks {
      table.add([
        .init(check.title, mark: mark(check.verdict)), .init(check.finding, role(check.verdict)),
        .init(check.fix ?? ""),
      ])
    }
    return Listing(
      table: table,
      document: [
        "healthy": .bool(!checks.contains { $0.verdict == .bad }),
        "checks": .array(
          checks.map { check in
            [
              "id": .string(check.id), "title": .string(check.title), "verdict": .string(check.verdict.rawValue),
              "finding": .string(check.finding), "fix": check.fix.map(JSONValue.string) ?? .null,
            ]
          }),
      ],
      names: checks.filter { $0.verdict == .bad || $0.verdict == .warning }.map(\.id))
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
