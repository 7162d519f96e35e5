import Engine

/// Values derived from the model's data.
extension Model {
  /// The whole configuration, including installations on other clusters.
  package var configuration: Configuration { clusters[0].knowledge.configuration }
  package var hasConfiguration: Bool { clusters[0].knowledge.hasConfiguration }
  package var statuses: [Located<InstallationStatus>] { joined.statuses }
  /// The runners of all clusters.
  package var runners: [Runner] { joined.runners }
  /// The current findings, most severe first, of the selected cluster or of all.
  package var findings: [Located<Finding>] {
    // The welcome screen already says what is missing.
    if isEmpty { return [] }
    guard let clusterScope else { return joined.findings }
    return joined.findings.filter { $0.cluster == clusterScope }
  }

  /// Whether more than one cluster is displayed, so that texts must name it.
  package var hasSeveralClusters: Bool {
    clusters.count > 1 && clusters.lazy.filter { !$0.isLeft }.dropFirst().first != nil
  }
  /// The indices of the displayed clusters.
  package var shownClusters: [Int] { clusters.indices.filter { !clusters[$0].isLeft } }
  /// The index of the first displayed cluster.
  package var mainCluster: Int { clusters.firstIndex { !$0.isLeft } ?? 0 }

  /// Whether there is nothing to show yet, so that the screen explains how to start.
  package var isEmpty: Bool {
    hasConfiguration && configuration.all.isEmpty && statuses.isEmpty
      && clusters.allSatisfy {
        $0.knowledge.configurationProblem == nil && $0.knowledge.configuration.unreadable.isEmpty
      }
      && !activities.contains { !$0.isOver } && narrowedTo == nil
  }

  /// The namespace that observation is limited to; nil for all.
  package var narrowedTo: String? {
    settings.namespace ?? clusters.lazy.compactMap { $0.snapshot?.narrowedTo }.first
  }

  /// The message if the namespace that observation is limited to is empty, for example because it was mistyped; nil
  /// otherwise.
  package var emptyNamespace: String? {
    // With a short name, it fits in a line of 80 columns.
    emptyNamespaceClause.map { "Nothing found in the namespace \($0). Start deskrun without -n to see all." }
  }

  /// The namespace that observation is limited to if it is empty, with the clusters that cannot be read and may have
  /// something in it; nil otherwise.
  package var emptyNamespaceClause: String? {
    let shown = clusters.filter { !$0.isLeft }
    // The configuration has those of a cluster that cannot be read.
    guard let narrowedTo, hasConfiguration, statuses.allSatisfy({ clusters[$0.cluster].snapshot == nil }),
      shown.allSatisfy({ $0.observation != nil })
    else { return nil }
    let unread = shown.compactMap { cluster -> String? in
      guard cluster.snapshot == nil, let state = cluster.observation?.cluster else { return nil }
      return state.isReady ? "\(cluster.label) is being read" : state.clause(cluster.label)
    }
    return narrowedTo + unread.map { "; \($0)" }.joined()
  }

  /// The notes below the installations: the next step if there are only scale sets of other owners, and what cannot be
  /// read.
  package var installationNotes: [(text: String, isWarning: Bool)] {
    var notes: [(text: String, isWarning: Bool)] = []
    if !statuses.isEmpty, hasConfiguration, configuration.installations.isEmpty, statuses.allSatisfy(\.value.isForeign)
    {
      let place = hasSeveralClusters ? "these clusters" : clusters[mainCluster].label
      notes.append(("No installation of yours on \(place). Press a to add one.", false))
    }
    for cluster in clusters {
      guard let limits = cluster.snapshot?.limits else { continue }
      notes.append(("Not shown\(hasSeveralClusters ? " on \(cluster.label)" : ""): \(limits.sentence)", true))
    }
    return notes
  }

  /// Starts or stops watching events in the namespaces of the scale sets.
  package mutating func watchEvents(_ isOn: Bool) {
    for cluster in shownClusters {
      let wanted = isOn ? clusters[cluster].snapshot?.eventNamespaces ?? [ClusterTarget.namespace] : nil
      guard wanted != clusters[cluster].eventNamespaces else { continue }
      clusters[cluster].eventNamespaces = wanted
      ask(.watchEvents(wanted), on: cluster)
    }
  }

