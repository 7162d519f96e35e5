import Basics
import Tools

/// For installations, by name, another context in use that leads to the cluster that they were deployed on.
package typealias KeptContexts = [InstallationName: ClusterTarget]

extension Toolbox {
  /// The maximum time for another context to tell which cluster it leads to.
  package static let keptPatience: Duration = .seconds(10)

  /// The contexts in use, apart from an installation's own and this one, that lead to the cluster that it was deployed
  /// on. All are asked at once. Installations of which none is known are left out.
  ///
  /// - Parameter whole: the configuration of all clusters.
  /// - Throws: only `CancellationError`.
  package func keptContexts(of names: [InstallationName], _ whole: Configuration) async throws -> KeptContexts {
    var whole = whole
    whole.standIns = []
    let sought = names.compactMap { name in
      whole.identity(of: name).map { (name: name, uid: $0.uid, others: whole.otherContexts(of: name)) }
    }
    var asked: [ClusterTarget] = []
    for other in sought.flatMap(\.others) where !other.isSameContext(as: target) && !asked.contains(other) {
      asked.append(other)
    }
    guard !asked.isEmpty else { return [:] }
    return try await withThrowingTaskGroup(of: (ClusterTarget, String?).self) { group in
      for other in asked {
        var toolbox = self
        (toolbox.target, toolbox.pipe) = (other, nil)
        let there = toolbox
        group.addTask {
          let identity = try await TimeLimit.value(Self.keptPatience) { try await there.clusterIdentity() }
          return (other, (identity ?? nil)?.uid)
        }
      }
      defer { group.cancelAll() }
      var uids: [(target: ClusterTarget, uid: String?)] = []
      func found() -> KeptContexts {
        sought.reduce(into: [:]) { kept, one in
          kept[one.name] = one.others.first { other in uids.contains { $0.target == other && $0.uid == one.uid } }
        }
      }
      // One that hangs delays nothing that another has already answered.
      while found().count < sought.count, let (other, uid) = try await group.next() { uids.append((other, uid)) }
      return found()
    }
  }
}

extension ClusterTarget {
  /// Whether both are the same context of the same kubeconfig, whoever created the cluster.
  func isSameContext(as other: ClusterTarget) -> Bool {
    (context, kubeconfig) == (other.context, other.kubeconfig)
  }
}

extension Sequence<InstallationName> {
  /// The way out that another context is, for an error of the context of these installations: `Bind web to second,
  /// which leads to the same cluster: …`; nil if none is known of each of them.
  package func way(_ kept: KeptContexts) -> String? {
    let names = Array(self)
    guard let first = names.first else { return nil }
    guard names.count > 1 else {
      return kept[first].map {
        "Bind \(first) to \($0.words), which leads to the same cluster: `deskrun edit \(first) \($0.options)`"
      }
    }
    let ways = names.compactMap { name in kept[name].map { "`deskrun edit \(name) \($0.options)`" } }
    guard !ways.isEmpty else { return nil }
    let targets = names.compactMap { kept[$0]?.words }
    let contexts = targets.enumerated().filter { !targets[..<$0.offset].contains($0.element) }.map(\.element)
    return "\(contexts.joined(separator: ", ")) \(contexts.count == 1 ? "leads" : "lead") to the same cluster: "
      + ways.joined(separator: ", ")
  }
}
