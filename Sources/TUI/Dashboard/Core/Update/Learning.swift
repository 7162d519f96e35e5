import Engine

/// How the model learns.
extension Model {
  /// Takes in what was learned of a cluster, and asks for what would tell more.
  ///
  /// - Returns: the runners that are not as they were.
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
    joined.join(clusters)
    return news.runners
  }

  /// What holds for all clusters.
  mutating func learnEverywhere(_ event: KnowledgeEvent) {
    for cluster in clusters.indices { learn(event, of: cluster) }
  }

  /// What plans work on is not judged meanwhile.
  mutating func noteActivities() {
    for cluster in clusters.indices {
      let names = activities.filter { !$0.isOver && $0.cluster == cluster }.compactMap(\.request.installation)
      learn(.planning(Set(names)), of: cluster)
    }
  }

  /// Asks for something about a cluster.
  package mutating func ask(_ effect: Effect, on cluster: Int) {
    ask(cluster == 0 ? effect : .on(cluster: cluster, effect))
  }

  // MARK: Clusters added later

  /// Shows a cluster too.
  mutating func add(_ target: ClusterTarget) {
    guard !clusters.contains(where: { $0.target == target }) else { return }
    let isStandard = target == whole?.target
    let invocation = isStandard ? settings.invocation : settings.invocation.on(target)
    clusters.append(ShownCluster(ClusterSeat(target: target, invocation: invocation), identity: settings.identity))
    let at = clusters.count - 1
    if let whole { learn(.configuration(.success(whole.on(target))), of: at) }
    ask(.watch(target, cluster: at))
    ask(.loadHistory)
  }

  /// The jobs of a history that a cluster is told of: its own, and of those of which nobody noted the cluster the ones of
  /// its scale sets; what is left over the first has.
  func history(_ records: [JobRecord], of cluster: Int) -> [JobRecord] {
    guard hasSeveralClusters else { return records }
    let owners = clusters.map { shown in
      Set(shown.knowledge.configuration.installations.flatMap { $0.scaleSets.map(\.name) })
    }
    return records.filter { record in
      if record.context != nil { return record.mayBe(in: clusters[cluster].context) }
      return (owners.firstIndex { $0.contains(record.scaleSet) } ?? 0) == cluster
    }
  }
}
