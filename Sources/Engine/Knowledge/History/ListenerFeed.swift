import ARC
import Basics
import Kubernetes
import Tools

/// The pod of a listener. A replacement has the same name: only the uid distinguishes them.
package struct ListenerPod: Sendable, Hashable {
  package var name: String
  package var uid: String
  /// The controller's namespace.
  package var namespace: String

  package init(name: String, uid: String, namespace: String = ClusterTarget.namespace) {
    (self.name, self.uid) = (name, uid)
    self.namespace = namespace.isEmpty ? ClusterTarget.namespace : namespace
  }
}

/// Follows the logs of listeners with one stream per scale set, up to a maximum number.
package actor ListenerFeed {
  /// The number of past lines that a stream starts with: they include the newest counts.
  package static let tail = 200

  private let api: any KubernetesAPI
  private let onFact: @Sendable (String, [ListenerFact]) -> Void
  private var streams: [String: (pod: ListenerPod, task: Task<Void, Never>)] = [:]

  /// Follows logs through an API.
  ///
  /// - Parameter onFact: called with the name of the scale set and what its listener logged.
  package init(api: any KubernetesAPI, onFact: @escaping @Sendable (String, [ListenerFact]) -> Void) {
    self.api = api
    self.onFact = onFact
  }

  /// Sets the current listeners, by scale set.
  package func follow(_ pods: [String: ListenerPod]) {
    for (scaleSet, stream) in streams where pods[scaleSet] != stream.pod {
      stream.task.cancel()
      streams[scaleSet] = nil
    }
    let limit = api.logLimit
    for (scaleSet, pod) in pods.sorted(by: { $0.key < $1.key })
    where streams[scaleSet] == nil && streams.count < limit {
      streams[scaleSet] = (pod, Task { await self.read(pod, scaleSet) })
    }
  }

  package func stop() {
    for stream in streams.values { stream.task.cancel() }
    streams = [:]
  }

  private func read(_ pod: ListenerPod, _ scaleSet: String) async {
    let request = LogRequest(pod: pod.name, namespace: pod.namespace, container: "listener", tail: Self.tail)
    let log = ContainerLog(
      api: api, request, backoff: Backoff(first: .milliseconds(500), limit: .seconds(60)))
    let onFact = onFact
    try? await log.follow { lines in
      let facts = lines.compactMap(ListenerLog.fact)
      if !facts.isEmpty { onFact(scaleSet, facts) }
    } goesOn: { _, _ in
      true
    }
  }
}

extension Snapshot {
  /// The listener pods with a log, by scale set: running ones, and those that exited, whose logs remain until the pod
  /// is deleted.
  package var listenerPods: [String: ListenerPod] {
    var found: [String: ListenerPod] = [:]
    for set in scaleSets {
      guard let pod = listenerPod(of: set.id) else { continue }
      switch pod.container(ListenerPodFacts.container)?.activity {
      case .running, .terminated:
        found[set.id] = ListenerPod(
          name: pod.metadata.name, uid: pod.metadata.uid, namespace: pod.metadata.namespace)
      case .waiting, .unknown, nil: continue
      }
    }
    return found
  }
}
