import Tools

/// A path of the cluster's node that the runners of one scale set see: a cache or a mount, resolved.
package struct HostVolume: Sendable, Equatable {
  /// The volume's name in the pod, unique there: `cache-0`, `mount-1`.
  package var name: String
  /// The path on the node. On kind that is a path inside the node's container.
  package var nodePath: String
  /// Where containers see it.
  package var target: String
  /// What Kubernetes checks it to be.
  package var kind: Mount.Kind
  /// Whether it is a folder of deskrun's own, whose mode deskrun may change. What the user brought is never changed.
  package var isOwn: Bool
  /// The group that a socket belongs to, where it is known.
  package var group: Int?

  /// Describes one.
  package init(
    name: String, nodePath: String, target: String, kind: Mount.Kind = .directoryOrCreate, isOwn: Bool = false,
    group: Int? = nil
  ) {
    self.name = name
    self.nodePath = nodePath
    self.target = target
    self.kind = kind
    self.isOwn = isOwn
    self.group = group
  }

  package var volume: Volume { Volume(name: name, source: .hostPath(nodePath, type: kind)) }
  var volumeMount: VolumeMount { VolumeMount(name: name, mountPath: target) }
}
