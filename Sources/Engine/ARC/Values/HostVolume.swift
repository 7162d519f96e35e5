import Tools

/// A cache or mount for the runners of a scale set, besides their own volumes, resolved to a path on the cluster's node
/// or to a claim.
package struct HostVolume: Sendable, Equatable {
  /// The volume's name, unique in the pod: `cache-0`, `mount-1`.
  package var name: String
  /// Where the data is stored.
  package enum Source: Sendable, Equatable {
    /// A path on the node. For kind, this is a path inside the node's container.
    case nodePath(String)
    /// A PersistentVolumeClaim in the runners' namespace.
    case claim(String)
  }

  /// Where the data is stored.
  package var source: Source
  /// The mount path in containers.
  package var target: String
  /// The type that Kubernetes checks for.
  package var kind: Mount.Kind
  /// Whether deskrun created the folder and may change its mode. Folders of the user are never changed.
  package var isOwn: Bool
  /// The group that owns a socket, if known.
  package var group: Int?

  /// Creates a volume for a path on the node.
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

  /// Creates a volume for a claim, which Kubernetes mounts on any node.
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
