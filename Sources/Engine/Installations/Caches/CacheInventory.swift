import ARC
import Basics
import Tools

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A cache directory that deskrun keeps on this machine.
package struct CacheDirectory: Sendable, Equatable {
  /// The scale set it belongs or belonged to.
  package var scaleSet: String
  /// Its index among that scale set's caches.
  package var index: Int
  /// The path on this machine.
  package var path: String
  /// The path in jobs, or nil if no installation uses it.
  package var target: String?
  /// The installation that uses it, or nil.
  package var installation: InstallationName?
  /// Bytes on disk.
  package var bytes: Int64
  /// Whether parts could not be read, so that the size may be larger.
  package var isPartial: Bool
  /// The first directory in it that this user may not read; nil if all are readable.
  package var unreadable: String?
}

/// The caches on this machine, both used and unused.
package struct CacheInventory: Sendable {
  package let root: String
  package let configuration: Configuration

  /// Searches the folder of caches.
  package init(root: String, configuration: Configuration) {
    self.root = root
    self.configuration = configuration
  }

  /// All cache directories, by scale set and index. Reads whole trees to add up their sizes.
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
          // It is unknown whether such an entry uses it, so it does not count as unused.
          guard let name = try? InstallationName(reference: entry) else { continue }
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

  /// Folders of scale sets, or the folder of caches itself, that this user may not read: their contents are not in
  /// `list`.
  package func hidden() -> [String] {
    if DirectoryTree.isForbidden(root) { return [root] }
    return DirectoryTree.names(in: root).map { "\(root)/\($0)" }.filter(DirectoryTree.isForbidden)
  }

  /// The unreadable entry of the configuration that a scale set belongs to according to its name.
  private func unreadableEntry(of scaleSet: String) -> String? {
    configuration.unreadable.map(\.name).first { name in
      scaleSet == name || (scaleSet.hasPrefix("\(name)-") && Int(scaleSet.dropFirst(name.count + 1)) != nil)
    }
  }

  /// Deletes a cache directory, and the scale set's folder if that is then empty. Files that jobs wrote as root are
  /// deleted inside the kind node, which mounts the same directory.
  ///
  /// - Throws: `EngineError` that tells what is left and how to delete it.
  package func delete(_ directory: CacheDirectory, toolbox: Toolbox) async throws {
    guard HostPath.isAtOrBelow(directory.path, root), directory.path != root else { return }
    var problem = DirectoryTree.delete(directory.path)
    if problem == EACCES || problem == EPERM, let cluster = toolbox.target.kindCluster {
      let container = KindClusterConfiguration.nodeContainer(cluster: cluster)
      let docker = try toolbox.docker()
      // Somebody else's node with that name would not have this folder.
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
