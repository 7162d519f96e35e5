import Tools

/// What the runners of one scale set see besides their own volumes: a cache or a mount, resolved to a path of the
/// cluster's node or to a claim.
package struct HostVolume: Sendable, Equatable {
  /// The volume's name in the pod, unique there: `cache-0`, `mount-1`.
  package var name: String
  /// Where it is kept.
  package enum Source: Sendable, Equatable {
    /// A path on the node. On kind that is a path inside the node's container.
    case nodePath(String)
    /// A PersistentVolumeClaim of the runners' namespace.
    case claim(String)
  }

  /// Where it is kept.
  package var source: Source
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
    source = .nodePath(nodePath)
    self.target = target
    self.kind = kind
    self.isOwn = isOwn
    self.group = group
  }

  /// A claim, which Kubernetes mounts wherever a runner is.
  package init(name: String, claim: String, target: String) {
    self.name = name
    source = .claim(claim)
    self.target = target
    kind = .directory
    isOwn = false
  }

  /// The path on the node; nil for a claim.
  package var nodePath: String? { if case .nodePath(let path) = source { path } else { nil } }

  package var volume: Volume {
    switch source {
    case .nodePath(let path): Volume(name: name, source: .hostPath(path, type: kind))
    case .claim(let claim): Volume(name: name, source: .claim(name: claim))
    }
  }
  var volumeMount: VolumeMount { VolumeMount(name: name, mountPath: target) }
}
