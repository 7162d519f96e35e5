import DashboardCore
import Engine

/// Determines which log is shown, and from which containers.
extension Model {
  /// Shows the log of the selection, unless another log was requested.
  mutating func followSelection() {
    let (target, cluster) = (selectionLog, selectedRunner?.cluster ?? 0)
    guard tab == LogsPane.id || log.target == nil else {
      (log.target, log.cluster) = (target, cluster)
      if tab == DetailsPane.id { refreshDetails() }
      return
    }
    showLog(target, on: cluster)
  }

  private var selectionLog: LogTarget? {
    if let pod = selectedJobPod { return .pod(name: pod.metadata.name, container: pod.containers.first?.name ?? "") }
    return selectedRunner.map { .runner(name: $0.name, scaleSet: $0.scaleSet, container: "runner") }
  }

  mutating func showLog(_ target: LogTarget?, on cluster: Int) {
    guard target != log.target || cluster != log.cluster || log.phase == .none else { return }
    (log.target, log.cluster) = (target, cluster)
    restartLog()
  }

  mutating func restartLog() {
    log.restart(request: nextNumber())
    if case .runner(let name, _, "runner")? = log.target,
      [.failed, .lost].contains(job(of: name, in: log.cluster)?.result)
    {
      log.opensAtError = true
    }
    ask(.followLog(log.target, request: log.request, sources: log.target.map(sources) ?? []), on: log.cluster)
  }

  /// Updates the containers of the log: the merged log and those of listeners change with the pods.
  mutating func updateLogSources() {
    guard tab == LogsPane.id, let target = log.target else { return }
    switch target {
    case .installation, .listener, .controller:
      ask(.followLog(target, request: log.request, sources: sources(of: target)), on: log.cluster)
    case .runner(let name, _, _):
      // A runner without a log so far has one once it runs.
      guard case .failed = log.phase,
        let runner = clusters[log.cluster].snapshot?.runner(name)
      else { return }
      switch runner.state {
      case .starting, .failing: break
      case .idle, .busy, .finishing: restartLog()
      }
    case .pod: break
    }
  }

  /// - Parameter target: a target on the log's cluster.
  package func sources(of target: LogTarget) -> [LogSource] {
    let snapshot = clusters[log.cluster].snapshot
    switch target {
    case .runner(let name, let scaleSet, let container):
      let isLive = snapshot?.pod(name) != nil
      return [
        LogSource(
          pod: name, container: container, namespace: ScaleSetID.namespace(scaleSet), scaleSet: scaleSet, isLive: isLive
        )
      ]
    case .pod(let name, let container):
      let namespace = snapshot?.pod(name)?.metadata.namespace ?? ""
      return [LogSource(pod: name, container: container, namespace: namespace, scaleSet: nil, isLive: true)]
    case .installation(_, let sets):
      return (snapshot?.runners ?? []).lazy.filter { runner in
        guard sets.contains(runner.scaleSet) else { return false }
        switch runner.state {
        case .idle, .busy, .finishing: return true
        case .starting, .failing: return false
        }
      }.prefix(12).map {
        LogSource(
          pod: $0.name, container: "runner", namespace: $0.namespace, scaleSet: $0.scaleSet, isLive: true)
      }
    case .listener(let scaleSet):
      guard let pod = snapshot?.listenerPod(of: scaleSet) else { return [] }
      return [
        LogSource(
          pod: pod.metadata.name, container: "listener", namespace: pod.metadata.namespace, scaleSet: nil, isLive: true)
      ]
    case .controller:
      guard let pod = snapshot?.pods.last(where: { $0.role == .controller }) else { return [] }
      return [
        LogSource(
          pod: pod.metadata.name, container: "manager", namespace: pod.metadata.namespace, scaleSet: nil, isLive: true)
      ]
    }
  }

  /// Shows a log that was requested.
  mutating func openLog(_ target: LogTarget, on cluster: Int) {
    let opener = focus == .bottom ? tab : nil
    focus(.bottom)
    let wasShown = tab == LogsPane.id
    guard target != log.target || cluster != log.cluster || !wasShown else { return }
    // Set before showing the tab, so that only one log is requested.
    (log.target, log.cluster) = (target, cluster)
    if wasShown { return restartLog() }
    show(LogsPane.id)
    returnsTo = opener
  }
}
