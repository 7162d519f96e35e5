/// Why a pod cannot be scheduled, from the scheduler's message: `0/1 nodes are available: 1 REASON, 2 REASON.
/// preemption: …`. The wording is the scheduler's (kubernetes, pkg/scheduler/framework/plugins).
struct SchedulingObstacle {
  /// The obstacle; each needs a different fix.
  enum Cause: Equatable {
    /// A volume claim is not bound, or does not exist.
    case claim
    /// The nodes have a taint that the pod does not tolerate.
    case taint
    /// The pod requires node labels that no node has.
    case selector
    /// A volume is on another node.
    case volumeNode
    /// A port of the node is in use.
    case port
    /// Not enough CPU, memory, or pods per node.
    case resources
    /// Nodes are cordoned (`kubectl cordon`).
    case cordoned
    /// Unknown wording.
    case unknown
  }

  let cause: Cause
  /// The scheduler's reasons, without its remarks about preemption.
  let title: String

  init(_ message: String) {
    var reasons = Substring(message)
    if let preemption = reasons.firstRange(of: " preemption:") { reasons = reasons[..<preemption.lowerBound] }
    if let colon = reasons.firstRange(of: " nodes are available: ") { reasons = reasons[colon.upperBound...] }
    while reasons.last == "." || reasons.last == " " { reasons.removeLast() }
    title = reasons.isEmpty ? "no node fits" : String(reasons)
    let words = title.lowercased()
    func says(_ any: String...) -> Bool { any.contains { words.contains($0) } }
    if says("persistentvolumeclaim") {
      cause = .claim
    } else if says("untolerated taint") {
      // Kubernetes itself taints nodes that are stopped or under pressure.
      cause = .taint
    } else if says("volume node affinity") {
      cause = .volumeNode
    } else if says("node affinity", "node selector") {
      cause = .selector
    } else if says("were unschedulable") {
      cause = .cordoned
    } else if says("free ports") {
      cause = .port
    } else if says("insufficient ", "too many pods") {
      cause = .resources
    } else {
      cause = .unknown
    }
  }

  /// The option of `edit` that fixes it; nil if the cluster must be changed.
  var option: EditOption? {
    switch cause {
    case .claim: .storageClass
    case .taint: .toleration
    case .selector: .nodeSelector
    case .resources: .memory
    case .port: .values
    case .volumeNode, .cordoned: nil
    case .unknown: .unknown
    }
  }

  /// The fix.
  var remedy: String {
    switch cause {
    case .claim:
      "Its volume claim cannot be bound: use a storage class that the cluster has (`kubectl get storageclass`; kind's is "
        + "`standard`)"
    case .taint: "Remove the taint from the node, or give the pods a toleration for it"
    case .selector: "No node has the labels that the node selector or affinity asks for: change either"
    case .volumeNode: "Its volume is on another node: delete the claim, or let the pods run there"
    case .port: "Another pod uses a hostPort that it asks for: leave the port out of the values file"
    case .resources: "Ask for less memory and CPU, or allow fewer runners"
    case .cordoned: "The node is closed for new pods: `kubectl uncordon NODE`"
    case .unknown: "See what the scheduler's message names, and change the values file"
    }
  }
}
