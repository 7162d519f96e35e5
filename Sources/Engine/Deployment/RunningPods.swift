import Basics
import Tools

/// What runs on a cluster besides what Kubernetes and kind put there.
enum RunningPods {
  /// The namespaces of kind's own pods.
  private static let system: Set<String> = ["kube-system", "kube-public", "kube-node-lease", "local-path-storage"]

  /// The pods that run, as `NAMESPACE/NAME`, sorted.
  ///
  /// - Throws: `EngineError` when they cannot be read.
  static func list(_ kubectl: Kubectl) async throws -> [String] {
    let list = try await kubectl.json("/api/v1/pods", timeout: .seconds(30))
    return (list["items"]?.arrayValue ?? []).compactMap { pod -> String? in
      guard pod["status"]?["phase"] == "Running", let name = pod["metadata"]?["name"]?.stringValue,
        let namespace = pod["metadata"]?["namespace"]?.stringValue, !system.contains(namespace)
      else { return nil }
      return SafeText.line("\(namespace)/\(name)")
    }.sorted()
  }
}
