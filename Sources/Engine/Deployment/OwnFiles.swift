import Basics
import Installations
import Tools

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Something of deskrun's on this computer that an uninstallation deletes.
package enum OwnFiles: Sendable, Equatable {
  /// What deskrun has the user's service manager run.
  case services([OwnService])
  /// The folder of caches. Before the cluster is deleted: what jobs wrote as root is deleted inside its node.
  case caches
  /// The programs that `deskrun setup` installed.
  case tools
  /// Configuration, history, logs and locks: last, since with the configuration deskrun forgets what is its own.
  case configuration
}

extension Paths {
  /// The programs that `deskrun setup` installed.
  package var tools: ToolsFolder { ToolsFolder(path: home + "/tools") }

  /// What deskrun keeps in the folder of the configuration, caches and programs aside. `DESKRUN_HOME` may name a folder
  /// that holds other things too, so these are deleted by name.
  package var ownNames: [String] {
    [
      configuration, backup, lock, locks, logs, history, history + ".lock", home + "/history", listenerEnds, interface,
      identity,
    ].map { FileIO.split($0).name }
  }

  /// Those of them that only keep two deskruns apart.
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
    // Not whole: what is left in it is not deskrun's.
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
    // A symbolic link stays: its owner made it.
    if rmdir(home) == 0 || errno == ENOENT { return .changed() }
    let left = DirectoryTree.names(in: home)
    return .changed(
      left.isEmpty
        ? "the empty \(home) is kept"
        : "\(home) is kept: it also contains \(SafeText.line(left.prefix(3).joined(separator: ", ")))")
  }
}
