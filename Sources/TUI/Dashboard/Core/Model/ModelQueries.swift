import Engine

/// What follows from what is known.
extension Model {
  /// What is configured, wherever it lives.
  package var configuration: Configuration { clusters[0].knowledge.configuration }
  package var hasConfiguration: Bool { clusters[0].knowledge.hasConfiguration }
  package var statuses: [Located<InstallationStatus>] { joined.statuses }
  /// The runners of all clusters.
  package var runners: [Runner] { joined.runners }
  /// What is wrong now, the worst first, with the cluster that everything is narrowed to or with any.
  package var findings: [Located<Finding>] {
    // A welcome says what is missing; a finding would say it twice.
    if isEmpty { return [] }
    guard let clusterScope else { return joined.findings }
    return joined.findings.filter { $0.cluster == clusterScope }
  }

  /// Whether there is more than one cluster, so that it has to be told which.
  package var hasSeveralClusters: Bool { clusters.count > 1 }

  /// Whether there is nothing at all yet, so that the screen says how to begin.
  package var isEmpty: Bool {
    hasConfiguration && configuration.all.isEmpty && statuses.isEmpty
      && clusters.allSatisfy {
        $0.knowledge.configurationProblem == nil && $0.knowledge.configuration.unreadable.isEmpty
      }
      && !activities.contains { !$0.isOver }
  }

  /// What is said below the installations: what comes next where there are only others' scale sets, and what cannot be
  /// seen.
  package var installationNotes: [(text: String, isWarning: Bool)] {
    var notes: [(text: String, isWarning: Bool)] = []
    if !statuses.isEmpty, hasConfiguration, configuration.installations.isEmpty, statuses.allSatisfy(\.value.isForeign)
    {
      let place = hasSeveralClusters ? "these clusters" : clusters[0].context
      notes.append(("No installation of yours on \(place). Press a to add one.", false))
    }
    for cluster in clusters {
      guard let limits = cluster.snapshot?.limits else { continue }
      notes.append(("Not shown\(hasSeveralClusters ? " on \(cluster.context)" : ""): \(limits.sentence)", true))
    }
    return notes
  }

  /// Has the events watched where scale sets are, or no more.
  package mutating func watchEvents(_ isOn: Bool) {
    for cluster in clusters.indices {
      let wanted = isOn ? clusters[cluster].snapshot?.eventNamespaces ?? [ClusterTarget.namespace] : nil
      guard wanted != clusters[cluster].eventNamespaces else { continue }
      clusters[cluster].eventNamespaces = wanted
      ask(.watchEvents(wanted), on: cluster)
    }
  }

  /// The installations of clusters that are not on the screen.
  package var elsewhere: [Installation] {
    let others = configuration.elsewhere
    guard hasSeveralClusters, !others.isEmpty else { return others }
    let shown = clusters.map(\.target)
    return others.filter { !shown.contains(configuration.target(of: $0)) }
  }

  /// The pane that has the focus.
  package var focusedPane: any Pane { pane(in: focus) }
  /// The tab that is shown, whether it has the focus or not.
  package var shownTab: any Pane { panes[tab] }
  /// The tabs there are now.
  package var tabs: [any Pane] { panes.tabs.filter { $0.isOffered(self) } }

  func pane(in place: Place) -> any Pane {
    switch place {
    case .first: panes.first
    case .second: panes.second
    case .bottom: shownTab
    }
  }

  // MARK: What commands are meant for

  /// The installation that commands are meant for.
  package var subject: Located<InstallationStatus>? { focusedPane.subject(self) }

  /// The place among the clusters of the one that commands about a whole cluster are meant for.
  package var meantCluster: Int { hasSeveralClusters ? focusedPane.cluster(self) : 0 }

  /// The installation a scale set belongs to.
  package func status(ofScaleSet name: String, in cluster: Int) -> Located<InstallationStatus>? {
    statuses.first { $0.cluster == cluster && $0.value.scaleSetNames.contains(name) }
  }

  package func host(ofScaleSet name: String, in cluster: Int) -> String {
    status(ofScaleSet: name, in: cluster)?.value.host ?? "github.com"
  }

  /// The installation that the configuration has under a name.
  package func configured(_ name: String) -> Located<InstallationStatus>? {
    statuses.first { $0.value.name == name && $0.value.installation != nil }
  }

  // MARK: What is looked at

