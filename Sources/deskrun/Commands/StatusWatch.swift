import CommandOutput
import Engine

/// Converts two successive statuses into the output of `status --watch`: one line per change, suitable for logs and
/// screen readers.
enum StatusWatch {
  /// The changes between two statuses, sorted by name.
  static func changes(from old: StatusReport, to new: StatusReport) -> [(mark: Mark, text: String, document: JSONValue)]
  {
    var changes: [(mark: Mark, text: String, document: JSONValue)] = []
    if old.cluster != new.cluster {
      let words = new.cluster.words
      changes.append(
        (
          new.cluster.isReady ? .healthy : .failing,
          "\(new.context): \(words)" + (new.cluster.reason.map { " (\($0))" } ?? ""),
          new.event(
            "cluster",
            [
              "cluster": StatusReport.document(new.cluster, context: new.context),
              "reason": new.cluster.reason.map(JSONValue.string) ?? .null,
            ])
        ))
    }
    changes += findingChanges(old, new)
    // Without a current snapshot, no change is known.
    guard new.snapshot != nil else { return changes }
    let before = Dictionary(old.installations.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for status in new.installations {
      let former = before[status.name]
      if old.snapshot != nil, former?.listener.word != status.listener.word {
        changes.append(
          (
            status.listener == .running ? .healthy : .pending, "\(status.name): listener \(status.listener.word)",
            new.event(
              "listener", ["installation": .string(status.name), "listener": .string(status.listener.word)])
          ))
      }
      if let problem = status.problem, former?.problem != problem {
        changes.append(
          (
            problem.severity == .bad ? .failing : .warning, "\(status.name): \(problem.sentence)",
            new.event(
              "installation",
              [
                "installation": .string(status.name),
                "finding": new.worstFinding(about: status).map {
                  FindingsReport.document($0, context: new.context, new.invocation)
                } ?? .null,
              ])
          ))
      } else if status.problem == nil, former?.problem != nil {
        changes.append(
          (
            .healthy, "\(status.name): recovered",
            new.event("installation", ["installation": .string(status.name), "finding": .null])
          ))
      }
      if new.showsRunners(status) { changes += runnerChanges(former?.runners ?? [], status, new) }
    }
    return changes
  }

  /// New and resolved findings about more than one installation; a finding about one installation changes its problem.
  private static func findingChanges(
    _ old: StatusReport, _ new: StatusReport
  ) -> [(mark: Mark, text: String, document: JSONValue)] {
    func general(_ findings: [Finding]) -> [Finding] { findings.filter { $0.installation == nil } }
    func document(_ finding: Finding) -> JSONObject {
      ["finding": FindingsReport.document(finding, context: new.context, new.invocation)]
    }
    let (before, now) = (Set(general(old.findings).map(\.id)), Set(general(new.findings).map(\.id)))
    return general(new.findings).filter { !before.contains($0.id) }.map { finding in
      (
        finding.severity == .bad ? .failing : .warning, finding.title,
        new.event("findingStarted", document(finding))
      )
    }
      + general(old.findings).filter { !now.contains($0.id) }.map { finding in
        (
          .healthy, "gone: \(finding.title)",
          new.event("findingGone", document(finding))
        )
      }
  }

  private static func runnerChanges(
    _ old: [Runner], _ status: InstallationStatus, _ new: StatusReport
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
          new.event(
            "runner",
            [
              "runner": StatusReport.document(
                runner, host: status.host, context: new.context,
                estimate: new.estimates[runner.name])
            ])
        ))
    }
    for runner in old where !now.contains(runner.name) {
      changes.append(
        (
          .off, "\(runner.name): gone",
          new.event(
            "runnerGone",
            [
              "runner": .string(runner.name), "scaleSet": .string(ScaleSetID.name(runner.scaleSet)),
              "namespace": .string(ScaleSetID.namespace(runner.scaleSet)),
            ])
        ))
    }
    return changes
  }
}

extension StatusReport {
  /// A line of `status --watch -o json`: time, kind of change, cluster and details.
  fileprivate func event(_ name: String, _ members: JSONObject) -> JSONValue {
    var object: JSONObject = [
      "time": .string(Timestamp.text(SystemTime.secondsSince1970())), "event": .string(name),
      "context": .string(context),
    ]
    for (key, value) in members.members { object[key] = value }
    return .object(object)
  }
}
