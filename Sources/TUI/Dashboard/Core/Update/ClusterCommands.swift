import Engine

/// What is done with the cluster as a whole.
extension Model {
  func clusterAvailability(_ command: Command) -> Availability? {
    switch command {
    case .upgrade, .takeDown: return needsCluster
    case .createCluster:
      guard settings.isKind else { return .no("\(settings.context) is not a kind cluster") }
      return isFresh ? .no("the cluster runs") : .yes
    case .stopCluster, .deleteCluster:
      guard settings.isKind else { return .no("\(settings.context) is not a kind cluster") }
      if case .absent? = observation?.cluster { return .no("no cluster found") }
      return .yes
    case .bringUpAll: return hasConfiguration ? .yes : .no("the configuration is not read yet")
    default: return nil
    }
  }

  package var needsCluster: Availability { isFresh ? .yes : .no("the cluster does not answer") }

  mutating func changeCluster(_ command: Command) -> Bool {
    let runners = statuses.flatMap(\.runners)
    switch command {
    case .createCluster: start(configuration.installations.isEmpty ? .createCluster : .up(nil))
    case .bringUpAll: start(.up(nil))
    case .upgrade:
      confirm(
        .upgrade(.finishJobs), runners: runners,
        runners.contains { $0.state.job != nil }
          ? [
            ("Wait for the jobs, then upgrade", .run([.upgrade(.finishJobs)])),
            ("Upgrade now, the jobs fail", .run([.upgrade(.interrupt)])),
          ] : [("Upgrade", .run([.upgrade(.finishJobs)]))])
    case .stopCluster: confirm(.stopCluster, runners: runners, [("Stop", .run([.stopCluster]))])
    case .deleteCluster: confirm(.deleteCluster, runners: runners, [("Delete", .run([.deleteCluster]))])
    case .takeDown:
      confirm(
        .down(.finishJobs), runners: runners,
        [
          ("Wait for jobs, then take down", .run([.down(.finishJobs)])),
          ("Take down now", .run([.down(.interrupt)])),
        ])
    default: return false
    }
    return true
  }

  /// Asks before a request is carried out, in the words of the command line.
  ///
  /// - Parameters:
  ///   - runners: those that it may meet; those of them that have a job are named.
  ///   - cachesOf: the installation whose caches are measured meanwhile.
  package mutating func confirm(
    _ request: PlanRequest, runners: [Runner] = [], cachesOf: String? = nil,
    _ answers: [(label: String, action: DialogState.Action)]
  ) {
    let target = settings.target
    var lines = busyLines(runners) + request.notes.map { DialogState.Line.text(settings.invocation.text($0)) }
    if let consequences = request.consequences(on: target) {
      let keeps = settings.invocation.text(consequences.keeps)
      lines += [
        .pair("Removes", consequences.removes), cachesOf == nil ? .pair("Keeps", keeps) : .caches("Keeps", keeps),
      ]
    }
    ask(request.question(on: target), lines, cachesOf: cachesOf, answers)
  }

  /// Asks what the plan of an activity is to be confirmed with.
  mutating func ask(_ asked: Confirmation, of activity: Int) {
    var lines = asked.notes.map { DialogState.Line.text($0) }
    if let consequences = asked.consequences {
      lines += [.pair("Removes", consequences.removes), .pair("Keeps", consequences.keeps)]
    }
    ask(asked.question, lines, [("Continue", .answer(activity, true))], otherwise: .answer(activity, false))
  }

  /// Asks before runners are deleted, and names them.
  package mutating func confirmDeletion(_ requests: [PlanRequest]) {
    let names = requests.flatMap { request -> [String] in
      if case .deleteRunners(let names, _) = request { names } else { [] }
    }
    guard let first = requests.first else { return }
    let lines = names.prefix(6).map { "  \($0)" } + first.notes
    ask(
      names.count == 1 ? "Delete the failing runner?" : "Delete \(names.count) failing runners?",
      lines.map { .text($0) }, [("Delete", .run(requests))])
  }

  /// What a question says of jobs that would be lost.
  private func busyLines(_ runners: [Runner]) -> [DialogState.Line] {
    let busy = runners.filter { $0.state.job != nil }
    guard !busy.isEmpty else { return [] }
    let shown = busy.prefix(6).map { DialogState.Line.busy(runner: $0.name) }
    let more = busy.count > 6 ? [DialogState.Line.text("  and \(busy.count - 6) more")] : []
    return [.warning(BusyRunner.heading(busy.count))] + shown + more + [.text("")]
  }
}
