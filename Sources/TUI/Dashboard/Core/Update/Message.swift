import Engine
import TerminalKit

/// What can happen.
package enum Message: Sendable {
  /// Something of another cluster than the first, by its place among the clusters. What is about a cluster and is not in
  /// here is about the first.
  indirect case of(cluster: Int, Message)
  /// A cluster that is to be shown too.
  case clusterFound(ClusterTarget)
  case key(Key)
  case paste(String)
  /// Characters that came together while a field takes text, as keys and not as a paste.
  case typed(String)
  case click(Target)
  /// The wheel turned over something.
  case wheel(Target, Int)
  case resized(Size)
  /// Time has passed.
  case tick
  /// The terminal was handed over and is back, or the program was stopped and goes on.
  case resumed
  /// What is configured, on all clusters.
  case configuration(Result<Configuration, EngineError>)
  case observed(ClusterObservation)
  /// Somebody set the clock by this many seconds.
  case clockSet(by: Int64)
  case checked([DoctorCheck])
  case jobMark(LogRecorder.Target, LogRecorder.Mark)
  case listener(scaleSet: String, [ListenerFact])
  case history([JobRecord])
  /// What was found out because the knowledge asked for it.
  case found(KnowledgeEvent)
  case log(request: Int, LogNews)
  case events([KubeEvent])
  case document(request: Int, Result<TextPage, EngineError>)
  case preview(request: Int, Result<PlanPreview, EngineError>)
  case credential(request: Int, Result<[String], EngineError>)
  case completions(request: Int, [String])
  case caches(installation: String, String)
  /// No key has followed the one that changed how many runners an installation is to have.
  case scalingSettled(String, press: Int)
  /// An activity waits for others, who are named; nil when it does no more.
  case activityWaits(activity: Int, String?)
  /// A plan loses more than was asked before it was made.
  case activityAsks(activity: Int, Confirmation)
  case planned(activity: Int, Plan)
  case planEvent(activity: Int, PlanEvent)
  case activityEnded(activity: Int, EngineError?)
  case saved(Result<String, EngineError>)
  /// What is learned of jobs, or what their logs say, cannot be written.
  case notKept(EngineError)
  case copied(Int?)
  case opened(Result<String, EngineError>)
  case shellEnded(EngineError?)
  /// Everything the dashboard had started has ended.
  case allEnded
}

/// What a log stream tells.
package enum LogNews: Sendable {
  case lines([LogLine])
  /// The container is gone, or what is kept of it has been read.
  case ended
  case failed(EngineError)
}

extension Message {
  /// The place among the clusters of the one it is about, where it is about one.
  package var cluster: Int { if case .of(let cluster, _) = self { cluster } else { 0 } }

  /// Whether it tells what is in a cluster.
  package var isObservation: Bool {
    switch self {
    case .observed: true
    case .of(_, let message): message.isObservation
    default: false
    }
  }
}
