import Engine

/// What is not well, and what a key does about it.
extension Model {
  /// What is not well now, the worst first.
  func findFindings() -> [Finding] {
    var findings: [Finding] = []
    if let problem = configurationProblem {
      findings.append(
        Finding(
          .notConfigured, nil, .bad, problem.what, evidence: [problem.why].compactMap { $0 },
          remedy: problem.fix ?? "Mend the file"))
    }
    for entry in configuration.unreadable {
      findings.append(
        Finding(
          .notConfigured, entry.name, .bad, "\(SafeText.line(entry.name)) cannot be used",
          evidence: [entry.problem.what, entry.problem.why].compactMap { $0 },
          remedy: entry.problem.fix ?? "Mend its entry in the configuration"))
    }
    return (findings + Diagnosis.findings(circumstances)).map { settings.invocation.completing($0) }
  }

  private var circumstances: Circumstances {
    // What is not heard of any more is judged as of when it was.
    var known = Circumstances(now: isFresh ? now : observation?.heardAt ?? now)
    known.configuration = configuration
    // A welcome says what is missing; a finding would say it twice.
    known.cluster = isEmpty ? nil : observation?.cluster
    known.snapshot = snapshot
    known.statuses = statuses
    known.queues = queues
    known.memory = memory
    known.jobs = recentJobs
    known.events = warnings
    known.registration = registration
    known.refusals = refusals
    known.checks = isEmpty ? [] : (checks ?? []).filter { $0.id != "inotify" }
    known.inWork = Set(activities.filter { !$0.isOver }.compactMap(\.request.installation))
    return known
  }

  /// Looks again at what is not well, and marks the installations with it.
  mutating func judge() {
    findings = findFindings()
    Diagnosis.mark(&statuses, with: findings)
    findingIndex = max(0, min(findingIndex, findings.count - 1))
    judgedAt = now
  }

  /// Whether time alone can make a finding: something waits, starts or goes away.
  package var awaits: Bool {
    queues.values.contains { $0.waiting > 0 }
      || statuses.contains { $0.counts.starting > 0 || $0.counts.finishing > 0 || $0.isTerminating }
      || statuses.contains { $0.scaleSets.contains { !$0.isRegistered } } || memory.hasPodless
  }

  /// Time between two looks at the logs of idle runners, in seconds.
  private static let idleSeconds: Int64 = 120

  /// What more is to be known when something looks odd: events and the controller's log. Asked for at most every
  /// twenty seconds, and not while all is well.
  mutating func gatherIfOdd() {
    // Seconds are enough: thousands of runners are looked through.
    guard let snapshot, isFresh, now - gatheredAt >= 20, now != lookedAt else { return }
    lookedAt = now
    let unregistered = statuses.filter { status in
      status.scaleSets.contains { !$0.isRegistered && now - ($0.metadata.created ?? now) > 15 }
    }
    let missing = statuses.filter { !$0.isDeployed && $0.installation != nil }
    var isOdd = !unregistered.isEmpty || (gatheredAt == 0 && !missing.isEmpty)
    if !isOdd, statuses.contains(where: { $0.counts.starting > 0 }) {
      isOdd = snapshot.runners.contains { $0.rank == 3 && now - (memory.since($0.name) ?? $0.created ?? now) > 20 }
    }
    if !isOdd, totals.busy > 0 {
      isOdd = snapshot.runners.contains { runner in
        runner.jobPods.contains { $0.phase == "Pending" && now - ($0.metadata.created ?? now) > 20 }
      }
    }
    let unexplained = snapshot.unexplained.filter { name in
      snapshot.scaleSets.contains { $0.metadata.name == name && now - ($0.metadata.created ?? now) > 60 }
    }
    if !isOdd { isOdd = !unexplained.isEmpty }
    // A runner that GitHub has forgotten looks well: its log is looked at now and then.
    let idle = now - idleAskedAt >= Self.idleSeconds ? snapshot.idleToAsk(now: now) : []
    guard isOdd || !idle.isEmpty else { return }
    gatheredAt = now
    if !idle.isEmpty { idleAskedAt = now }
    ask(.gather((unregistered + missing).compactMap(\.installation), unexplained: unexplained, idle: idle))
  }

  /// The key that carries the remedy of a finding out, as the pane tells it.
  package func remedyKey(_ finding: Finding) -> String? {
    guard let action = finding.action else { return nil }
    return switch action {
    case .startCluster, .bringUp: "Enter brings it up"
    case .clearFailed: "Enter clears the failed runners"
    case .restartListener: "Enter restarts the listener"
    case .raiseLimit(let limit): "Enter allows \(limit) runners"
    case .edit: "Enter changes the installation"
    case .upgrade: "Enter upgrades"
    case .remove: "Enter takes it away"
    case .recreateCluster: "Enter deletes the cluster; u makes it again"
    }
  }

  /// What Enter on a finding does.
  var remedyCommand: Command? {
    switch selectedFinding?.action {
    case .startCluster?: .createCluster
    case .bringUp?: selectedFinding?.installation == nil ? .bringUpAll : .bringUp
    case .clearFailed?: .clearFailed
    case .restartListener?: .restartListener
    case .raiseLimit?: .scale
    case .edit?: .edit
    case .upgrade?: .upgrade
    case .remove?: .remove
    case .recreateCluster?: .deleteCluster
    case nil: nil
    }
  }

  /// Carries out the remedy of the selected finding. What is decided by it is shown first, as by its own key.
  package mutating func remedy() {
    guard let finding = selectedFinding, let command = remedyCommand else { return }
    if case .no(let why) = availability(command) { return toast(why, .plain) }
    if case .raiseLimit(let limit)? = finding.action, let installation = subject?.installation {
      askFor(.scale(installation.name.description), "\(min(installation.runners.minimum, limit))-\(limit)")
    } else if command == .bringUpAll {
      start(.up(nil))
    } else {
      perform(command)
    }
  }
}
