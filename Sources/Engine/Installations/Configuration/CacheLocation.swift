import ARC
import Tools

/// Paths of caches and mounts on the host, on the cluster's node and in pods.
///
/// The earlier program used the host path `/tmp/github-runner-cache/NAME/cache-INDEX`. Inside a kind node, `/tmp` is on
/// tmpfs and lost on restart, so the node is created with a mount of the host's cache folder, and caches are in it
/// under the same `NAME/cache-INDEX`. On any other cluster, that path is used unchanged.
package enum CacheLocation {
  /// The mount path of the host's cache folder in the kind node. Later versions of the earlier program also mounted it
  /// there and stored such node paths as sources, so a source below it is not considered a host path.
  package static let nodeRoot = "/host-cache/deskrun"
  /// The root of caches on a cluster other than kind.
  package static let clusterRoot = "/tmp/github-runner-cache"

  /// The part of a cache's path that identifies its scale set.
  package static func partition(scaleSet: String, index: Int) -> String { "\(scaleSet)/cache-\(index)" }

  /// The volumes of a scale set: its caches, its mounts, then its claims.
  ///
  /// - Parameters:
  ///   - isKind: whether the node is a kind node.
  ///   - cacheRoot: the host's cache folder.
  package static func volumes(
    of installation: Installation, scaleSet: String, isKind: Bool, cacheRoot: String
  ) -> [HostVolume] {
    let caches = installation.caches.enumerated().map { index, cache in
      let path: String =
        if let source = cache.source {
          isKind ? nodePath(forHost: source, cacheRoot: cacheRoot) : source
        } else {
          (isKind ? nodeRoot : clusterRoot) + "/" + partition(scaleSet: scaleSet, index: index)
        }
      let isOwn = isKind ? HostPath.isAtOrBelow(path, nodeRoot) : cache.source == nil
      return HostVolume(name: "cache-\(index)", nodePath: path, target: cache.target, isOwn: isOwn)
    }
    let mounts = installation.mounts.enumerated().map { index, mount in
      HostVolume(
        name: "mount-\(index)",
        nodePath: isKind ? nodePath(forHost: mount.source, cacheRoot: cacheRoot) : mount.source, target: mount.target,
        kind: mount.kind,
        // On another cluster, the socket belongs to another computer.
        group: isKind && mount.kind == .socket ? FolderAccess.read(mount.source)?.socketGroup : nil)
    }
    let claims = installation.settings.cacheClaims.enumerated().map { index, claim in
      HostVolume(name: "claim-\(index)", claim: claim.claim, target: claim.target)
    }
    return caches + mounts + claims
  }

  /// The path in a kind node of a mounted host path. In the node, `/tmp` and `/run` are on tmpfs, which hides mounts
  /// below them, so paths below them are mapped elsewhere.
  package static func nodePath(forHost path: String, cacheRoot: String) -> String {
    if HostPath.isAtOrBelow(path, cacheRoot) { return nodeRoot + path.dropFirst(cacheRoot.count) }
    if HostPath.isAtOrBelow(path, nodeRoot) { return path }
    return nodesOwn.contains { HostPath.isAtOrBelow(path, $0) } ? movedRoot + path : path
  }

  /// The root in a kind node of host paths that cannot be mounted under their own path.
  static let movedRoot = "/host-mounts"

  /// Paths on tmpfs, and paths that the node itself needs: its network plugins, for example, are in `/opt/cni`.
  private static let nodesOwn = [
    "/tmp", "/run", "/etc", "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/var", "/opt", "/kind",
    "/proc", "/sys", "/dev", "/host-cache", movedRoot,
  ]

  /// The mounts that a kind node needs for installations: always the cache folder, so that a cache added later has its
  /// mount, and each source elsewhere.
  package static func nodeMounts(
    for installations: [Installation], cacheRoot: String
  ) -> [KindClusterConfiguration.HostMount] {
    var mounts = [
      KindClusterConfiguration.HostMount(hostPath: cacheRoot, nodePath: nodeRoot, createsDirectory: true)
    ]
    for installation in installations {
      let sources =
        installation.caches.compactMap { cache in cache.source.map { ($0, true, false) } }
        + installation.mounts.map { ($0.source, $0.kind == .directoryOrCreate, true) }
      for (source, mayCreate, isRequired) in sources
      where !HostPath.isAtOrBelow(source, cacheRoot) && !HostPath.isAtOrBelow(source, nodeRoot) {
        if let at = mounts.firstIndex(where: { $0.hostPath == source }) {
          mounts[at].isRequired = mounts[at].isRequired || isRequired
          continue
        }
        mounts.append(
          .init(
            hostPath: source, nodePath: nodePath(forHost: source, cacheRoot: cacheRoot), createsDirectory: mayCreate,
            isRequired: isRequired))
      }
    }
    return mounts
  }

  /// The path of a cache on this computer, or nil if it is inside another cluster.
  package static func hostPath(
    of cache: CachePath, index: Int, scaleSet: String, isKind: Bool, cacheRoot: String
  ) -> String? {
    guard isKind else { return nil }
    guard let source = cache.source else { return cacheRoot + "/" + partition(scaleSet: scaleSet, index: index) }
    return HostPath.isAtOrBelow(source, nodeRoot) ? cacheRoot + source.dropFirst(nodeRoot.count) : source
  }
}