  /// The installations on clusters that are not on the screen.
  package var elsewhere: [Installation] {
    let others = configuration.elsewhere
    guard clusters.count > 1, !others.isEmpty else { return others }
    let shown = shownClusters.map { clusters[$0].target }
    return others.filter { !shown.contains(configuration.target(of: $0)) }
  }

  package var focusedPane: any Pane { pane(in: focus) }
  /// The visible tab, focused or not.
  package var shownTab: any Pane { panes[tab] }
  /// The currently available tabs.
  package var tabs: [any Pane] { panes.tabs.filter { $0.isOffered(self) } }

  func pane(in place: Place) -> any Pane {
    switch place {
    case .first: panes.first
    case .second: panes.second
    case .bottom: shownTab
    }
  }

  // MARK: Targets of commands

  /// The installation that commands apply to.
  package var subject: Located<InstallationStatus>? { focusedPane.subject(self) }

  /// The index of the cluster that commands about a whole cluster apply to.
  package var meantCluster: Int { hasSeveralClusters ? focusedPane.cluster(self) : mainCluster }

  /// The installation a scale set belongs to.
  package func status(ofScaleSet name: String, in cluster: Int) -> Located<InstallationStatus>? {
    statuses.first { $0.cluster == cluster && $0.value.scaleSetNames.contains(name) }
  }

  package func host(ofScaleSet name: String, in cluster: Int) -> String {
    status(ofScaleSet: name, in: cluster)?.value.host ?? "github.com"
  }

  /// The configured installation of this name.
  package func configured(_ name: String) -> Located<InstallationStatus>? {
    statuses.first { $0.value.name == name && $0.value.installation != nil }
  }

  // MARK: Scope

  /// The scope of the rows; nil for everything.
  package var scopeTest: ScopeTest? {
    if let scope, let status = status(of: scope) {
      return ScopeTest(cluster: scope.cluster, sets: status.value.scaleSetNames)
    }
    return clusterScope.map { ScopeTest(cluster: $0, sets: nil) }
  }

  /// The scale sets of the installation that the runners are limited to.
  package var scopeSets: Set<String>? { scope.flatMap(status)?.value.scaleSetNames }

  /// Changes with the scope of the rows.
  package var scopeVersion: String {
    scopeTest.map { "\($0.cluster) \($0.sets?.sorted() ?? ["all"])" } ?? ""
  }

  /// The scope of the rows as text.
  package var scopeText: String { scope.map(title) ?? clusterScope.map { clusters[$0].label } ?? "all" }

  func status(of scope: InstallationScope) -> Located<InstallationStatus>? {
    statuses.first { $0.cluster == scope.cluster && $0.value.name == scope.name }
  }

  /// The name of an installation, with its cluster if another cluster has an installation of that name.
  package func title(_ scope: InstallationScope) -> String {
    statuses.contains { $0.value.name == scope.name && $0.cluster != scope.cluster }
      ? "\(clusters[scope.cluster].label)/\(scope.name)" : scope.name
  }

  package func title(_ status: Located<InstallationStatus>) -> String {
    title(InstallationScope(cluster: status.cluster, name: status.value.name))
  }

  /// A key that is unique across clusters.
  package func key(_ name: String, in cluster: Int) -> String {
    hasSeveralClusters ? "\(clusters[cluster].label)/\(name)" : name
  }

  // MARK: Jobs

  package func job(of runner: String, in cluster: Int) -> JobRecord? { clusters[cluster].knowledge.jobs[runner] }

  /// The jobs of all clusters, running ones first, then by their start, newest first.
  package var jobs: [Located<JobRecord>] {
    let all = clusters.enumerated().map { at, cluster -> [Located<JobRecord>] in
      // The cluster that shows its installations has their jobs too.
      if failing.isReplaced(at) { return [] }
      let hidden = joined.hiddenSets(of: at, cluster)
      let jobs = cluster.knowledge.jobs.jobs
      return (hidden.isEmpty ? jobs : jobs.filter { !hidden.contains($0.scaleSet) }).map { Located($0, in: at) }
    }
    // Each list is already sorted.
    return all.dropFirst().reduce(all[0], Self.merged)
  }

