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
      if case .absent? = observation?.cluster { return .no("there is no cluster") }
      return .yes
    case .bringUpAll: return hasConfiguration ? .yes : .no("the configuration is not read yet")
    default: return nil
    }
  }

  package var needsCluster: Availability { isFresh ? .yes : .no("the cluster does not answer") }

  mutating func changeCluster(_ command: Command) -> Bool {
    var busy: [DialogState.Line] { busyLines(statuses.flatMap(\.runners)) }
    let cluster = settings.context
    switch command {
    case .createCluster: start(configuration.installations.isEmpty ? .createCluster : .up(nil))
    case .bringUpAll: start(.up(nil))
    case .upgrade:
      let busy = busy
      ask(
        "Upgrade to ARC \(SupportedARC.newest)?",
        busy + [
          .text(
            "Controller, definitions and scale sets are brought to one version. Where its minor version changes, the "
              + "configured scale sets are removed and installed again: no job starts meanwhile. What deskrun did not "
              + "install is left alone.")
        ],
        busy.isEmpty
          ? [("Upgrade", .run(.upgrade(.finishJobs)))]
          : [
            ("Wait for the jobs, then upgrade", .run(.upgrade(.finishJobs))),
            ("Upgrade now, the jobs fail", .run(.upgrade(.interrupt))),
          ])
    case .stopCluster:
      let busy = busy
      ask(
        "Stop the cluster \(cluster)?",
        busy + [
          .pair("Goes", busy.isEmpty ? "nothing; the runners come back with the cluster" : "the jobs named above fail"),
          .pair("Stays", "the cluster and everything in it, configuration, caches"),
        ], [("Stop", .run(.stopCluster))])
    case .deleteCluster:
      ask("Delete the cluster \(cluster) at once?", busy + lossLines, [("Delete", .run(.deleteCluster))])
    case .takeDown:
      ask(
        "Take \(cluster) down?", busy + lossLines,
        [
          ("Wait for jobs, then take down", .run(.down(.finishJobs))), ("Take down now", .run(.down(.interrupt))),
        ])
    default: return false
    }
    return true
  }

  private var lossLines: [DialogState.Line] {
    let what =
      settings.isKind
      ? "all runners, scale sets, the controller and the cluster"
      : "runners, scale sets and the controller that deskrun installed"
    return [.pair("Goes", what), .pair("Stays", "configuration and caches; u brings it all back")]
  }

  /// What a question says of jobs that would be lost.
  package func busyLines(_ runners: [Runner]) -> [DialogState.Line] {
    let busy = runners.filter { $0.state.job != nil }
    guard !busy.isEmpty else { return [] }
    let head = busy.count == 1 ? "1 of its runners is working now:" : "\(busy.count) of its runners are working now:"
    let shown = busy.prefix(6).map { DialogState.Line.busy(runner: $0.name) }
    let more = busy.count > 6 ? [DialogState.Line.text("  and \(busy.count - 6) more")] : []
    return [.warning(head)] + shown + more + [.text("")]
  }
}
