import Basics
import Installations
import Tools

/// How this computer is, as far as findings follow from it.
package struct HostReport: Sendable, Equatable {
  /// Limits, disk, the folder of the caches, the mounts of the node.
  package var checks: [DoctorCheck] = []
  /// Programs that cannot be found.
  package var missing = MissingTools()
  /// Why the mounts of the node could not be looked at.
  package var mountsProblem: EngineError?

  /// Nothing was found.
  package init() {}

  /// Looks at this computer and at the node of its kind cluster.
  package init(toolbox: Toolbox, paths: Paths, configuration: Configuration) async {
    let isKind = toolbox.target.kindCluster != nil
    checks = HostChecks.all(
      paths: paths, configuration: configuration, isKind: isKind, environment: toolbox.environment)
    missing = MissingTools(locator: toolbox.locator, isKind: isKind)
    // Of the cluster and of the container engine: neither waits for the other.
    async let storageClass = Doctor.storageClass(toolbox)
    async let nodeMounts = Doctor.nodeMounts(toolbox, paths, configuration)
    do {
      if let storage = try await storageClass { checks.append(storage) }
      if let mounts = try await nodeMounts { checks.append(mounts) }
    } catch let error as EngineError {
      // A program that is missing is told as such.
      if error.kind != .toolMissing { mountsProblem = error }
    } catch {}
  }
}