  /// What the rows are narrowed to; nil for everything.
  package var scopeTest: ScopeTest? {
    if let scope, let status = status(of: scope) {
      return ScopeTest(cluster: scope.cluster, sets: status.value.scaleSetNames)
    }
    return clusterScope.map { ScopeTest(cluster: $0, sets: nil) }
  }

  /// The scale sets of the installation that the runners are narrowed to.
  package var scopeSets: Set<String>? { scope.flatMap(status)?.value.scaleSetNames }

  /// Changes with what the rows are narrowed to.
  package var scopeVersion: String {
    scopeTest.map { "\($0.cluster) \($0.sets?.sorted() ?? ["all"])" } ?? ""
  }

  /// What the rows are narrowed to, in words.
  package var scopeText: String { scope.map(title) ?? clusterScope.map { clusters[$0].context } ?? "all" }

  func status(of scope: InstallationScope) -> Located<InstallationStatus>? {
    statuses.first { $0.cluster == scope.cluster && $0.value.name == scope.name }
  }

  /// The name of an installation, with its cluster where another cluster has one of that name.
  package func title(_ scope: InstallationScope) -> String {
    statuses.contains { $0.value.name == scope.name && $0.cluster != scope.cluster }
      ? "\(clusters[scope.cluster].context)/\(scope.name)" : scope.name
  }

  package func title(_ status: Located<InstallationStatus>) -> String {
    title(InstallationScope(cluster: status.cluster, name: status.value.name))
  }

  /// What tells something of one cluster from what has the same name in another.
  package func key(_ name: String, in cluster: Int) -> String {
    hasSeveralClusters ? "\(clusters[cluster].context)/\(name)" : name
  }

  // MARK: Jobs

  /// The job of a runner.
  package func job(of runner: String, in cluster: Int) -> JobRecord? { clusters[cluster].knowledge.jobs[runner] }

  /// The jobs of all clusters, running ones first, then by their start, newest first.
  package var jobs: [Located<JobRecord>] {
    let all = clusters.enumerated().map { at, cluster in cluster.knowledge.jobs.jobs.map { Located($0, in: at) } }
    // Each is in order already.
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

  /// What Kubernetes reported on all clusters, the oldest first.
  var joinedEvents: [Located<KubeEvent>] {
    let all = clusters.enumerated().flatMap { at, cluster in cluster.events.map { Located($0, in: at) } }
    guard hasSeveralClusters else { return all }
    return all.enumerated().sorted { a, b in
      (a.element.value.last ?? 0, a.offset) < (b.element.value.last ?? 0, b.offset)
    }.map(\.element)
  }

  /// The jobs that wait, of the installation the runners are narrowed to or of all.
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

  /// How many jobs of an installation wait.
  package func waiting(_ status: Located<InstallationStatus>) -> Int {
    let queues = clusters[status.cluster].knowledge.queues
    return status.value.scaleSets.reduce(0) { $0 + (queues[$1.id]?.waiting ?? 0) }
  }

  /// The runners of a cluster.
  package func totals(in cluster: Int) -> RunnerStateCounts {
    statuses.reduce(into: RunnerStateCounts()) { if $1.cluster == cluster { $0.add($1.value.counts) } }
  }

  /// The runners of the clusters that everything is narrowed to, or of all. Those of clusters that do not answer are what
  /// they were, not what they are, so they are counted by themselves.
  package var shownTotals: (current: RunnerStateCounts, stale: Int) {
    clusters.indices.reduce(into: (RunnerStateCounts(), 0)) { sum, at in
      guard clusterScope == nil || clusterScope == at else { return }
      let counts = totals(in: at)
      if clusters[at].isCurrent { sum.0.add(counts) } else { sum.1 += counts.all }
    }
  }

  /// The plan that changes an installation now.
  package func activity(of installation: String, in cluster: Int) -> Activity? {
    activities.last { !$0.isOver && $0.request.installation == installation && $0.cluster == cluster }
  }

  /// The keys that hold now, the most particular first.
  package var keymaps: [Keymap] {
    if let overlay = overlays.last { return overlay.content.keymaps }
    return [Keymap(focusedPane.title, focusedPane.bindings), .anywhere]
  }

  /// Whether the terminal is asked to report the mouse: in text its own selection is worth more.
  package var wantsMouse: Bool {
    settings.usesMouse && (overlays.last?.content.wantsMouse ?? focusedPane.wantsMouse)
  }
}
