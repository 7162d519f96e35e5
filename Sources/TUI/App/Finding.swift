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
  var findings: [Finding] {
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
      var seen: [String] = []
      for runner in status.runners {
        if case .failing(let why, let code) = runner.state { seen.append("runner \(runner.name): \(code): \(why)") }
      }
      if case .failing(let why) = status.listener { seen.append("listener: \(why)") }
      findings.append(
        Finding(
          installation: status.name, severity: problem.severity, title: "\(status.name): \(problem.sentence)",
          seen: Array(seen.prefix(6)), remedy: problem.fix))
    }
    return findings.sorted { a, b in a.severity == .bad && b.severity != .bad }
  }
}
