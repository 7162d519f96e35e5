import Basics
import Installations
import Tools

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Files of deskrun on this machine that an uninstallation deletes.
package enum OwnFiles: Sendable, Equatable {
  /// The services installed in the user's service manager.
  case services([OwnService])
  /// The folder of caches. Deleted before the cluster, since files that jobs wrote as root are deleted inside its node.
  case caches
  /// The programs installed by `deskrun setup`.
  case tools
  /// Configuration, history, logs and locks. Last, since the configuration tells what belongs to deskrun.
  case configuration
}

extension Paths {
  /// The programs installed by `deskrun setup`.
  package var tools: ToolsFolder { ToolsFolder(path: home + "/tools") }

  /// The names of deskrun's files in the folder of the configuration, except caches and programs. `DESKRUN_HOME` may
  /// name a folder with other contents, so these are deleted by name.
  package var ownNames: [String] {
    [
      configuration, backup, lock, locks, logs, history, history + ".lock", home + "/history", listenerEnds, interface,
      identity,
    ].map { FileIO.split($0).name }
  }

  /// The names of those that are only locks.
  package var lockNames: [String] { [lock, locks, history + ".lock"].map { FileIO.split($0).name } }
}

extension PlanExecutor {
  func removeOwn(_ files: OwnFiles, _ context: StepContext) async throws -> StepOutcome {
    switch files {
    case .services(let installed):
      let services = UserServices(runner: toolbox.runner, environment: toolbox.environment)
      var removed: [String] = []
      for service in installed { if let path = try await services.uninstall(service) { removed.append(path) } }
      return removed.isEmpty ? .unchanged("already removed") : .changed()
    case .caches: return try await deleteCaches(context)
    case .tools:
      guard FileIO.exists(store.paths.tools.path) else { return .unchanged("already deleted") }
      try store.paths.tools.delete()
      return .changed()
    case .configuration: return try deleteConfiguration()
    }
  }

  private func deleteCaches(_ context: StepContext) async throws -> StepOutcome {
    let root = store.paths.caches
    let inventory = CacheInventory(root: root, configuration: try store.load())
    let all = await OwnThread.value { inventory.list() }
    for directory in all {
      context.progress("deleting \(directory.path)")
      try await inventory.delete(directory, toolbox: toolbox)
    }
    // Not recursively: what is left in it does not belong to deskrun.
    rmdir(root)
    return all.isEmpty ? .unchanged("none found") : .changed(BytesText.short(all.map(\.bytes).reduce(0, +)))
  }

  private func deleteConfiguration() throws -> StepOutcome {
    let home = store.paths.home
    guard FileIO.exists(home) else { return .unchanged("already deleted") }
    store.removeLeftOvers()
    var problem: Int32 = 0
    for name in store.paths.ownNames {
      let result = DirectoryRemoval.delete("\(home)/\(name)")
      if result != 0, problem == 0 { problem = result }
    }
    guard problem == 0 else {
      throw EngineError(
        .failed, "\(home) could not be deleted completely", why: String(cString: strerror(problem)),
        fix: "Check who owns what is in it, then run the same command again")
    }
    // A symbolic link is kept: the user created it.
    if rmdir(home) == 0 || errno == ENOENT { return .changed() }
    let left = DirectoryTree.names(in: home)
    return .changed(
      left.isEmpty
        ? "the empty \(home) is kept"
        : "\(home) is kept: it also contains \(SafeText.line(left.prefix(3).joined(separator: ", ")))")
  }
}
