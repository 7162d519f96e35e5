import Engine

/// Something that is not well, with what to do about it.
struct Finding: Equatable, Sendable {
  var installation: String?
  var severity: InstallationStatus.Severity
  var title: String
  /// What was seen: objects and their own words.
  var seen: [String]
  var remedy: String?
}

extension Model {
  /// What is not well now, the worst first.
  func findFindings() -> [Finding] {
    var findings: [Finding] = []
    if let problem = configurationProblem {
      findings.append(
        Finding(
          installation: nil, severity: .bad, title: problem.what, seen: [problem.why].compactMap { $0 },
          remedy: problem.fix))
    }
    for entry in configuration.unreadable {
      findings.append(
        Finding(
          installation: nil, severity: .bad, title: "\(SafeText.line(entry.name)) cannot be used",
          seen: [entry.problem.what, entry.problem.why].compactMap { $0 }, remedy: entry.problem.fix))
    }
    for status in statuses {
      guard let problem = status.problem, activity(of: status.name) == nil else { continue }
      var seen = Self.failures(status.failing)
      if case .failing(let why) = status.listener { seen.append("listener: \(why)") }
      findings.append(
        Finding(
          installation: status.name, severity: problem.severity, title: "\(status.name): \(problem.sentence)",
          seen: Array(seen.prefix(6)), remedy: problem.fix.map { Self.inKeys($0, status) }))
    }
    return findings.sorted { a, b in a.severity == .bad && b.severity != .bad }
  }

  /// Failing runners, those that fail alike together.
  private static func failures(_ runners: [Runner]) -> [String] {
    var reasons: [(why: String, codes: Set<String>, names: [String])] = []
    for runner in runners {
      guard case .failing(let why, let code) = runner.state else { continue }
      if let at = reasons.firstIndex(where: { $0.why == why }) {
        reasons[at].names.append(runner.name)
        reasons[at].codes.insert(code)
      } else {
        reasons.append((why, [code], [runner.name]))
      }
    }
    return reasons.map { reason in
      let names =
        reason.names.count == 1 ? reason.names[0] : "\(reason.names.count) runners, \(reason.names[0]) for one"
      return "\(names): \(reason.codes.sorted().joined(separator: ", ")): \(reason.why)"
    }
  }

  /// What the command line would be told to do, in keys.
  private static func inKeys(_ fix: String, _ status: InstallationStatus) -> String {
    let keys = [
      ("deskrun up \(status.name)", "U brings it up"), ("deskrun up", "u brings everything up"),
      ("deskrun events \(status.name)", "v shows its events, e changes its image, X deletes the failing runners"),
      ("deskrun logs \(status.name) --listener", "L shows the listener's log, R restarts it"),
      ("deskrun logs --controller", "K shows the controller's log"),
      ("deskrun remove \(status.name) takes it away", "d takes it away"),
    ]
    if let (_, words) = keys.first(where: { fix == $0.0 }) { return words }
    return fix.replacing(
      "deskrun up \(status.name) says why", with: "e gives other credentials, U tries again and says why")
  }
}
