import Basics
import Installations
import Tools

/// The state of this machine, as far as it is relevant for findings.
package struct HostReport: Sendable, Equatable {
  /// Limits, disk, the folder of caches, the mounts of the node.
  package var checks: [DoctorCheck] = []
  /// Programs that were not found.
  package var missing = MissingTools()
  /// The server URL in the cluster's kubeconfig; nil if it does not contain one.
  package var server: String?
  /// Why the node's mounts could not be read.
  package var mountsProblem: EngineError?

  /// An empty report.
  package init() {}

  /// Checks this machine and the node of its kind cluster.
  package init(toolbox: Toolbox, paths: Paths, configuration: Configuration) async {
    let isKind = toolbox.target.kindCluster != nil
    checks = HostChecks.all(
      paths: paths, configuration: configuration, isKind: isKind, environment: toolbox.environment)
    missing = MissingTools(locator: toolbox.locator, isKind: isKind)
    server = toolbox.target.server(toolbox.environment)
    // Asks the cluster and the container engine concurrently.
    async let storageClass = Doctor.storageClass(toolbox)
    async let nodeMounts = Doctor.nodeMounts(toolbox, paths, configuration)
    do {
      if let storage = try await storageClass { checks.append(storage) }
      if let mounts = try await nodeMounts { checks.append(mounts) }
    } catch let error as EngineError {
      // A missing program is reported separately.
      if error.kind != .toolMissing { mountsProblem = error }
    } catch {}
  }
}
