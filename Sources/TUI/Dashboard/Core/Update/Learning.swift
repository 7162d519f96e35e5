import Engine

/// How the model learns.
extension Model {
  /// Takes in what was learned, and asks for what would tell more.
  ///
  /// - Returns: the runners that are not as they were.
  @discardableResult
  package mutating func learn(_ event: KnowledgeEvent) -> [RunnerChange] {
    let news = knowledge.take(event, at: now)
    if !news.jobs.isEmpty { ask(.keep(news.jobs)) }
    if !news.listenerEnds.isEmpty { ask(.keepListenerEnds(news.listenerEnds)) }
    for question in news.questions { ask(.find(question)) }
    if toldFindings.raw != knowledge.findings {
      toldFindings = (knowledge.findings, knowledge.findings.map { settings.invocation.completing($0) })
    }
    return news.runners
  }

  /// What plans work on is not judged meanwhile.
  mutating func noteActivities() {
    learn(.planning(Set(activities.filter { !$0.isOver }.compactMap(\.request.installation))))
  }
}
