import ARC
import Basics
import Installations
import Kubernetes

/// What can be learned about a cluster, whatever the source: a dashboard that watches, a recorder, or a single command.
package enum KnowledgeEvent: Sendable {
  /// The configuration, or why it cannot be read.
  case configuration(Result<Configuration, EngineError>)
  /// The state of the cluster and its objects.
  case observed(ClusterObservation)
  /// The other contexts that lead to the cluster of installations whose own one fails or means another.
  case keptContexts(KeptContexts)
  /// Why the objects of a responding cluster cannot be read; nil once they can.
  case unread(EngineError?)
  /// The facts in the log of a scale set's listener; empty if it was read but has nothing of interest.
  case listener(scaleSet: String, [ListenerFact])
  /// The pods of listeners, read again since the other objects.
  case listenerPods([Pod])
  /// How listeners ended, by scale set, as seen by another deskrun or reported by the controller.
  case listenerEnds([String: [ListenerHealth.End]])
  /// The log of a scale set's listener cannot be read.
  case unheard(scaleSet: String, EngineError)
  /// A fact from the log of a runner.
  case mark(LogRecorder.Target, LogRecorder.Mark)
  /// The log of a runner that fails or ends too soon was read and was not empty.
  case read(LogRecorder.Target)
  /// Jobs seen earlier, by this program or another.
  case history([JobRecord])
  /// The state of this machine.
  case host(HostReport)
  /// The state of scale sets that is compared with the cluster.
  case desired(DesiredReport)
  /// Kubernetes events and the controller's log.
  case gathered(Gathering)
  /// The installations that plans are currently working on.
  case planning(Set<String>)
  /// The clock was set by this many seconds.
  case clockSet(by: Int64)
  /// Time has passed.
  case time
}

/// The results of an event.
package struct KnowledgeNews: Sendable {
  /// The runners that changed.
  package var runners: [RunnerChange] = []
  /// Jobs with new information, to be recorded.
  package var jobs: [JobRecord] = []
  /// How listeners ended, by scale set with new information, to be stored for a while.
  package var listenerEnds: [String: [ListenerHealth.End]] = [:]
  /// What to find out next.
  package var questions: [KnowledgeQuestion] = []
}

/// A question whose answers come back as events.
package enum KnowledgeQuestion: Sendable, Equatable {
  /// The logs of these listeners, by scale set.
  case listeners([String: ListenerPod])
  /// The logs of these runners: those with a job, and those that fail, end too soon or do not become ready.
  case logs(busy: [LogRecorder.Target], suspects: [LogRecorder.Target])
  /// The archived logs of these runners, which no longer exist: how their jobs ended, and why.
  case kept([LogRecorder.Target])
  /// The Kubernetes events, the controller's log, and the logs of idle runners.
  case gathering(GatheringRequest)
  /// The state of this machine.
  case host(Configuration)
  /// Not a question but a note to write: the cluster on which installations were found.
  case identity(IdentityNote)
  /// Which other contexts lead to the cluster of these installations, whose own one fails or means another.
  case keptContexts([InstallationName], Configuration)
  /// The desired state of scale sets, and which installations are being changed.
  case desired(DesiredRequest)
}
