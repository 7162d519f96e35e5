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
    let cancel = DialogState.Button(label: "Cancel", action: .close)
    var busy: [DialogState.Line] { busyLines(statuses.flatMap(\.runners)) }
    switch command {
    case .createCluster: start(configuration.installations.isEmpty ? .createCluster : .up(nil))
    case .upgrade:
      var buttons = [cancel]
      if busy.isEmpty {
        buttons.append(.init(label: "Upgrade", action: .run(.upgrade(.finishJobs))))
      } else {
        buttons.append(.init(label: "Wait for the jobs, then upgrade", action: .run(.upgrade(.finishJobs))))
        buttons.append(.init(label: "Upgrade now, the jobs fail", action: .run(.upgrade(.interrupt))))
      }
      ask(
        DialogState(
          title: "Upgrade to ARC \(SupportedARC.newest)?",
          lines: busy + [
            .text(
              "Controller, definitions and scale sets are brought to one version. Where its minor version changes, "
                + "the configured scale sets are removed and installed again: no job starts meanwhile. What deskrun did "
                + "not install is left alone."
            )
          ], buttons: buttons))
    case .stopCluster:
      ask(
        DialogState(
          title: "Stop the cluster \(settings.context)?",
          lines: busy + [
            .pair(
              "Goes", busy.isEmpty ? "nothing; the runners come back with the cluster" : "the jobs named above fail"),
            .pair("Stays", "the cluster and everything in it, configuration, caches"),
          ], buttons: [cancel, .init(label: "Stop", action: .run(.stopCluster))]))
    case .deleteCluster, .takeDown:
      let isOrderly = command == .takeDown
      ask(
        DialogState(
          title: isOrderly ? "Take \(settings.context) down?" : "Delete the cluster \(settings.context) at once?",
          lines: busy + [
            .pair(
              "Goes",
              settings.isKind
                ? "all runners, scale sets, the controller and the cluster"
                : "runners, scale sets and the controller that deskrun installed"),
            .pair("Stays", "configuration and caches; u brings it all back"),
          ],
          buttons: isOrderly
            ? [
              cancel, .init(label: "Wait for jobs, then take down", action: .run(.down(.finishJobs))),
              .init(label: "Take down now", action: .run(.down(.interrupt))),
            ] : [cancel, .init(label: "Delete", action: .run(.deleteCluster))]))
    case .bringUpAll: start(.up(nil))
    default: return false
    }
    return true
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
