import CommandOutput
import Engine

/// Turns two successive statuses into the lines `status --watch` prints: a line a change, which reads well in a log
/// and to a screen reader.
enum StatusWatch {
  /// What changed from one status to the next, in order of names.
  static func changes(from old: StatusReport, to new: StatusReport) -> [(mark: Mark, text: String, document: JSONValue)]
  {
    var changes: [(mark: Mark, text: String, document: JSONValue)] = []
    if old.cluster != new.cluster {
      let words = new.cluster.words
      changes.append(
        (
          new.cluster.isReady ? .healthy : .failing,
          "\(new.context): \(words)" + (new.cluster.reason.map { " (\($0))" } ?? ""),
          ["cluster": .string(words), "reason": new.cluster.reason.map(JSONValue.string) ?? .null]
        ))
    }
    changes += findingChanges(old.findings, new.findings, new.invocation)
    // What is not known now has not changed.
    guard new.snapshot != nil else { return changes }
    let before = Dictionary(old.installations.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for status in new.installations {
      let former = before[status.name]
      if old.snapshot != nil, former?.listener.word != status.listener.word {
        changes.append(
          (
            status.listener == .running ? .healthy : .pending, "\(status.name): listener \(status.listener.word)",
            ["installation": .string(status.name), "listener": .string(status.listener.word)]
          ))
      }
      if let problem = status.problem, former?.problem != problem {
        changes.append(
          (
            problem.severity == .bad ? .failing : .pending, "\(status.name): \(problem.sentence)",
            ["installation": .string(status.name), "problem": .string(problem.sentence)]
          ))
      } else if status.problem == nil, former?.problem != nil {
        changes.append(
          (.healthy, "\(status.name): recovered", ["installation": .string(status.name), "problem": .null]))
      }
      changes += runnerChanges(former?.runners ?? [], status, new.estimates)
    }
    return changes
  }

  /// Findings about more than one installation that are new or gone; those about one change its problem.
  private static func findingChanges(
    _ old: [Finding], _ new: [Finding], _ invocation: Invocation
  ) -> [(mark: Mark, text: String, document: JSONValue)] {
    func general(_ findings: [Finding]) -> [Finding] { findings.filter { $0.installation == nil } }
    let (before, now) = (Set(general(old).map(\.id)), Set(general(new).map(\.id)))
    return general(new).filter { !before.contains($0.id) }.map { finding in
      (
        finding.severity == .bad ? .failing : .pending, finding.title,
        ["finding": FindingsReport.document(finding, invocation), "state": "started"]
      )
    }
      + general(old).filter { !now.contains($0.id) }.map { finding in
        (
          .healthy, "gone: \(finding.title)",
          ["finding": FindingsReport.document(finding, invocation), "state": "gone"]
        )
      }
  }

  private static func runnerChanges(
    _ old: [Runner], _ status: InstallationStatus, _ estimates: [String: JobEstimate]
  ) -> [(mark: Mark, text: String, document: JSONValue)] {
    var changes: [(mark: Mark, text: String, document: JSONValue)] = []
    let before = Dictionary(old.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let now = Set(status.runners.map(\.name))
    for runner in status.runners where before[runner.name]?.state != runner.state {
      var text = "\(runner.name): \(runner.state.word)"
      switch runner.state {
      case .busy(let job): text += " with \(job.name) of \(job.repository)"
      case .starting(let step): text += ", \(step)"
      case .failing(let why, _): text += ", \(why)"
      case .idle, .finishing: break
      }
      changes.append(
        (
          StatusReport.mark(runner.state), text,
          StatusReport.document(
            runner, host: status.installation?.target.host, estimate: estimates[runner.name])
        ))
    }
    for runner in old where !now.contains(runner.name) {
      changes.append(
        (
          .off, "\(runner.name): gone",
          ["name": .string(runner.name), "scaleSet": .string(runner.scaleSet), "state": "gone"]
        ))
    }
    return changes
  }
}
