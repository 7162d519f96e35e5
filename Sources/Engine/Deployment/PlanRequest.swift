import ARC
import Basics
import Installations
import Tools

/// What the user requested with a command or a key of the dashboard, to create a plan from.
package enum PlanRequest: Sendable, Equatable {
  /// With nil, uses the cluster's version of ARC.
  case add(WantedInstallation, arc: ARCRelease? = nil)
  /// With the installation at the time the change was decided.
  case edit(WantedInstallation, from: Installation)
  case scale(String, Scaling)
  /// Updates the configuration with an installation's different settings in the cluster.
  case takeOver(ClusterSettings, from: Installation)
  case adopt(WantedInstallation)
  /// Moves an installation's entry to this deployer's cluster, where it is deployed: its context was renamed.
  case rebind(String)
  case remove(String, RunnerPolicy, force: Bool)
  /// Removes an installation only from the configuration, as when its cluster no longer exists.
  case forget(String)
  /// An installation, or all.
  case up(String?, arc: ARCRelease? = nil)
  /// With nil, upgrades to the newest version. `keepsMinor` rejects a minor version other than the controller's.
  case upgrade(RunnerPolicy, to: ARCRelease? = nil, keepsMinor: Bool = false)
  case createCluster
  case stopCluster
  case deleteCluster
  /// Removes what is deployed, and deskrun's own cluster. `forgets`: whether the configuration is deleted afterwards.
  case down(RunnerPolicy, forgets: Bool = false)
  /// Everything of deskrun except its program.
  case uninstall(UninstallScope, RunnerPolicy)
  /// With the listener's name if known; otherwise the cluster is asked.
  case restartListener(String?, scaleSet: String)
  case deleteRunners([String], scaleSet: String)

  /// The installation it changes, if a single one.
  package var installation: String? {
    switch self {
    case .add(let wanted, _), .edit(let wanted, _), .adopt(let wanted): wanted.installation.name.description
    case .takeOver(let settings, _): settings.installation.name.description
    case .scale(let name, _), .remove(let name, _, _), .rebind(let name), .forget(let name): name
    case .up(let name, _): name
    default: nil
    }
  }

  /// What no other operation may work on meanwhile; nil if the configuration is neither read nor changed.
  package var scope: OperationScope? {
    switch self {
    case .add, .edit, .scale, .takeOver, .adopt, .remove, .rebind, .forget, .up(.some, _):
      // An invalid name is rejected by the plan.
      installation.flatMap { try? InstallationName(reference: $0) }.map(OperationScope.installation)
    case .up(nil, _), .upgrade, .createCluster, .stopCluster, .deleteCluster, .down, .uninstall:
      .everything
    case .restartListener, .deleteRunners: nil
    }
  }

  /// What happens to running jobs when runners are removed.
  package var policy: RunnerPolicy {
    switch self {
    case .remove(_, let policy, _), .upgrade(let policy, _, _), .down(let policy, _), .uninstall(_, let policy): policy
    case .deleteCluster, .stopCluster, .deleteRunners: .interrupt
    default: .finishJobs
    }
  }

  /// Its description in a row: `removing`.
  package var verb: String {
    switch self {
    case .add: "adding"
    case .edit, .takeOver: "changing"
    case .scale(_, let scaling): scaling.maximum.map { "scaling to \($0)" } ?? "scaling"
    case .adopt: "adopting"
    case .rebind: "binding"
    case .remove, .forget: "removing"
    case .up: "bringing up"
    case .upgrade: "upgrading"
    case .createCluster: "starting the cluster"
    case .stopCluster: "stopping the cluster"
    case .deleteCluster: "deleting the cluster"
    case .down: "taking down"
    case .uninstall: "uninstalling"
    case .restartListener: "restarting the listener"
    case .deleteRunners: "deleting"
    }
  }

  package var title: String {
    switch self {
    case .add: "add \(installation ?? "")"
    case .edit, .takeOver: "change \(installation ?? "")"
    case .scale(let name, let scaling):
      "scale \(name) to "
        + [scaling.minimum, scaling.maximum].compactMap { $0.map(String.init) }.joined(separator: "-")
    case .adopt: "adopt \(installation ?? "")"
    case .forget(let name): "remove \(name) from the configuration"
    case .rebind(let name): "bind \(name) to another context"
    case .remove(let name, _, _): "remove \(name)"
    case .up(let name, _): name.map { "bring up \($0)" } ?? "bring everything up"
    case .upgrade: "upgrade"
    case .createCluster: "create or start the cluster"
    case .stopCluster: "stop the cluster"
    case .deleteCluster: "delete the cluster"
    case .down: "take the cluster down"
    case .uninstall: "uninstall deskrun"
    case .restartListener(_, let scaleSet): "restart the listener of \(scaleSet)"
    case .deleteRunners(let names, _): names.count == 1 ? "delete \(names[0])" : "delete \(names.count) runners"
    }
  }

  /// With placeholders for credentials that must still be found, to show what a plan would do.
  package var withoutCredentials: PlanRequest {
    var request = self
    request.changeWanted { $0.credentials = nil }
    return request
  }

  fileprivate mutating func changeWanted(_ change: (inout WantedInstallation) -> Void) {
    switch self {
    case .add(var wanted, let arc):
      change(&wanted)
      self = .add(wanted, arc: arc)
    case .edit(var wanted, let base):
      change(&wanted)
      self = .edit(wanted, from: base)
    case .adopt(var wanted):
      change(&wanted)
      self = .adopt(wanted)
    default: break
    }
  }

  fileprivate var wanted: WantedInstallation? {
    switch self {
    case .add(let wanted, _), .edit(let wanted, _), .adopt(let wanted): wanted
    default: nil
    }
  }
}

