import Basics
import Tools

/// The cluster of an installation, as stored in the configuration: a context of a kubeconfig. An installation on
/// deskrun's own kind cluster has none.
package struct ClusterPlace: Sendable, Hashable {
  /// The kubeconfig context.
  package var context: String
  /// The absolute path of the kubeconfig file; nil for kubectl's default.
  package var kubeconfig: String?

  package init(context: String, kubeconfig: String? = nil) { (self.context, self.kubeconfig) = (context, kubeconfig) }

  /// The context, with the kubeconfig file if it is not kubectl's default.
  package var words: String { Self.words(context, kubeconfig) }

  fileprivate static func words(_ context: String, _ kubeconfig: String?) -> String {
    SafeText.line(kubeconfig.map { "\(context) (in \($0))" } ?? context)
  }
}

extension ClusterPlace: Comparable {
  package static func < (a: ClusterPlace, b: ClusterPlace) -> Bool {
    (a.context, a.kubeconfig ?? "") < (b.context, b.kubeconfig ?? "")
  }
}

extension ClusterTarget {
  /// What distinguishes it from other clusters: two kubeconfig files may have a context of one name.
  package var place: ClusterPlace { ClusterPlace(context: context, kubeconfig: kubeconfig) }

  /// The context, with the kubeconfig file if it is not kubectl's default.
  package var words: String { ClusterPlace.words(context, kubeconfig) }

  /// The context, with the end of the kubeconfig's path where another cluster has a context of that name: as much of it
  /// as distinguishes the two.
  package func label(among others: [ClusterTarget]) -> String {
    let files = others.filter { $0.context == context && $0.kubeconfig != kubeconfig }.map(\.kubeconfig)
    guard let kubeconfig, !files.isEmpty else { return SafeText.line(context) }
    func end(_ path: String, _ parts: Int) -> String { path.split(separator: "/").suffix(parts).joined(separator: "/") }
    let most = kubeconfig.split(separator: "/").count
    let parts = (1...max(1, most)).first { parts in
      files.allSatisfy { file in file.map { end($0, parts) != end(kubeconfig, parts) } ?? true }
    }
    return SafeText.line("\(context) (\(parts.map { end(kubeconfig, $0) } ?? kubeconfig))")
  }

  /// The command line options that select it.
  package var options: String {
    ToolCall.quoted(
      ["--context", SafeText.line(context)] + (kubeconfig.map { ["--kubeconfig", SafeText.line($0)] } ?? []))
  }
}

/// Another context of the cluster that installations are configured on, which a command uses in place of theirs.
package struct StandIn: Sendable, Equatable {
  /// The cluster as the installations are configured on it.
  package let own: ClusterTarget
  /// The same cluster through the other context.
  package let used: ClusterTarget

  package init(_ other: ClusterTarget, for own: ClusterTarget) {
    self.own = own
    // Whether deskrun manages the cluster does not depend on the context.
    var used = other
    used.provider = own.provider
    self.used = used
  }

  /// For commands that only look: the other context is used as it is.
  package init(own: ClusterTarget, used: ClusterTarget) { (self.own, self.used) = (own, used) }
}

extension Configuration {
  /// The uid of the cluster that all installations on a target were deployed on; nil if it is not known of each of them.
  package func keptUID(on target: ClusterTarget) -> String? {
    let uids = Set(on(target).installations.map { identity(of: $0.name)?.uid })
    return uids.count == 1 ? uids.first ?? nil : nil
  }

  /// The contexts that may lead to the cluster that an installation was deployed on, apart from its own: those that
  /// are in use, except where what is on them was deployed on another cluster.
  package func otherContexts(of name: InstallationName) -> [ClusterTarget] {
    guard let uid = identity(of: name)?.uid, let own = target(named: name.description), own.kindCluster == nil else {
      return []
    }
    var all = targets
    if !all.contains(target) { all.append(target) }
    return all.filter { $0 != own && $0.kindCluster == nil && keptUID(on: $0) ?? uid == uid }
  }

