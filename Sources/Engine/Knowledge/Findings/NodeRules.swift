import ARC
import Kubernetes

extension Diagnosis {
  /// Nodes that have stopped reporting. The pods tell it: listing nodes needs rights in the whole cluster, and Kubernetes
  /// marks the pods at the same moment.
  static func nodes(_ snapshot: Snapshot) -> [Finding] {
    let lost = Dictionary(grouping: snapshot.pods.filter(\.isCutOff)) { $0.node ?? "" }
    return lost.sorted { $0.key < $1.key }.map { node, pods in
      let runners = pods.filter { $0.role == .runner }.map(\.metadata.name)
      let busy = runners.filter { snapshot.runner($0)?.assignedJob != nil }
      var parts: [String] = []
      if !runners.isEmpty { parts.append(runners.count == 1 ? "a runner" : "\(runners.count) runners") }
      parts += pods.filter { $0.role == .listener }.map {
        "the listener of \($0.metadata.scaleSet ?? $0.metadata.name)"
      }
      if pods.contains(where: { $0.role == .controller }) { parts.append("the controller") }
      if parts.isEmpty { parts.append("the pod of a job") }
      var evidence = [
        "\(pods[0].metadata.name): not ready, although its containers are listed as running"
          + (pods.count > 1 ? "; \(pods.count) pods in all" : "")
      ]
      if let first = busy.first, let job = snapshot.runner(first)?.assignedJob {
        evidence.append(
          "\(first) has the job \(job.name)" + (busy.count > 1 ? ", \(busy.count - 1) more have jobs" : ""))
      }
      return Finding(
        .nodeLost, nil, .bad, "The node \(node) does not respond; on it: \(parts.joined(separator: ", "))",
        evidence: evidence,
        remedy:
          "Start the node again. After five minutes Kubernetes replaces its pods; jobs that ran there are lost and "
          + "can be run again")
    }
  }
}