/// The desired installation, with a placeholder for credentials that must still be found.
package struct WantedInstallation: Sendable, Equatable {
  package var installation: Installation
  /// The credentials to find; nil if the installation has them.
  package var credentials: CredentialRequest?
  /// Warnings about the credentials that were found.
  package var warnings: [String] = []

  package init(_ installation: Installation, credentials: CredentialRequest? = nil) {
    (self.installation, self.credentials) = (installation, credentials)
  }
}

extension Deployer {
  /// The request with its credentials found, possibly by asking the user, after its values were checked.
  ///
  /// - Throws: `EngineError` with what is wrong or missing, before anything is changed.
  package func resolving(_ request: PlanRequest) async throws -> PlanRequest {
    guard let wanted = request.wanted else { return request }
    let arc: ARCRelease? = if case .add(_, let arc) = request { arc } else { nil }
    _ = try deployments(of: wanted.installation, arc: arc ?? SupportedARC.oldest)
    guard let credentials = wanted.credentials else { return request }
    let found = try await self.credentials.authentication(credentials, for: wanted.installation.target)
    var request = request
    request.changeWanted {
      $0.installation.authentication = found.authentication
      ($0.credentials, $0.warnings) = (nil, found.warnings)
    }
    return request
  }

  /// The plan for a request.
  ///
  /// - Throws: `EngineError` with the reason why there is none.
  package func plan(for request: PlanRequest) async throws -> Plan {
    let access = toolbox.access
    async let identity = needsCluster(request) ? toolbox.clusterIdentity() : nil
    let request = request.wanted?.credentials == nil ? request : try await resolving(request)
    var plan = try await planned(request)
    plan.warnings = (request.wanted?.warnings ?? []) + plan.warnings
    // An uninstallation says how to leave the cluster out.
    if case .uninstall = request {} else { try await refuseUnworkable(plan) }
    return try await binding(plan, access, identity)
  }

  /// Whether a request acts on a cluster that deskrun does not create and delete itself.
  private func needsCluster(_ request: PlanRequest) -> Bool {
    switch request {
    case .forget: false
    case .uninstall(let scope, _): !isKind && !scope.skipsCluster
    default: !isKind
    }
  }

  private func planned(_ request: PlanRequest) async throws -> Plan {
    switch request {
    case .add(let wanted, let arc): return try await planAdd(wanted.installation, arc: ARCChoice(asked: arc))
    case .edit(let wanted, let base): return try await planEdit(wanted.installation, base: base)
    case .scale(let name, let scaling): return try await planScale(name, scaling)
    case .takeOver(let settings, let base):
      var plan = try await planEdit(settings.installation, base: base)
      plan.title = "Take over \(base.name) from the cluster"
      plan.takenOver = settings.taken.map { "\($0.setting.title): \($0.configured) -> \($0.cluster)" }
      return plan
    case .adopt(let wanted):
      return try await planAdopt(wanted.installation) ?? Plan(title: "Adopt \(wanted.installation.name)", steps: [])
    case .forget(let name): return try planForget(InstallationName(reference: name))
    case .rebind(let name): return try await planRebind(InstallationName(reference: name))
    case .remove(let name, let policy, let force):
      return try await planRemove(InstallationName(reference: name), policy: policy, force: force)
    case .up(let name, let arc):
      return try await planUp(only: try name.map { [try InstallationName(reference: $0)] }, arc: ARCChoice(asked: arc))
    case .upgrade(let policy, let goal, let keepsMinor):
      return try await planUpgrade(to: goal, policy: policy, keepsMinor: keepsMinor)
    case .createCluster: return try await planCreateCluster()
    case .stopCluster: return try await planStopCluster()
    case .deleteCluster: return try await planDeleteCluster()
    case .down(let policy, let forgets): return try await planDown(policy: policy, forgets: forgets)
    case .uninstall(let scope, let policy): return try await planUninstall(scope, policy: policy)
    case .restartListener(let listener, let scaleSet):
      return try await planRestartListener(listener, scaleSet: scaleSet)
    case .deleteRunners(let names, let scaleSet): return try await planDeleteRunners(names, of: scaleSet)
    }
  }

  /// Changes the counts of an installation.
  ///
  /// - Throws: `EngineError` of kind `invalid` if the counts are inconsistent, or there are several instances, which
  ///   have one runner each.
  package func planScale(_ name: String, _ scaling: Scaling) async throws -> Plan {
    let configuration = try ownConfiguration()
    let current = try configured(try InstallationName(reference: name), configuration)
    guard current.instances == 1 else {
      throw EngineError(
        .invalid, "\(name) has \(current.instances) instances of one runner each",
        fix: "Change their number: `deskrun edit \(name) --instances N`")
    }
    let base = scaling.base ?? current.runners
    let counts = try scaling.counts(from: base, of: name)
    var plan = try await planEdit(current.with(runners: counts), base: try current.with(runners: base))
    plan.title = "Scale \(name) to \(counts.minimum)-\(counts.maximum)"
    plan.notes.insert("\(name): \(Scaling.words(from: current.runners, to: counts))", at: 0)
    return plan
  }
}
