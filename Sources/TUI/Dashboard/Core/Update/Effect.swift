import Engine

/// A request to the outside world. Responses are messages with the same tag.
///
/// Effects about a cluster concern the first one unless wrapped in `on`.
package enum Effect: Sendable, Equatable {
  /// An effect about a cluster other than the first, by index.
  indirect case on(cluster: Int, Effect)
  /// Start watching a cluster with this index that was added later, or that is displayed again.
  case watch(ClusterTarget, cluster: Int)
  /// Stop watching a cluster that is no longer displayed.
  case unwatch(cluster: Int)
  /// Use these contexts in place of others of the same cluster, for plans on this cluster.
  case use([StandIn])
  case quit
  case suspend
  case redraw
  case bell
  case loadConfiguration
  /// Retry all clusters that do not respond.
  case retryCluster
  case examine
  /// Follow only this log; nil follows none. Repeated with the same request when its containers have changed.
  case followLog(LogTarget?, request: Int, sources: [LogSource])
  /// Watch the events of these namespaces; nil stops watching.
  case watchEvents([String]?)
  /// Read additional information about the cluster.
  case find(KnowledgeQuestion)
  /// Save information about jobs.
  case keep([JobRecord])
  /// Save how listeners exited, for commands that read the cluster only once.
  case keepListenerEnds([String: [ListenerHealth.End]])
  case loadHistory
  case fetchYAML(kind: String, name: String, namespace: String, title: String, request: Int)
  case preview(PlanRequest, request: Int)
  case checkCredential(CredentialRequest, host: String, request: Int)
  case complete(path: String, request: Int)
  case measureCaches(String)
  case run(PlanRequest, activity: Int)
  /// Notify when no further key was pressed for a moment.
  case awaitScaling(String, press: Int)
  case cancel(activity: Int)
  /// The answer to an activity's question.
  case answer(activity: Int, Bool)
  case copy(String)
  case open(String)
  case save(text: String, path: String)
  case saveScreen(path: String)
  case shell(pod: String, container: String, namespace: String)
  case remember(InterfaceState)
}

/// A container whose log to read.
package struct LogSource: Sendable, Equatable, Hashable {
  package var pod: String
  package var container: String
  package var namespace: String
  /// The scale set, under which an ended runner's log may be archived.
  package var scaleSet: String?
  /// Whether the pod exists.
  package var isLive: Bool

  package init(
    pod: String, container: String, namespace: String = ClusterTarget.namespace, scaleSet: String?, isLive: Bool
  ) {
    (self.pod, self.container, self.scaleSet, self.isLive) = (pod, container, scaleSet, isLive)
    self.namespace = namespace.isEmpty ? ClusterTarget.namespace : namespace
  }
}
