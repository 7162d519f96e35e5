import ARC
import Basics
import Installations
import Kubernetes

/// What can be learned of a cluster, by whoever looks: a dashboard that watches, a recorder, or a command that looks
/// once.
package enum KnowledgeEvent: Sendable {
  /// What is configured, or why that cannot be read.
  case configuration(Result<Configuration, EngineError>)
  /// How the cluster is and what is in it.
  case observed(ClusterObservation)
  /// Why the objects of a cluster that answers cannot be read; nil once they can.
  case unread(EngineError?)
  /// What the listener of a scale set said; nothing when it was asked and has said nothing of interest.
  case listener(scaleSet: String, [ListenerFact])
  /// The pods of listeners, seen again since the objects were last read.
  case listenerPods([Pod])
  /// How listeners ended, by scale set, as another deskrun saw or the controller tells.
  case listenerEnds([String: [ListenerHealth.End]])
  /// The log of a scale set's listener cannot be read.
  case unheard(scaleSet: String, EngineError)
  /// What the log of a runner says.
  case mark(LogRecorder.Target, LogRecorder.Mark)
  /// The log of a runner that fails or ends too soon was read, and said something, of interest or not.
  case read(LogRecorder.Target)
  /// Jobs that were seen before, by this program or another.
  case history([JobRecord])
  /// What was found on this computer.
  case host(HostReport)
  /// What is to be compared with the cluster.
  case desired(DesiredReport)
  /// Events of Kubernetes and the controller's log.
  case gathered(Gathering)
  /// The installations that plans work on now.
  case planning(Set<String>)
  /// Somebody set the clock by this many seconds.
  case clockSet(by: Int64)
  /// Time has passed.
  case time
}

/// What an event brought.
package struct KnowledgeNews: Sendable {
  /// The runners that are not as they were.
  package var runners: [RunnerChange] = []
  /// The jobs of which something was learned, to be written down.
  package var jobs: [JobRecord] = []
  /// How listeners ended, by scale set, where something was learned of it, to be kept for a while.
  package var listenerEnds: [String: [ListenerHealth.End]] = [:]
  /// What is to be found out next.
  package var questions: [KnowledgeQuestion] = []
}

/// What would tell more. Its answers come back as events.
package enum KnowledgeQuestion: Sendable, Equatable {
  /// What these listeners say, by scale set.
  case listeners([String: ListenerPod])
  /// What the logs of these runners say, of those with a job and of those that fail, end too soon or do not get ready.
  case logs(busy: [LogRecorder.Target], suspects: [LogRecorder.Target])
  /// What was kept of the logs of these runners, which are gone: how their jobs ended, and why.
  case kept([LogRecorder.Target])
  /// What Kubernetes reported, what the controller's log says, and what idle runners say.
  case gathering(GatheringRequest)
  /// How this computer is.
  case host(Configuration)
  /// What scale sets are to be, and which installations are being changed.
  case desired(DesiredRequest)
}
