import ARC
import Basics
import Installations

/// Whether a current node can run a runner. These are warnings: an autoscaler may add other nodes when a pod is
/// pending.
extension ClusterFit {
  /// Taints that Kubernetes sets and removes itself while a node has a problem.
  private static func isTransient(_ taint: ClusterFacts.Taint) -> Bool { taint.key.hasPrefix("node.kubernetes.io/") }

  static func nodes(_ need: RunnerNeed, _ facts: ClusterFacts) -> [FitProblem] {
    guard facts.knows(.nodes), !facts.nodes.isEmpty else { return [] }
    let name = need.installation.name
    func warning(_ kind: FitProblem.Kind, _ what: String, _ why: String?, _ fix: String) -> [FitProblem] {
      [FitProblem(kind: kind, isRefusal: false, what: what, why: why, fix: fix)]
    }
    let unlessMore = ", unless the cluster adds other nodes automatically"
    let linux = facts.nodes.filter { ($0.labels["kubernetes.io/os"] ?? "linux") == "linux" }
    guard !linux.isEmpty else {
      return warning(
        .windows, "No node runs Linux, so no runner of \(name) can start\(unlessMore)",
        "All \(facts.nodes.count) nodes have kubernetes.io/os=\(os(facts.nodes[0]))", "Add a node with Linux")
    }
    let selected = linux.filter { node in need.nodeSelector.allSatisfy { node.labels[$0.key] == $0.value } }
    guard !selected.isEmpty else {
      let labels = need.nodeSelector.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: ", ")
      return warning(
        .nodeSelector, "No node has the labels that \(name) asks for, so no runner can start\(unlessMore)",
        SafeText.line(labels), "Change --node-selector, or label a node: `kubectl label node NODE KEY=VALUE`")
    }
    let open = selected.filter { node in
      node.taints.allSatisfy { isTransient($0) || $0.effect == "PreferNoSchedule" || isTolerated($0, need.tolerations) }
    }
    guard !open.isEmpty else {
      let taints = Set(
        selected.flatMap { node in
          node.taints.filter {
            !isTransient($0) && $0.effect != "PreferNoSchedule" && !isTolerated($0, need.tolerations)
          }
          .map(\.text)
        }
      ).sorted().map { SafeText.line($0) }
      return warning(
        .taints, "Every node has a taint that \(name) does not tolerate, so no runner can start\(unlessMore)",
        taints.prefix(5).joined(separator: ", "),
        "Accept one: " + taints.prefix(2).map { "--toleration \($0)" }.joined(separator: " or "))
    }
    return size(need, open) + architecture(need, open)
  }

  private static func os(_ node: ClusterFacts.Node) -> String {
    SafeText.line(node.labels["kubernetes.io/os"] ?? "unknown")
  }

  private static func size(_ need: RunnerNeed, _ nodes: [ClusterFacts.Node]) -> [FitProblem] {
    let cpus = need.total { $0.requests["cpu"] }
    let memory = need.total { $0.requests["memory"] }
    func fits(_ node: ClusterFacts.Node) -> Bool {
      !(node.cpus?.isLess(than: cpus) ?? false) && !(node.memory?.isLess(than: memory) ?? false)
    }
    guard !nodes.contains(where: fits) else { return [] }
    let largest = nodes.max { ($0.memory ?? .none).isLess(than: $1.memory ?? .none) }
    let given = [
      largest?.cpus.map { "\($0.cpuText) CPUs" }, largest?.memory.map { "\($0.bytesText) of memory" },
    ].compactMap { $0 }.joined(separator: " and ")
    let wanted = [
      cpus.isNone ? nil : "\(cpus.cpuText) CPUs", memory.isNone ? nil : "\(memory.bytesText) of memory",
    ].compactMap { $0 }.joined(separator: " and ")
    return [
      FitProblem(
        kind: .nodeSize, isRefusal: false,
        what:
          "No node is large enough for a runner of \(need.installation.name), unless the cluster adds larger ones "
          + "automatically",
        why: "A runner requests \(wanted), and the largest node, \(largest?.name ?? ""), gives \(given) in all",
        fix: "Request less: --cpus, --memory")
    ]
  }

  private static func architecture(_ need: RunnerNeed, _ nodes: [ClusterFacts.Node]) -> [FitProblem] {
    guard nodes.allSatisfy({ $0.labels["kubernetes.io/arch"] == "arm64" }) else { return [] }
    return [
      FitProblem(
        kind: .arm, isRefusal: false, what: "Every node that \(need.installation.name) can use is arm64",
        why: need.installation.image == nil
          ? "The runner's image runs there, and images and tools of jobs must too"
          : "The image \(need.installation.image ?? ""), and images and tools of jobs, must be for arm64",
        fix: "Use images for arm64, or --node-selector kubernetes.io/arch=amd64 with such nodes")
    ]
  }

  /// Compares like the scheduler (kubernetes, component-helpers/scheduling/corev1/helpers.go).
  private static func isTolerated(_ taint: ClusterFacts.Taint, _ tolerations: [JSONValue]) -> Bool {
    tolerations.contains { toleration in
      let effect = toleration["effect"]?.stringValue ?? ""
      let key = toleration["key"]?.stringValue ?? ""
      guard effect.isEmpty || effect == taint.effect, key.isEmpty || key == taint.key else { return false }
      return toleration["operator"]?.stringValue == "Exists" || (toleration["value"]?.stringValue ?? "") == taint.value
    }
  }
}
