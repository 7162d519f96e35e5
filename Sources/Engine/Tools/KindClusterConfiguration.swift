import Basics

/// What the kind cluster is made with. One type builds it for every command: mounts cannot be added to a node later.
package struct KindClusterConfiguration: Sendable, Equatable {
  /// A host directory that the node sees.
  package struct HostMount: Sendable, Equatable {
    /// The directory on the host.
    package var hostPath: String
    /// Where the node sees it.
    package var nodePath: String
    /// Whether deskrun makes the directory first. Docker would make a missing one itself, owned by root.
    package var createsDirectory: Bool
    /// Whether jobs must not run on a node without it: a folder that the user brings is not replaced by an empty one.
    package var isRequired: Bool
    /// Whether what is to be deployed uses it; a node works without what only others use.
    package var isNeeded = true

    /// Describes one.
    package init(hostPath: String, nodePath: String, createsDirectory: Bool, isRequired: Bool = false) {
      self.hostPath = hostPath
      self.nodePath = nodePath
      self.createsDirectory = createsDirectory
      self.isRequired = isRequired
    }
  }

  /// The cluster's name.
  package var name: String
  /// What its node mounts.
  package var mounts: [HostMount]

  /// Describes a cluster.
  package init(name: String, mounts: [HostMount]) {
    self.name = name
    self.mounts = mounts
  }

  /// The document `kind create cluster --config -` reads. A single node: clusters of several do not survive a change
  /// of their addresses, as after a reboot.
  package var json: JSONValue {
    var node: JSONObject = ["role": "control-plane"]
    if !mounts.isEmpty {
      node["extraMounts"] = .array(
        mounts.map { ["hostPath": .string($0.hostPath), "containerPath": .string($0.nodePath)] })
    }
    return [
      "kind": "Cluster", "apiVersion": "kind.x-k8s.io/v1alpha4", "name": .string(name), "nodes": [.object(node)],
    ]
  }

  /// The container that is the cluster's node.
  package var nodeContainer: String { Self.nodeContainer(cluster: name) }

  /// The container that is the node of the cluster of this name.
  package static func nodeContainer(cluster: String) -> String { "\(cluster)-control-plane" }
}
