/// What the kind cluster is made with. One type builds it for every command: mounts cannot be added to a node later.
public struct KindClusterConfiguration: Sendable, Equatable {
  /// A host directory that the node sees.
  public struct HostMount: Sendable, Equatable {
    /// The directory on the host.
    public var hostPath: String
    /// Where the node sees it.
    public var nodePath: String
    /// Whether deskrun makes the directory first. Docker would make a missing one itself, owned by root.
    public var createsDirectory: Bool

    /// Describes one.
    public init(hostPath: String, nodePath: String, createsDirectory: Bool) {
      self.hostPath = hostPath
      self.nodePath = nodePath
      self.createsDirectory = createsDirectory
    }
  }

  /// The cluster's name.
  public var name: String
  /// What its node mounts.
  public var mounts: [HostMount]

  /// Describes a cluster.
  public init(name: String, mounts: [HostMount]) {
    self.name = name
    self.mounts = mounts
  }

  /// The document `kind create cluster --config -` reads. A single node: clusters of several do not survive a change
  /// of their addresses, as after a reboot.
  public var json: JSONValue {
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
  public var nodeContainer: String { Self.nodeContainer(cluster: name) }

  /// The container that is the node of the cluster of this name.
  public static func nodeContainer(cluster: String) -> String { "\(cluster)-control-plane" }
}
