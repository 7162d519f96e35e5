import ARC
import Installations
import Tools

extension ClusterKnowledge {
  /// What the context leads to, as far as it decides which installations it does not show.
  struct Reach: Equatable, Sendable {
    var isOut: Bool
    var uid: String?
  }

  /// Works out which installations the context does not show: only when an observation or the configuration may have
  /// changed that, not on each event.
  mutating func findStrays() {
    let now = Reach(isOut: observation?.cluster.isOutOfReach ?? false, uid: observation?.uid)
    guard now != reach else { return }
    reach = now
    let names = configuration.installations.map(\.name)
    let current = now.uid.map { ClusterIdentity(uid: $0, server: nil) }
    repointed = Set(names.filter { OtherCluster($0, configuration, current: current) != nil })
    strays = names.filter { (now.isOut || repointed.contains($0)) && !configuration.otherContexts(of: $0).isEmpty }
  }
}