  private static func merged(_ a: [Located<JobRecord>], _ b: [Located<JobRecord>]) -> [Located<JobRecord>] {
    func isFirst(_ a: JobRecord, _ b: JobRecord) -> Bool {
      if (a.result == .running) != (b.result == .running) { return a.result == .running }
      return a.began >= b.began
    }
    var merged: [Located<JobRecord>] = []
    merged.reserveCapacity(a.count + b.count)
    var (x, y) = (a[...], b[...])
    while let first = x.first, let second = y.first {
      if isFirst(first.value, second.value) {
        merged.append(first)
        x = x.dropFirst()
      } else {
        merged.append(second)
        y = y.dropFirst()
      }
    }
    return merged + x + y
  }

  /// Changes with the jobs of any cluster.
  package var jobsVersion: Int { clusters.reduce(0) { $0 + $1.knowledge.jobs.version } }

  /// The Kubernetes events of all clusters, oldest first.
  var joinedEvents: [Located<KubeEvent>] {
    let all = clusters.enumerated().flatMap { at, cluster in
      failing.isReplaced(at) ? [] : cluster.events.map { Located($0, in: at) }
    }
    guard hasSeveralClusters else { return all }
    return all.enumerated().sorted { a, b in
      (a.element.value.last ?? 0, a.offset) < (b.element.value.last ?? 0, b.offset)
    }.map(\.element)
  }

  /// The queued jobs in the scope.
  package var queueSentence: String? {
    let test = scopeTest
    let sets = statuses.flatMap { status in
      (test?.sets == nil ? status.value.scaleSets.map(\.id) : Array(status.value.scaleSetNames))
        .filter { test?.contains(status.cluster, $0) ?? true }.map { (set: $0, cluster: status.cluster) }
    }.sorted { ($0.set, $0.cluster) < ($1.set, $1.cluster) }
    let sentences = sets.compactMap { set, cluster -> String? in
      let known = clusters[cluster].knowledge
      guard
        let words = known.queues[set]?.sentence(busy: known.judgedSnapshot?.counts[set]?.busy ?? 0, now: now)
      else { return nil }
      return sets.count > 1 ? "\(set): \(words)" : words
    }
    return sentences.isEmpty ? nil : sentences.joined(separator: "; ")
  }

  /// The number of queued jobs of an installation.
  package func waiting(_ status: Located<InstallationStatus>) -> Int {
    let queues = clusters[status.cluster].knowledge.queues
    return status.value.scaleSets.reduce(0) { $0 + (queues[$1.id]?.waiting ?? 0) }
  }

  /// The runner counts of a cluster.
  package func totals(in cluster: Int) -> RunnerStateCounts {
    statuses.reduce(into: RunnerStateCounts()) { if $1.cluster == cluster { $0.add($1.value.counts) } }
  }

  /// The runner counts of the selected cluster, or of all. Clusters that do not respond are counted separately, because
  /// their counts are outdated.
  package var shownTotals: (current: RunnerStateCounts, stale: Int) {
    clusters.indices.reduce(into: (RunnerStateCounts(), 0)) { sum, at in
      guard clusterScope == nil || clusterScope == at else { return }
      let counts = totals(in: at)
      if clusters[at].isCurrent { sum.0.add(counts) } else { sum.1 += counts.all }
    }
  }

  /// The plan that is currently changing an installation.
  package func activity(of installation: String, in cluster: Int) -> Activity? {
    activities.last { !$0.isOver && $0.request.installation == installation && $0.cluster == cluster }
  }

  /// The active keymaps, most specific first.
  package var keymaps: [Keymap] {
    if let overlay = overlays.last { return overlay.content.keymaps }
    return [Keymap(focusedPane.title, focusedPane.bindings), .anywhere]
  }

  /// Whether the terminal should report the mouse. In texts, the terminal's own selection is more useful.
  package var wantsMouse: Bool {
    settings.usesMouse && (overlays.last?.content.wantsMouse ?? focusedPane.wantsMouse)
  }
}
