import Engine

/// Applies new information about clusters to the model.
extension Model {
  /// Applies an event about a cluster, and requests additional information if needed.
  ///
  /// - Returns: the runners that changed.
  @discardableResult
  package mutating func learn(_ event: KnowledgeEvent, of cluster: Int) -> [RunnerChange] {
    guard clusters.indices.contains(cluster) else { return [] }
    let news = clusters[cluster].knowledge.take(event, at: now)
    if !news.jobs.isEmpty { ask(.keep(news.jobs)) }
    if !news.listenerEnds.isEmpty { ask(.keepListenerEnds(news.listenerEnds), on: cluster) }
    for question in news.questions { ask(.find(question), on: cluster) }
    let findings = clusters[cluster].knowledge.findings
    if clusters[cluster].toldFindings.raw != findings {
      let invocation = clusters[cluster].invocation
      clusters[cluster].toldFindings = (findings, findings.map { invocation.completing($0) })
    }
    noteClustersLeft()
    if noteFailingContexts() { return news.runners }
    joined.join(clusters, failing, whole)
    return news.runners
  }

  /// Stops showing and watching clusters that the configuration no longer uses, once no plan changes them, and returns
  /// those that it uses again.
  private mutating func noteClustersLeft() {
    guard settings.followsConfiguration, clusters.count > 1, let whole else { return }
    let targets = whole.targets
    for at in clusters.indices where !clusters[at].isFound {
      let isUsed =
        targets.contains(clusters[at].target) || activities.contains { !$0.isOver && $0.cluster == at }
      guard clusters[at].isLeft == isUsed else { continue }
      if isUsed {
        clusters[at].isLeft = false
        ask(.watch(clusters[at].target, cluster: at))
        ask(.use(failing.standIns), on: at)
      } else {
        clusters[at].leave(identity: settings.identity)
        if clusterScope == at { (scope, clusterScope) = (nil, nil) }
        ask(.unwatch(cluster: at))
      }
      clusters[at].knowledge.take(
        .configuration(.success(failing.configuration(whole, on: clusters[at].target))), at: now)
      ask(.loadHistory)
    }
  }

  /// Applies an event to all clusters.
  mutating func learnEverywhere(_ event: KnowledgeEvent) {
    for cluster in clusters.indices { learn(event, of: cluster) }
  }

  /// Suspends findings about objects that plans are changing.
  mutating func noteActivities() {
    for cluster in clusters.indices {
      let names = activities.filter { !$0.isOver && $0.cluster == cluster }.compactMap(\.request.installation)
      learn(.planning(Set(names)), of: cluster)
    }
  }

  /// Requests an effect for a cluster.
  package mutating func ask(_ effect: Effect, on cluster: Int) {
    ask(cluster == 0 ? effect : .on(cluster: cluster, effect))
  }

  // MARK: Clusters added later

  /// Adds a cluster.
  ///
  /// - Parameter isFound: whether it was found in the kubeconfig and not in the configuration.
  mutating func add(_ target: ClusterTarget, isFound: Bool = false) {
    guard !clusters.contains(where: { $0.target == target }) else { return }
    let isStandard = target == whole?.target
    let invocation = isStandard ? settings.invocation : settings.invocation.on(target)
    clusters.append(
      ShownCluster(
        ClusterSeat(target: target, invocation: invocation), identity: settings.identity,
        namespace: settings.namespace))
    ShownCluster.label(&clusters)
    let at = clusters.count - 1
    clusters[at].isFound = isFound
    ask(.watch(target, cluster: at))
    if let whole { learn(.configuration(.success(failing.configuration(whole, on: target))), of: at) }
    ask(.loadHistory)
  }

  /// The jobs in a history that belong to a cluster: its own, and jobs without a recorded cluster if they ran on its
  /// scale sets. The first cluster gets the rest.
  func history(_ records: [JobRecord], of cluster: Int) -> [JobRecord] {
    guard clusters.count > 1 else { return records }
    let owners = clusters.map { shown in
      Set(shown.knowledge.configuration.installations.flatMap { $0.scaleSets.map(\.name) })
    }
    let replaced = clusters.indices.filter { failing.usedInstead(of: $0) == cluster }
    let places = clusters.map(\.target.place)
    let known = (whole?.places ?? []).union(places)
    return records.compactMap { record in
      let candidates = places.indices.filter { record.mayBe(in: places[$0], among: known) }
      guard record.isPlaced(among: known) else {
        let owner = candidates.first { owners[$0].contains(record.scaleSet) } ?? candidates.first
        return owner == cluster ? record : nil
      }
      if candidates.contains(cluster) { return record }
      // Jobs of the installations that it shows for another context ran there.
      guard replaced.contains(where: candidates.contains), owners[cluster].contains(record.scaleSet) else {
        return nil
      }
      var record = record
      record.place = places[cluster]
      return record
    }
  }
}
