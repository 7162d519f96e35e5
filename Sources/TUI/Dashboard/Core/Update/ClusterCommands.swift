import Engine

/// Commands for a whole cluster.
extension Model {
  func clusterAvailability(_ command: Command) -> Availability? {
    let meant = clusters[cluster(for: command)]
    switch command {
    case .upgrade, .takeDown: return needsCluster(cluster(for: command))
    case .createCluster:
      guard meant.target.kindCluster != nil else { return .no("\(meant.label) is not a kind cluster") }
      return meant.isFresh ? .no("the cluster runs") : .yes
    case .stopCluster, .deleteCluster:
      guard meant.target.kindCluster != nil else { return .no("\(meant.label) is not a kind cluster") }
      if case .absent? = meant.observation?.cluster { return .no("no cluster found") }
      return .yes
    case .bringUpAll: return hasConfiguration ? .yes : .no("the configuration is not read yet")
    default: return nil
    }
  }

  package func needsCluster(_ cluster: Int) -> Availability {
    if clusters[cluster].isFresh { return .yes }
    let name = hasSeveralClusters ? clusters[cluster].label : "the cluster"
    // A cluster that responds may still not report its objects.
    let state = clusters[cluster].observation?.cluster
    return .no(state.flatMap { $0.isReady ? nil : $0.clause(name) } ?? "\(name) does not answer")
  }

  /// Why nothing can be changed on a cluster: it is not reached, and deskrun can neither start nor create it; nil if
  /// nothing is known to be in the way. The plan itself checks again.
  package func unreachedReason(_ cluster: Int) -> Availability? {
    let shown = clusters[cluster]
    guard !shown.isFresh, !failing.isReplaced(cluster) else { return nil }
    switch shown.observation?.cluster {
    case .unreachable(let error)? where shown.target.kindCluster == nil || error.obstacle == .kubeconfig: break
    case .contextMissing? where shown.target.kindCluster == nil: break
    default: return nil
    }
    return needsCluster(cluster)
  }

  /// The cluster that a cluster command applies to. Commands for kind clusters apply to the only kind cluster if the
  /// selection is on another cluster.
  private func cluster(for command: Command) -> Int {
    let meant = meantCluster
    guard [.createCluster, .stopCluster, .deleteCluster].contains(command), clusters[meant].target.kindCluster == nil
    else { return meant }
    let kinds = shownClusters.filter { clusters[$0].target.kindCluster != nil }
    return kinds.count == 1 ? kinds[0] : meant
  }

  mutating func changeCluster(_ command: Command) -> Bool {
    let at = cluster(for: command)
    // Evaluated only for commands that end jobs, because there may be many runners.
    var runners: [Runner] { statuses.filter { $0.cluster == at }.flatMap(\.value.runners) }
    switch command {
    case .createCluster:
      start(clusters[at].knowledge.configuration.installations.isEmpty ? .createCluster : .up(nil), on: at)
    case .bringUpAll:
      for at in shownClusters where !failing.isReplaced(at) { start(.up(nil), on: at) }
    case .upgrade:
      let runners = runners
      confirm(
        .upgrade(.finishJobs), on: at, runners: runners,
        runners.contains { $0.state.job != nil }
          ? [
            ("Wait for the jobs, then upgrade", .run([.upgrade(.finishJobs)])),
            ("Upgrade now, the jobs fail", .run([.upgrade(.interrupt)])),
          ] : [("Upgrade", .run([.upgrade(.finishJobs)]))])
    case .stopCluster: confirm(.stopCluster, on: at, runners: runners, [("Stop", .run([.stopCluster]))])
    case .deleteCluster: confirm(.deleteCluster, on: at, runners: runners, [("Delete", .run([.deleteCluster]))])
    case .takeDown:
      confirm(
        .down(.finishJobs), on: at, runners: runners,
        [
          ("Wait for jobs, then take down", .run([.down(.finishJobs)])),
          ("Take down now", .run([.down(.interrupt)])),
        ])
    default: return false
    }
    return true
  }

  /// Asks for confirmation of a request, with the text of the command line.
  ///
  /// - Parameters:
  ///   - cluster: the index of its cluster.
  ///   - runners: the runners that it may affect; those with a job are listed.
  ///   - cachesOf: the installation whose caches to measure in the meantime.
  package mutating func confirm(
    _ request: PlanRequest, on cluster: Int, runners: [Runner] = [], cachesOf: String? = nil,
    _ answers: [(label: String, action: DialogState.Action)]
  ) {
    let (target, invocation) = (clusters[cluster].target, clusters[cluster].invocation)
    var notes = request.notes
    if case .rebind(let name) = request { notes.append(binding(of: name, to: target)) }
    if case .remove(let name, _, _) = request { notes += configuration.renaming(byRemoving: name) }
    var lines = busyLines(runners) + notes.map { DialogState.Line.text(invocation.text($0)) }
    if let consequences = request.consequences(on: target) {
      let keeps = invocation.text(consequences.keeps)
      lines += [
        .pair("Removes", consequences.removes), cachesOf == nil ? .pair("Keeps", keeps) : .caches("Keeps", keeps),
      ]
    }
    ask(request.question(on: target), lines, on: cluster, cachesOf: cachesOf, answers)
  }

  /// What binding an installation to another context does.
  private func binding(of name: String, to target: ClusterTarget) -> String {
    // Its own context, not the one that is used in its place.
    var whole = configuration
    whole.standIns = []
    let own = whole.target(named: name).map { " instead of \(SafeText.line($0.words))" } ?? ""
    return "Commands reach \(name) through \(SafeText.line(target.words))\(own) from now on. Only its entry in the "
      + "configuration is changed, nothing on the cluster."
  }

  /// Asks for the confirmation that an activity's plan requires.
  mutating func ask(_ asked: Confirmation, of activity: Int) {
    var lines = asked.notes.map { DialogState.Line.text($0) }
    if let consequences = asked.consequences {
      lines += [.pair("Removes", consequences.removes), .pair("Keeps", consequences.keeps)]
    }
    ask(asked.question, lines, [("Continue", .answer(activity, true))], otherwise: .answer(activity, false))
  }

  /// Asks for confirmation before deleting runners, and lists them.
  package mutating func confirmDeletion(_ requests: [PlanRequest], on cluster: Int) {
    let names = requests.flatMap { request -> [String] in
      if case .deleteRunners(let names, _) = request { names } else { [] }
    }
    guard let first = requests.first else { return }
    let lines = names.prefix(6).map { "  \($0)" } + first.notes
    ask(
      names.count == 1 ? "Delete the failing runner?" : "Delete \(names.count) failing runners?",
      lines.map { .text($0) }, on: cluster, [("Delete", .run(requests))])
  }

  /// The lines about jobs that would fail.
  private func busyLines(_ runners: [Runner]) -> [DialogState.Line] {
    let busy = runners.filter { $0.state.job != nil }
    guard !busy.isEmpty else { return [] }
    let shown = busy.prefix(6).map { DialogState.Line.busy(runner: $0.name) }
    let more = busy.count > 6 ? [DialogState.Line.text("  and \(busy.count - 6) more")] : []
    return [.warning(BusyRunner.heading(busy.count))] + shown + more + [.text("")]
  }
}
