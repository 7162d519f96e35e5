/// A path of the cluster's node that the runners of one scale set see: a cache or a mount, resolved.
public struct HostVolume: Sendable, Equatable {
  /// The volume's name in the pod, unique there: `cache-0`, `mount-1`.
  public var name: String
  /// The path on the node. On kind that is a path inside the node's container.
  public var nodePath: String
  /// Where containers see it.
  public var target: String
  /// What Kubernetes checks it to be.
  public var kind: Mount.Kind

  /// Describes one.
  public init(name: String, nodePath: String, target: String, kind: Mount.Kind = .directoryOrCreate) {
    self.name = name
    self.nodePath = nodePath
    self.target = target
    self.kind = kind
  }

  var volume: Volume { Volume(name: name, source: .hostPath(nodePath, type: kind)) }
  var volumeMount: VolumeMount { VolumeMount(name: name, mountPath: target) }
}
