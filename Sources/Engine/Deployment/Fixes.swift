import ARC
import Installations
import Knowledge

extension Finding {
  /// The fixes that deskrun can apply without a decision by the user, in the order to apply them.
  package func fixes(_ known: ClusterKnowledge) -> [PlanRequest] {
    let status = known.statuses.first { $0.name == installation }
    switch action {
    case .startCluster?: return [.up(nil)]
    case .bringUp?: return [.up(installation)]
    case .upgrade?: return [.upgrade(.finishJobs)]
    case .clearFailed?:
      let runners = Dictionary(grouping: status?.clearable(of: self, in: known.snapshot) ?? [], by: \.scaleSet)
      return runners.sorted { $0.key < $1.key }.map { .deleteRunners($1.map(\.name), scaleSet: $0) }
    case .restartListener?:
      // Restart only listeners that never worked; if all appear to work, restart all.
      let sets = status?.scaleSets.map(\.id) ?? []
      let broken = sets.filter { known.listeners[$0]?.hasWorked != true }
      return (broken.isEmpty ? sets : broken).map {
        .restartListener(known.snapshot?.listenerPod(of: $0)?.metadata.name, scaleSet: $0)
      }
    case .bind?: return installation.map { [.rebind($0)] } ?? []
    case .raiseLimit?, .edit?, .remove?, .recreateCluster?, .rebind?, nil: return []
    }
  }
}
