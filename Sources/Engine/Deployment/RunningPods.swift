import Basics
import Tools

/// The pods on a cluster that do not belong to Kubernetes or kind.
enum RunningPods {
  /// The namespaces of kind's own pods.
  private static let system: Set<String> = ["kube-system", "kube-public", "kube-node-lease", "local-path-storage"]

  /// The running pods as `NAMESPACE/NAME`, sorted.
  ///
  /// - Throws: `EngineError` if they cannot be read.
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
