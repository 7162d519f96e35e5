import ARC
import Kubernetes

extension Diagnosis {
  /// Nodes that have stopped reporting. This is determined from pods: listing nodes needs cluster-wide permissions, and
  /// Kubernetes marks the pods at the same moment.
  static func nodes(_ snapshot: Snapshot) -> [Finding] {
    let lost = Dictionary(grouping: snapshot.pods.filter(\.isCutOff)) { $0.node ?? "" }.sorted { $0.key < $1.key }
    guard !lost.isEmpty else { return [] }
    let names = lost.map(\.key)
    let title =
      lost.count == 1
      ? "The node \(names[0]) does not respond; on it: \(contents(lost[0].value))"
      : "\(lost.count) nodes do not respond: \(names.prefix(5).joined(separator: ", "))"
        + (names.count > 5 ? " and \(names.count - 5) more" : "")
    return [
      Finding(
        .nodeLost, nil, .bad, title, evidence: lost.flatMap { evidence($0.key, $0.value, of: lost.count, snapshot) },
        remedy:
          "Start \(lost.count == 1 ? "the node" : "them") again. After five minutes Kubernetes replaces the pods; "
          + "jobs that ran there are lost and can be run again")
    ]
  }

  /// What is on a node, in words.
  private static func contents(_ pods: [Pod]) -> String {
    let runners = pods.count { $0.role == .runner }
    var parts: [String] = []
    if runners > 0 { parts.append(runners == 1 ? "a runner" : "\(runners) runners") }
    parts += pods.filter { $0.role == .listener }.map { "the listener of \($0.metadata.scaleSet ?? $0.metadata.name)" }
    if pods.contains(where: { $0.role == .controller }) { parts.append("the controller") }
    return parts.isEmpty ? "the pod of a job" : parts.joined(separator: ", ")
  }

  private static func evidence(_ node: String, _ pods: [Pod], of nodes: Int, _ snapshot: Snapshot) -> [String] {
    let head = nodes == 1 ? "" : "\(node), with \(contents(pods)): "
    var evidence = [
      head + "\(pods[0].metadata.name): not ready, although its containers are listed as running"
        + (pods.count > 1 ? "; \(pods.count) pods in all" : "")
    ]
    let busy = pods.filter { $0.role == .runner && snapshot.runner($0.metadata.name)?.assignedJob != nil }
      .map(\.metadata.name)
    if let first = busy.first, let job = snapshot.runner(first)?.assignedJob {
      evidence.append("\(first) has the job \(job.name)" + (busy.count > 1 ? ", \(busy.count - 1) more have jobs" : ""))
    }
    return evidence
  }
}
