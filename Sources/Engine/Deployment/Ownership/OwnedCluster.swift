import Basics
import Installations
import Tools

/// A kind cluster that deskrun may create, start, stop and delete. Only `check` creates this value.
///
/// A node created by deskrun mounts the folder of caches at `CacheLocation.nodeRoot`, which is visible even if it is
/// stopped. Not all nodes of the earlier program do, so one named in the configuration is accepted too.
package struct OwnedCluster: Sendable, Equatable {
  /// The cluster's name.
  package let name: String
  /// Whether the configuration named it before the plan.
  package let isConfigured: Bool
  /// The folder of caches on this machine.
  package let caches: String

  private init(name: String, isConfigured: Bool, caches: String) {
    (self.name, self.isConfigured, self.caches) = (name, isConfigured, caches)
  }

  /// Checks that deskrun may change the cluster with this name.
  ///
  /// - Parameter node: its node; nil if it does not exist.
  /// - Throws: `EngineError` of kind `invalid` if something else created it.
  package static func check(
    _ name: String, configuration: Configuration, caches: String, node: NodeState?
  ) throws(EngineError) -> OwnedCluster {
    let owned = OwnedCluster(name: name, isConfigured: configuration.namesCluster, caches: caches)
    if let node { try owned.confirm(node) }
    return owned
  }

  /// Checks right before a change that the node is deskrun's.
  ///
  /// - Parameter node: the node; nil if it is not visible.
  package func confirm(_ node: NodeState?) throws(EngineError) {
    guard !isConfigured, node?.isMarked(caches: caches) != true else { return }
    throw EngineError(
      .invalid, "A kind cluster named \(name) exists, and deskrun did not create it",
      why: node == nil
        ? "kind lists it, and its node cannot be inspected"
        : "Its node does not mount this deskrun's \(caches) at \(CacheLocation.nodeRoot)",
      fix: "If it is yours, name it in the configuration (\"cluster_name\": \"\(name)\"); else name another there")
  }
}

extension OwnedCluster {
  /// Checks right before a deletion that nobody requested that deskrun created the node: a name in the configuration is
  /// less reliable than its mounts.
  package func confirmCreated(_ node: NodeState) throws(EngineError) {
    guard !node.isMarked(caches: caches) else { return }
    throw EngineError(
      .invalid, "The kind cluster \(name) is half-created, and deskrun did not create it",
      why: "Its node does not mount this deskrun's \(caches) at \(CacheLocation.nodeRoot)",
      fix: "If it is not in use, delete it: kind delete cluster --name \(name)")
  }
}

extension NodeState {
  /// Whether the deskrun with this folder of caches created it: others have other folders.
  func isMarked(caches: String) -> Bool {
    // Docker Desktop shows sources below its own folder.
    mounts.contains { $0.destination == CacheLocation.nodeRoot && $0.source.hasSuffix(caches) }
  }

  /// The mounts among these that it was created without.
  package func missing(_ wanted: [KindClusterConfiguration.HostMount]) -> [KindClusterConfiguration.HostMount] {
    let present = Set(mounts.map(\.destination))
    return wanted.filter { !present.contains($0.nodePath) }
  }

  /// Why nothing can be deployed to a node without these mounts; nil if it works without them.
  package static func refusal(_ missing: [KindClusterConfiguration.HostMount]) -> EngineError? {
    guard let first = missing.first(where: \.isRequired) else { return nil }
    return EngineError(
      .failed, "The cluster's node does not see \(first.hostPath)",
      why: "A kind node gets its mounts when it is created, and this one was created without it", fix: recreation)
  }

  /// How to change a node's mounts.
  package static let recreation =
    "Recreate the cluster with `deskrun down && deskrun up`: configuration and caches on this computer stay"

  /// Whether it was created with these mounts.
  package func has(_ wanted: [KindClusterConfiguration.HostMount]) -> Bool {
    wanted.allSatisfy { mount in
      // Docker Desktop shows sources below its own folder.
      mounts.contains { $0.destination == mount.nodePath && $0.source.hasSuffix(mount.hostPath) }
    }
  }
}
