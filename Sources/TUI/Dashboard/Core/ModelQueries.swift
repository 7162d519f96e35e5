import Engine

/// What follows from what is known.
extension Model {
  package var configuration: Configuration { knowledge.configuration }
  package var hasConfiguration: Bool { knowledge.hasConfiguration }
  package var observation: ClusterObservation? { knowledge.observation }
  package var snapshot: Snapshot? { knowledge.judgedSnapshot }
  package var statuses: [InstallationStatus] { knowledge.statuses }
  package var jobs: JobLog { knowledge.jobs }
  /// What is wrong now, the worst first.
  package var findings: [Finding] {
    // A welcome says what is missing; a finding would say it twice.
    isEmpty ? [] : toldFindings.completed
  }

  /// Whether what is shown is what the cluster says now.
  package var isFresh: Bool { knowledge.isFresh }

  /// Whether there is nothing at all yet, so that the screen says how to begin.
  package var isEmpty: Bool {
    hasConfiguration && knowledge.configurationProblem == nil && configuration.installations.isEmpty
      && configuration.unreadable.isEmpty && statuses.isEmpty
      && !activities.contains { !$0.isOver }
  }

  var selectedStatus: InstallationStatus? {
    guard installationRows.indices.contains(installationTable.index) else { return nil }
    return statuses[installationRows[installationTable.index]]
  }

  /// The installation that commands are meant for: the selected one, or that of the selected runner.
  var subject: InstallationStatus? {
    if focus == .runners, let runner = selectedRunner {
      return statuses.owner(ofScaleSet: runner.scaleSet)
    }
    if focus == .bottom, tab == .findings, let name = selectedFinding?.installation {
      return statuses.first { $0.name == name }
    }
    return selectedStatus
  }

  var selectedRunner: Runner? {
    guard let snapshot, runnerRows.indices.contains(runnerTable.index) else { return nil }
    let index = runnerRows[runnerTable.index].runner
    return snapshot.runners.indices.contains(index) ? snapshot.runners[index] : nil
  }

  /// The job pod that is selected in the runners' table.
  var selectedJobPod: Pod? {
    guard let runner = selectedRunner, let index = runnerRows[runnerTable.index].pod,
      runner.jobPods.indices.contains(index)
    else { return nil }
    return runner.jobPods[index]
  }

  /// The jobs that wait, of the installation the runners are narrowed to or of all.
  package var queueSentence: String? {
    let sets = scopeSets ?? Set(statuses.flatMap { $0.scaleSets.map(\.metadata.name) })
    let sentences = sets.sorted().compactMap { set -> String? in
      guard let words = knowledge.queues[set]?.sentence(busy: snapshot?.counts[set]?.busy ?? 0, now: now) else {
        return nil
      }
      return sets.count > 1 ? "\(set): \(words)" : words
    }
    return sentences.isEmpty ? nil : sentences.joined(separator: "; ")
  }

  /// How many jobs of an installation wait.
  package func waiting(_ status: InstallationStatus) -> Int {
    status.scaleSets.reduce(0) { $0 + (knowledge.queues[$1.metadata.name]?.waiting ?? 0) }
  }

  var selectedJob: JobRecord? {
    jobRows.indices.contains(jobTable.index) ? jobRows[jobTable.index] : nil
  }

  package var selectedFinding: Finding? {
    findings.indices.contains(findingIndex) ? findings[findingIndex] : nil
  }

  /// The scale sets the runners are narrowed to.
  package var scopeSets: Set<String>? {
    scope.flatMap { scope in statuses.first { $0.name == scope } }?.scaleSetNames
  }

  /// All runners together.
  package var totals: RunnerStateCounts {
    statuses.reduce(into: RunnerStateCounts()) { sum, status in
      sum.idle += status.counts.idle
      sum.busy += status.counts.busy
      sum.starting += status.counts.starting
      sum.failing += status.counts.failing
      sum.finishing += status.counts.finishing
    }
  }

  /// The plan that changes an installation now.
  package func activity(of installation: String) -> Activity? {
    activities.last { !$0.isOver && $0.request.installation == installation }
  }

  package var currentActivity: Activity? {
    activities.first { $0.id == shownActivity } ?? activities.last
  }

  func rowKey(_ row: RunnerRow) -> String {
    guard let snapshot, snapshot.runners.indices.contains(row.runner) else { return "" }
    let runner = snapshot.runners[row.runner]
    guard let pod = row.pod, runner.jobPods.indices.contains(pod) else { return runner.name }
    return runner.name + "/" + runner.jobPods[pod].metadata.name
  }

  /// The bindings that hold now, the most particular first.
  package var contexts: [Context] {
    switch overlays.last {
    case .help?, .page?: return [.page]
    case .some: return []
    case nil: break
    }
    switch focus {
    case .installations: return [.installations, .anywhere]
    case .runners: return [.runners, .anywhere]
    case .bottom:
      switch tab {
      case .logs: return [.logs, .anywhere]
      case .events: return [.events, .anywhere]
      case .jobs: return [.jobs, .anywhere]
      case .findings: return [.findings, .anywhere]
      case .activity: return [.activity, .anywhere]
      case .details: return [.details, .anywhere]
      }
    }
  }

  /// Whether the terminal is asked to report the mouse: in text its own selection is worth more.
  package var wantsMouse: Bool {
    guard settings.usesMouse else { return false }
    switch overlays.last {
    case .help?, .page?: return false
    case .some: return true
    case nil: return focus != .bottom || !(tab == .logs || tab == .details)
    }
  }
}
