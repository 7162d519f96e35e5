import Basics
import Installations
import Tools

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What an uninstallation deletes besides what is in the cluster.
package struct UninstallScope: Sendable, Equatable {
  package var caches = false
  package var configuration = true
  /// Whether the cluster is left alone, as when it is gone for good or unreachable.
  package var skipsCluster = false
  /// Whether to remove the user's services; not in the demo, which only simulates files.
  package var services = true
  /// The clusters that were already taken down, besides the plan's own.
  package var others: [ClusterTarget] = []

  package init(
    caches: Bool = false, configuration: Bool = true, skipsCluster: Bool = false, services: Bool = true
  ) {
    (self.caches, self.configuration, self.skipsCluster) = (caches, configuration, skipsCluster)
    self.services = services
  }
}

extension Deployer {
  /// Removes everything of deskrun except its program: scale sets first, so that GitHub removes them, then caches, the
  /// cluster, services and programs. The configuration comes last: until then the command can be repeated.
  ///
  /// - Throws: as `planDown`.
  package func planUninstall(_ scope: UninstallScope, policy: RunnerPolicy) async throws -> Plan {
    let whole = try store.load()
    let configuration = whole.on(target)
    var plan = Plan(title: "Uninstall deskrun", steps: [])
    // Without the configuration they would be unknown.
    let left = configuration.elsewhere.map(configuration.target).filter { !scope.others.contains($0) }
    if scope.configuration, !scope.skipsCluster, let other = left.first {
      throw EngineError(
        .invalid, "Installations on \(other.words) would be left behind",
        why: configuration.elsewhere.map(\.name.description).joined(separator: ", "),
        fix: "Leave out --context and --kubeconfig: then all clusters are taken down. Or keep the configuration "
          + "(--keep-config)")
    }
    for entry in whole.unreadable where scope.configuration && !scope.skipsCluster {
      let place = whole.target(at: entry.place)
      guard entry.placeProblem != nil || (place != target && !scope.others.contains(place)) else { continue }
      throw EngineError(
        .invalid,
        "\(SafeText.line(entry.name)) on \(entry.placeProblem == nil ? place.words : "an unknown cluster") would be left "
          + "behind",
        why: entry.problem.why ?? entry.problem.what,
        fix:
          "Fix its entry in the configuration, or remove the entry with `deskrun remove \(SafeText.line(entry.name)) "
          + "--skip-cluster`")
    }
    // No program is needed to know that a cluster was never created.
    let isUntouched = isKind && !configuration.namesCluster && configuration.installations.isEmpty
    let needed: [ToolName] = isKind ? [.docker, .kind, .kubectl, .helm] : [.kubectl, .helm]
    let isSkipped = scope.skipsCluster || (isUntouched && needed.contains { (try? toolbox.locator.locate($0)) == nil })
    if !isSkipped {
      do {
        try toolbox.require(needed)
        plan = try await planDown(policy: policy, forgets: scope.configuration)
        try await refuseUnworkable(plan)
      } catch var error as EngineError {
        error.fix =
          (error.fix.map { "\($0). " } ?? "") + "`deskrun uninstall --skip-cluster` leaves the cluster as it is"
        throw error
      }
      plan.title = "Uninstall deskrun"
    }
    if scope.caches, !DirectoryTree.names(in: store.paths.caches).isEmpty {
      let step = own(
        .caches, id: "delete-caches", "delete the caches in \(store.paths.caches)", timeout: .seconds(3600))
      let at = plan.steps.firstIndex { if case .deleteCluster = $0.action { true } else { false } }
      plan.steps.insert(step, at: at ?? plan.steps.endIndex)
    }
    let services =
      scope.services ? UserServices(runner: toolbox.runner, environment: toolbox.environment).installed() : []
    if !services.isEmpty {
      plan.steps.append(
        own(
          .services(services), id: "remove-services",
          "remove the service\(services.count == 1 ? "" : "s") \(services.map(\.rawValue).joined(separator: ", "))"))
    }
    if FileIO.exists(store.paths.tools.path) {
      plan.steps.append(own(.tools, id: "delete-tools", "delete the programs in \(store.paths.tools.path)"))
    }
    if scope.configuration, hasOwnFiles || !plan.steps.isEmpty {
      plan.steps.append(
        own(.configuration, id: "delete-configuration", "delete configuration, history and logs in \(store.paths.home)")
      )
    }
    return plan
  }

  /// Whether the folder of the configuration has more than the locks that every command creates.
  private var hasOwnFiles: Bool {
    let wanted = Set(store.paths.ownNames).subtracting(store.paths.lockNames)
    return DirectoryTree.names(in: store.paths.home).contains { wanted.contains($0) }
  }

  /// Deletes the locks that a command created if deskrun has no other files.
  package func deleteLocksAlone() {
    guard !hasOwnFiles else { return }
    for name in store.paths.lockNames { _ = DirectoryRemoval.delete("\(store.paths.home)/\(name)") }
    rmdir(store.paths.home)
  }

  private func own(
    _ files: OwnFiles, id: String, _ title: String, timeout: Duration = .seconds(120)
  ) -> PlanStep {
    PlanStep(id: id, title: title, action: .removeOwn(files), timeout: timeout)
  }
}
