import ARC
import Tools

/// Where caches and mounts are, seen from the host, from the cluster's node and from the pods.
///
/// The earlier program's hostPath was `/tmp/github-runner-cache/NAME/cache-INDEX`. Inside a kind node `/tmp` is kept in
/// memory and gone after a restart, so there the node gets one mount of the host's cache folder when it is made, and
/// caches lie in it under the same `NAME/cache-INDEX`. On any other cluster that path is used as it is.
package enum CacheLocation {
  /// Where the kind node sees the host's cache folder. The later versions of the earlier program mounted it there too
  /// and stored such paths of the node as sources, so a source below it is not taken for a path of the host.
  package static let nodeRoot = "/host-cache/deskrun"
  /// Where caches are on a cluster that is not kind.
  package static let clusterRoot = "/tmp/github-runner-cache"

  /// The part of a cache's path that says whose it is.
  package static func partition(scaleSet: String, index: Int) -> String { "\(scaleSet)/cache-\(index)" }

  /// The volumes of a scale set: its caches, then its mounts, then its claims.
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
        // On another cluster the socket is another computer's.
        group: isKind && mount.kind == .socket ? FolderAccess.read(mount.source)?.socketGroup : nil)
    }
    let claims = installation.settings.cacheClaims.enumerated().map { index, claim in
      HostVolume(name: "claim-\(index)", claim: claim.claim, target: claim.target)
    }
    return caches + mounts + claims
  }

  /// Where a kind node sees a path of the host that has been mounted into it. `/tmp` and `/run` of the node are kept in
  /// memory and laid over whatever was mounted there, so paths below them move.
  package static func nodePath(forHost path: String, cacheRoot: String) -> String {
    if HostPath.isAtOrBelow(path, cacheRoot) { return nodeRoot + path.dropFirst(cacheRoot.count) }
    if HostPath.isAtOrBelow(path, nodeRoot) { return path }
    return nodesOwn.contains { HostPath.isAtOrBelow(path, $0) } ? movedRoot + path : path
  }

  /// Where a kind node sees host paths that it cannot show under their own names.
  static let movedRoot = "/host-mounts"

  /// What is in memory, and what the node itself needs: its network plugins, for one, are in `/opt/cni`.
  private static let nodesOwn = [
    "/tmp", "/run", "/etc", "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/var", "/opt", "/kind",
    "/proc", "/sys", "/dev", "/host-cache", movedRoot,
  ]

  /// The mounts a kind node needs for these installations: the cache folder always, so that a cache added later finds
  /// it, and each source that lies elsewhere.
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

  /// Where on this computer a cache is kept, or nil when it is inside another cluster.
  package static func hostPath(
    of cache: CachePath, index: Int, scaleSet: String, isKind: Bool, cacheRoot: String
  ) -> String? {
    guard isKind else { return nil }
    guard let source = cache.source else { return cacheRoot + "/" + partition(scaleSet: scaleSet, index: index) }
    return HostPath.isAtOrBelow(source, nodeRoot) ? cacheRoot + source.dropFirst(nodeRoot.count) : source
  }
}
