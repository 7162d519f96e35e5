import ARC
import Basics
import Installations
import Tools

/// Clusters whose context fails while another context of the same cluster answers: their installations are shown with
/// that one, which knows what they do.
package struct FailingContexts: Sendable {
  /// A cluster, with what it is called.
  package struct Place: Sendable {
    let target: ClusterTarget
    let label: String

    package init(_ target: ClusterTarget, label: String) { (self.target, self.label) = (target, label) }
  }

  /// For each cluster the index of the one that shows its installations; nil for one that shows them itself.
  package private(set) var shownBy: [Int?]
  /// What is known of each cluster, with the installations of others that it shows; nil for one that did not respond
  /// yet.
  package private(set) var knowledge: [ClusterKnowledge?]

  /// - Parameter knowledge: nil for a cluster that did not respond in the time that the others had.
  package init(_ places: [Place], _ knowledge: [ClusterKnowledge?]) {
    self.knowledge = knowledge
    shownBy = knowledge.map { _ in nil }
    guard let configuration = knowledge.lazy.compactMap({ $0?.configuration }).first else { return }
    for (at, place) in places.enumerated() where knowledge[at]?.isFresh != true {
      guard let uid = configuration.keptUID(on: place.target) else { continue }
      shownBy[at] = knowledge.firstIndex { $0?.isFresh == true && $0?.observation?.uid == uid }
    }
    for (at, known) in knowledge.enumerated() {
      guard var known, shownBy.contains(at) else { continue }
      var configuration = known.configuration
      configuration.standIns += standIns(of: at, places)
      known.take(.configuration(.success(configuration.on(places[at].target))), at: known.now)
      self.knowledge[at] = known
    }
  }

  /// The contexts that a cluster is used in place of.
  package func standIns(of cluster: Int, _ places: [Place]) -> [StandIn] {
    shownBy.indices.filter { shownBy[$0] == cluster }.map { StandIn(places[cluster].target, for: places[$0].target) }
  }

  /// The findings about the installations that a cluster shows for others: their own context fails.
  package func findings(of cluster: Int, _ places: [Place]) -> [Finding] {
    guard let configuration = knowledge[cluster]?.configuration else { return [] }
    return shownBy.indices.filter { shownBy[$0] == cluster }.flatMap { at in
      let state = knowledge[at]?.observation?.cluster
      let isMissing = if case .contextMissing? = state { true } else { false }
      let clause =
        isMissing
        ? "its context \(places[at].label) is not in the kubeconfig"
        : state?.clause("its context \(places[at].label)") ?? "its context \(places[at].label) does not answer"
      var here = configuration
      here.standIns = []
      return here.on(places[at].target).installations.map { installation in
        let name = installation.name.description
        return Finding(
          isMissing ? .contextMissing : .clusterStopped, name, .warning,
          "\(name): \(clause), and \(places[cluster].label) leads to the same cluster",
          evidence: [state?.reason ?? "no answer yet"],
          remedy: "To use the context that answers: `deskrun edit \(name) \(places[cluster].target.options)`")
      }
    }
  }
}
