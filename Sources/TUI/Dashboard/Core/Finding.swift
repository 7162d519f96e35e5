import Engine

/// How the model learns, and what a key does about what is wrong.
extension Model {
  /// Takes in what was learned, and asks for what would tell more.
  ///
  /// - Returns: the runners that are not as they were.
  @discardableResult
  mutating func learn(_ event: KnowledgeEvent) -> [RunnerChange] {
    let news = knowledge.take(event, at: now)
    if !news.jobs.isEmpty { ask(.keep(news.jobs)) }
    if !news.listenerEnds.isEmpty { ask(.keepListenerEnds(news.listenerEnds)) }
    for question in news.questions { ask(.find(question)) }
    if toldFindings.raw != knowledge.findings {
      toldFindings = (knowledge.findings, knowledge.findings.map { settings.invocation.completing($0) })
    }
    findingIndex = max(0, min(findingIndex, findings.count - 1))
    return news.runners
  }

  /// What plans work on is not judged meanwhile.
  mutating func noteActivities() {
    learn(.planning(Set(activities.filter { !$0.isOver }.compactMap(\.request.installation))))
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
    case .remove: "Enter removes it"
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
