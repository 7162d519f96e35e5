import Basics

/// The settings of the kind cluster. All commands build them with this type: mounts cannot be added to a node later.
package struct KindClusterConfiguration: Sendable, Equatable {
  /// A host directory mounted into the node.
  package struct HostMount: Sendable, Equatable {
    /// The directory on the host.
    package var hostPath: String
    /// The path in the node.
    package var nodePath: String
    /// Whether deskrun creates the directory first. Docker would create a missing one owned by root.
    package var createsDirectory: Bool
    /// Whether jobs must not run on a node without it: a folder provided by the user is never replaced by an empty one.
    package var isRequired: Bool
    /// Whether the installations to deploy use it; a node works without mounts that only others use.
    package var isNeeded = true

    package init(hostPath: String, nodePath: String, createsDirectory: Bool, isRequired: Bool = false) {
      self.hostPath = hostPath
      self.nodePath = nodePath
      self.createsDirectory = createsDirectory
      self.isRequired = isRequired
    }
  }

  /// The cluster's name.
  package var name: String
  /// The mounts of its node.
  package var mounts: [HostMount]

  package init(name: String, mounts: [HostMount]) {
    self.name = name
    self.mounts = mounts
  }

  /// The document for `kind create cluster --config -`. A single node: clusters with several do not survive a change of
  /// their addresses, as after a reboot.
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

  /// The container of the cluster's node.
  package var nodeContainer: String { Self.nodeContainer(cluster: name) }

  /// The container of the node of the cluster with this name.
  package static func nodeContainer(cluster: String) -> String { "\(cluster)-control-plane" }
}
