import ARC
import Basics
import Tools

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A cache directory that deskrun keeps on this computer.
package struct CacheDirectory: Sendable, Equatable {
  /// The scale set it belongs to, or belonged to.
  package var scaleSet: String
  /// Its index among that scale set's caches.
  package var index: Int
  /// Where it is on this computer.
  package var path: String
  /// Where jobs see it, or nil when no installation uses it.
  package var target: String?
  /// The installation that uses it, or nil.
  package var installation: InstallationName?
  /// Bytes on disk.
  package var bytes: Int64
  /// Whether parts could not be read, so that there may be more.
  package var isPartial: Bool
  /// The first directory in it that this user may not read; nil when none was met.
  package var unreadable: String?
}

/// The caches on this computer: those that are used, and those left behind.
package struct CacheInventory: Sendable {
  package let root: String
  package let configuration: Configuration

  /// Looks below the folder of caches.
  package init(root: String, configuration: Configuration) {
    self.root = root
    self.configuration = configuration
  }

  /// Every cache directory, by scale set and index. Reads the whole trees to add up their sizes.
  package func list() -> [CacheDirectory] {
    var used: [String: (InstallationName, String?)] = [:]
    for installation in configuration.installations {
      for scaleSet in installation.scaleSets {
        for (index, cache) in installation.caches.enumerated() where cache.source == nil {
          used[CacheLocation.partition(scaleSet: scaleSet.name, index: index)] = (installation.name, cache.target)
        }
      }
    }
    var directories: [CacheDirectory] = []
    for scaleSet in DirectoryTree.names(in: root) {
      for name in DirectoryTree.names(in: "\(root)/\(scaleSet)") {
        guard name.hasPrefix("cache-"), let index = Int(name.dropFirst("cache-".count)) else { continue }
        let path = "\(root)/\(scaleSet)/\(name)"
        let usage = DirectoryTree.usage(of: path)
        var user = used[CacheLocation.partition(scaleSet: scaleSet, index: index)]
        if user == nil, let entry = unreadableEntry(of: scaleSet) {
          // Nobody can tell whether such an entry uses it, so it does not count as left behind.
          guard let name = try? InstallationName(entry) else { continue }
          user = (name, nil)
        }
        directories.append(
          CacheDirectory(
            scaleSet: scaleSet, index: index, path: path, target: user?.1, installation: user?.0, bytes: usage.bytes,
            isPartial: usage.isPartial, unreadable: usage.unreadable.map { path + $0 }))
      }
    }
    return directories.sorted { ($0.scaleSet, $0.index) < ($1.scaleSet, $1.index) }
  }

  /// The folders of scale sets, or the folder of caches itself, that this user may not look into: what is in them is
  /// not in `list`.
  package func hidden() -> [String] {
    if DirectoryTree.isForbidden(root) { return [root] }
    return DirectoryTree.names(in: root).map { "\(root)/\($0)" }.filter(DirectoryTree.isForbidden)
  }

  /// The entry of the configuration that cannot be read and that a scale set is of by its name.
  private func unreadableEntry(of scaleSet: String) -> String? {
    configuration.unreadable.map(\.name).first { name in
      scaleSet == name || (scaleSet.hasPrefix("\(name)-") && Int(scaleSet.dropFirst(name.count + 1)) != nil)
    }
  }

  /// Deletes a cache directory, and the scale set's folder when it is empty then. What jobs wrote as root is deleted
  /// inside the kind node, which sees the same directory.
  ///
  /// - Throws: `EngineError` that says what is left and how to delete it.
  package func delete(_ directory: CacheDirectory, toolbox: Toolbox) async throws {
    guard HostPath.isAtOrBelow(directory.path, root), directory.path != root else { return }
    var problem = DirectoryTree.delete(directory.path)
    if problem == EACCES || problem == EPERM, let cluster = toolbox.target.kindCluster {
      let container = KindClusterConfiguration.nodeContainer(cluster: cluster)
      let docker = try toolbox.docker()
      // Another's node of that name would not see this folder.
      if let node = try await docker.node(container: container), node.status == .running,
        node.mounts.contains(where: { $0.destination == CacheLocation.nodeRoot && $0.source.hasSuffix(root) })
      {
        try await docker.deleteDirectory(
          CacheLocation.nodeRoot + directory.path.dropFirst(root.count), in: container)
        problem = DirectoryTree.delete(directory.path)
      }
    }
    guard problem == 0 else {
      throw EngineError(
        .failed, "\(directory.path) could not be deleted completely", why: String(cString: strerror(problem)),
        fix: "Jobs wrote parts of it as root: sudo rm -rf \(ToolCall.quoted([directory.path]))")
    }
    rmdir("\(root)/\(directory.scaleSet)")
  }
}
