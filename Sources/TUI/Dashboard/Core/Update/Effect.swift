import Engine

/// What the outside world is asked to do. Its answers come back as messages with the same tag.
///
/// One that is about a cluster is about the first where `on` does not say another.
package enum Effect: Sendable, Equatable {
  /// Something about another cluster than the first, by its place among the clusters.
  indirect case on(cluster: Int, Effect)
  /// Watch a cluster that was added later, which has this place.
  case watch(ClusterTarget, cluster: Int)
  case quit
  case suspend
  case redraw
  case bell
  case loadConfiguration
  /// Ask all clusters now that do not answer.
  case retryCluster
  case examine
  /// Follow this log and no other; nil follows none. The same request again says that its containers have changed.
  case followLog(LogTarget?, request: Int, sources: [LogSource])
  /// Keep the events of these namespaces current; nil for none any more.
  case watchEvents([String]?)
  /// Find out what would tell more of the cluster.
  case find(KnowledgeQuestion)
  /// Write down what was learned of jobs.
  case keep([JobRecord])
  /// Keep how listeners ended, for commands that look once.
  case keepListenerEnds([String: [ListenerHealth.End]])
  case loadHistory
  case fetchYAML(kind: String, name: String, namespace: String, title: String, request: Int)
  case preview(PlanRequest, request: Int)
  case checkCredential(CredentialRequest, host: String, request: Int)
  case complete(path: String, request: Int)
  case measureCaches(String)
  case run(PlanRequest, activity: Int)
  /// Tell when no further key has followed for a moment.
  case awaitScaling(String, press: Int)
  case cancel(activity: Int)
  /// What was answered to the question of an activity.
  case answer(activity: Int, Bool)
  case copy(String)
  case open(String)
  case save(text: String, path: String)
  case saveScreen(path: String)
  case shell(pod: String, container: String, namespace: String)
  case remember(InterfaceState)
}

/// A container whose log is wanted.
package struct LogSource: Sendable, Equatable, Hashable {
  package var pod: String
  package var container: String
  package var namespace: String
  /// The scale set, where an ended runner's log may be kept.
  package var scaleSet: String?
  /// Whether the pod is there.
  package var isLive: Bool

  package init(
    pod: String, container: String, namespace: String = ClusterTarget.namespace, scaleSet: String?, isLive: Bool
  ) {
    (self.pod, self.container, self.scaleSet, self.isLive) = (pod, container, scaleSet, isLive)
    self.namespace = namespace.isEmpty ? ClusterTarget.namespace : namespace
  }
}
