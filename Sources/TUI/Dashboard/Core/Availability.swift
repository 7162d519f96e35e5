import Engine

/// Whether a command can be carried out now, and if not, why not.
package enum Availability: Equatable, Sendable {
  case yes
  case no(String)
}

extension Model {
  /// Why what is only in the cluster is not touched: nothing shows that deskrun deployed it. Plans check more than this.
  private func foreignReason(_ status: InstallationStatus) -> String? {
    guard status.installation == nil, !status.scaleSets.isEmpty, status.scaleSets.allSatisfy({ $0.mark == nil }) else {
      return nil
    }
    return settings.invocation.text(
      "\(status.name) was not deployed by deskrun; `deskrun adopt \(status.name)` takes it over")
  }

  package func availability(_ command: Command) -> Availability {
    if command.changes, settings.isReadOnly { return .no("started with --read-only") }
    switch command {
    case .edit, .scale, .scaleUp, .scaleDown, .bringUp: return configured(command)
    case .remove:
      guard let subject else { return .no("no installation is selected") }
      if let foreign = foreignReason(subject) { return .no(foreign) }
      return busy(subject)
    case .restartListener:
      guard let subject else { return .no("no installation is selected") }
      guard isFresh else { return .no("the cluster does not answer") }
      if let foreign = foreignReason(subject) { return .no(foreign) }
      return snapshot?.listenerPod(of: subject.scaleSets.first?.metadata.name ?? "") == nil
        ? .no("\(subject.name) has no listener") : .yes
    case .upgrade, .takeDown: return isFresh ? .yes : .no("the cluster does not answer")
    case .createCluster:
      guard settings.isKind else { return .no("\(settings.context) is not a kind cluster") }
      return isFresh ? .no("the cluster runs") : .yes
    case .stopCluster, .deleteCluster:
      guard settings.isKind else { return .no("\(settings.context) is not a kind cluster") }
      if case .absent? = observation?.cluster { return .no("there is no cluster") }
      return .yes
    case .shell: return shellAvailability
    case .openRun, .copyLink:
      return runLink == nil ? .no("no job of a known run is selected") : .yes
    case .deleteRunner:
      guard let runner = selectedRunner else { return .no("no runner is selected") }
      let owner = statuses.owner(ofScaleSet: runner.scaleSet)
      if let foreign = owner.flatMap(foreignReason) { return .no(foreign) }
      return needsCluster
    case .clearFailed:
      guard let subject, subject.counts.failing > 0 else { return .no("no runner fails") }
      if let foreign = foreignReason(subject) { return .no(foreign) }
      return needsCluster
    case .listenerLog, .mergedLog: return subject == nil ? .no("no installation is selected") : .yes
    case .logs:
      if focus == .bottom, tab == .jobs { return selectedJob == nil ? .no("no job is selected") : .yes }
      return selectedRunner == nil && subject == nil ? .no("nothing is selected") : .yes
    case .yaml, .describe:
      return selectedRunner == nil && subject == nil ? .no("nothing is selected") : .yes
    case .why:
      if isEmpty { return .no("nothing is installed yet") }
      return observation == nil && findings.isEmpty ? .no("the cluster was not asked yet") : .yes
    case .remedy:
      guard selectedFinding != nil else { return .no("no problem found") }
      guard let command = remedyCommand else { return .no("deskrun cannot do this one; the remedy says what helps") }
      return availability(command)
    case .bringUpAll: return hasConfiguration ? .yes : .no("the configuration is not read yet")
    case .cancelActivity:
      guard let activity = currentActivity, !activity.isOver else { return .no("nothing runs") }
      return .yes
    case .runAgain:
      guard let activity = currentActivity else { return .no("nothing has run") }
      return activity.isOver ? .yes : .no("it still runs")
    case .nextActivity, .previousActivity: return activities.count > 1 ? .yes : .no("there is no other")
    case .container: return log.target == nil ? .no("no log is shown") : .yes
    case .searchNext, .searchPrevious: return .yes
    default: return .yes
    }
  }

  private var needsCluster: Availability { isFresh ? .yes : .no("the cluster does not answer") }

  private func configured(_ command: Command) -> Availability {
    guard let subject else { return .no("no installation is selected") }
    guard let installation = subject.installation else { return .no("\(subject.name) is not in the configuration") }
    if [.scale, .scaleUp, .scaleDown].contains(command), installation.instances > 1 {
      return .no("each of its \(installation.instances) instances has one runner; edit their number")
    }
    return busy(subject)
  }

  private func busy(_ status: InstallationStatus) -> Availability {
    activity(of: status.name).map { .no("deskrun is \($0.request.verb) it") } ?? .yes
  }

  private var shellAvailability: Availability {
    guard let runner = selectedRunner else { return .no("no runner is selected") }
    guard isFresh else { return .no("the cluster does not answer") }
    if selectedJobPod != nil { return .yes }
    switch runner.state {
    case .idle, .busy: return .yes
    case .finishing: return .no("\(runner.name) is being removed")
    case .starting, .failing: return .no("\(runner.name) does not run")
    }
  }

  /// The link to the run of the selected job.
  var runLink: String? {
    if focus == .bottom, tab == .jobs {
      guard let job = selectedJob else { return nil }
      return job.job.url(host: host(ofScaleSet: job.scaleSet))
    }
    if focus == .bottom, tab == .logs, case .runner(let name, let set, _)? = log.target {
      return jobs[name]?.job.url(host: host(ofScaleSet: set))
    }
    guard let runner = selectedRunner else { return nil }
    return (runner.state.job ?? jobs[runner.name]?.job)?.url(host: host(ofScaleSet: runner.scaleSet))
  }

  package func host(ofScaleSet name: String) -> String {
    statuses.owner(ofScaleSet: name)?.installation?.target.host ?? "github.com"
  }
}
