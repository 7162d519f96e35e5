import Basics
import Tools

/// A controller in the cluster, as the labels of its Deployment describe it.
package struct FoundController: Sendable, Equatable {
  /// The name of the Deployment.
  package var name: String
  package var namespace: String
  /// The Helm release that deployed it.
  package var release: String
  /// ARC's version.
  package var version: String
  /// Whether one of its pods is ready.
  package var isReady: Bool
  /// Whether it has deskrun's label.
  package var isMarked: Bool
  /// The identity of the deskrun that installed it; nil if it has none.
  package var owner: String?
  /// Whether its release has exactly the values set by version 0.1.0, which did not label it.
  package var hasEarlierValues = false

  /// Reads a Deployment.
  package init(_ deployment: JSONValue) {
    let metadata = deployment["metadata"]
    let labels = metadata?["labels"]
    name = metadata?["name"]?.stringValue ?? ""
    namespace = metadata?["namespace"]?.stringValue ?? ""
    release = labels?["app.kubernetes.io/instance"]?.stringValue ?? ""
    version = labels?["app.kubernetes.io/version"]?.stringValue ?? ""
    isReady = (deployment["status"]?["readyReplicas"]?.intValue ?? 0) > 0
    isMarked = labels?[OwnershipMark.managed]?.stringValue == "true"
    owner = labels?[OwnershipMark.owner]?.stringValue
  }

  /// Whether it has the namespace and release name of deskrun's own controller.
  package var hasOwnPlace: Bool { namespace == ClusterTarget.namespace && release == ARCCharts.controllerRelease }
}
