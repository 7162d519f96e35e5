import Engine

/// What a plan is made from.
package enum PlanRequest: Sendable, Equatable {
  case add(InstallationDraft)
  /// With the installation as it was when the form was opened.
  case edit(InstallationDraft, from: Installation)
  /// With the counts as they were when that was decided.
  case scale(String, minimum: Int, maximum: Int, from: RunnerCounts)
  case remove(String, RunnerPolicy, force: Bool)
  case up(String?)
  case upgrade(RunnerPolicy)
  case createCluster
  case stopCluster
  case deleteCluster
  case down(RunnerPolicy)
  case restartListener(listener: String, scaleSet: String)
  case deleteRunners([String], scaleSet: String)

  /// The installation it changes, when it is one.
  package var installation: String? {
    switch self {
    case .add(let draft), .edit(let draft, _): draft.name
    case .scale(let name, _, _, _), .remove(let name, _, _): name
    case .up(let name): name
    default: nil
    }
  }

  /// What no other operation may work on meanwhile; nil for what neither reads nor changes the configuration.
  package var scope: OperationScope? {
    switch self {
    case .add, .edit, .scale, .remove, .up(.some):
      // A name that is none is refused by the plan.
      installation.flatMap { try? InstallationName($0) }.map(OperationScope.installation)
    case .up(nil), .upgrade, .createCluster, .stopCluster, .deleteCluster, .down: .everything
    case .restartListener, .deleteRunners: nil
    }
  }

  /// What it does, in the words of a row: `removing`.
  package var verb: String {
    switch self {
    case .add: "adding"
    case .edit: "changing"
    case .scale: "scaling"
    case .remove: "removing"
    case .up: "bringing up"
    case .upgrade: "upgrading"
    case .createCluster: "starting the cluster"
    case .stopCluster: "stopping the cluster"
    case .deleteCluster: "deleting the cluster"
    case .down: "taking down"
    case .restartListener: "restarting the listener"
    case .deleteRunners: "deleting"
    }
  }

  package var title: String {
    switch self {
    case .add(let draft): "add \(draft.name)"
    case .edit(let draft, _): "change \(draft.name)"
    case .scale(let name, let minimum, let maximum, _): "scale \(name) to \(minimum)-\(maximum)"
    case .remove(let name, _, _): "remove \(name)"
    case .up(let name): name.map { "bring up \($0)" } ?? "bring everything up"
    case .upgrade: "upgrade"
    case .createCluster: "create or start the cluster"
    case .stopCluster: "stop the cluster"
    case .deleteCluster: "delete the cluster"
    case .down: "take the cluster down"
    case .restartListener(_, let scaleSet): "restart the listener of \(scaleSet)"
    case .deleteRunners(let names, _): names.count == 1 ? "delete \(names[0])" : "delete \(names.count) runners"
    }
  }
}