  /// The cluster of a place.
  package func target(at place: ClusterPlace?) -> ClusterTarget {
    let configured = configuredTarget(at: place)
    return standIns.first { $0.own == configured }?.used ?? configured
  }

  private func configuredTarget(at place: ClusterPlace?) -> ClusterTarget {
    guard let place else { return .kind(cluster: clusterName) }
    return place.context == "kind-\(clusterName)"
      ? .kind(cluster: clusterName, kubeconfig: place.kubeconfig)
      : .existing(context: place.context, kubeconfig: place.kubeconfig)
  }

  /// The cluster that the user gave, in the form used by the configuration: the kubeconfig file is compared by its
  /// resolved path, and kubectl's default file is omitted.
  package func target(given place: ClusterPlace, _ environment: [String: String]) -> ClusterTarget {
    var place = place
    let file = place.kubeconfig ?? Kubeconfig.file(of: place.context, environment)
    // An installation does not store kubectl's default file.
    if let named = place.kubeconfig, Kubeconfig.isStandard(named, environment) { place.kubeconfig = nil }
    let own = target(at: place)
    let known = targets + [target, target(at: nil)]
    guard !known.contains(own), let file else { return own }
    let path = FileIO.resolved(file)
    return known.first { target in
      guard target.context == place.context else { return false }
      let other = target.kubeconfig ?? Kubeconfig.file(of: target.context, environment)
      return other.map(FileIO.resolved) == path
    } ?? own
  }

  /// What an installation on a cluster stores: nothing for deskrun's own kind cluster.
  package func place(on target: ClusterTarget) -> ClusterPlace? {
    // A command through another context does not change where an installation is configured.
    let target = standIns.first { $0.used == target }?.own ?? target
    if target.kindCluster == clusterName, target.kubeconfig == nil { return nil }
    return ClusterPlace(context: target.context, kubeconfig: target.kubeconfig)
  }

  /// The cluster of an installation.
  package func target(of installation: Installation) -> ClusterTarget { target(at: installation.place) }

  /// The cluster of the installation with a name, even if its entry is invalid otherwise; nil if there is none.
  package func target(named name: String) -> ClusterTarget? {
    if let installation = all.named(name) { return target(of: installation) }
    return unreadable.first { $0.name == name }.map { target(at: $0.place) }
  }

  /// The clusters used in the configuration, the default first and the others sorted by context; only the default if
  /// there are none.
  package var targets: [ClusterTarget] {
    var found: [ClusterTarget] = []
    for place in all.map(\.place) + unreadable.map(\.place) {
      let target = target(at: place)
      if !found.contains(target) { found.append(target) }
    }
    guard !found.isEmpty else { return [self.target] }
    return found.sorted { a, b in
      (a == target ? 0 : 1, a.context, a.kubeconfig ?? "") < (b == target ? 0 : 1, b.context, b.kubeconfig ?? "")
    }
  }

  /// The clusters that something is configured on, even if its entry cannot be read.
  package var places: Set<ClusterPlace> {
    Set((all.map(\.place) + unreadable.map(\.place)).map { target(at: $0).place })
  }

  /// Whether something is configured on a cluster, even if its entry cannot be read.
  package func isUsed(_ target: ClusterTarget) -> Bool {
    let here = on(target)
    return !here.installations.isEmpty || !here.unreadable.isEmpty
  }

  /// The configuration for one cluster: with the installations on it. The others are in `elsewhere`.
  package func on(_ target: ClusterTarget) -> Configuration {
    var here = self
    here.keep { self.target(at: $0) == target }
    return here
  }
}

extension ConfigurationStore {
  /// The namespaces of the installations on a cluster; empty if the configuration cannot be read.
  package func namespaces(on target: ClusterTarget) -> [String] {
    guard let here = try? load().on(target) else { return [] }
    return Set(here.installations.map(\.namespace)).sorted()
  }
}
