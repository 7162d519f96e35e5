import Engine
import TerminalKit

/// An input of the model.
package enum Message: Sendable {
  /// A message about a cluster other than the first, by index. Messages about a cluster that are not wrapped concern
  /// the first one.
  indirect case of(cluster: Int, Message)
  /// A cluster to add to the dashboard.
  case clusterFound(ClusterTarget)
  case key(Key)
  case paste(String)
  /// Several characters received at once while a text field has the focus, typed and not pasted.
  case typed(String)
  case click(Target)
  /// The mouse wheel was turned over a target.
  case wheel(Target, Int)
  case resized(Size)
  /// Time has passed.
  case tick
  /// The terminal was returned by another program, or deskrun was resumed.
  case resumed
  /// The configuration for all clusters.
  case configuration(Result<Configuration, EngineError>)
  case observed(ClusterObservation)
  /// The clock was changed by this number of seconds.
  case clockSet(by: Int64)
  case checked([DoctorCheck])
  case jobMark(LogRecorder.Target, LogRecorder.Mark)
  case listener(scaleSet: String, [ListenerFact])
  case history([JobRecord])
  /// Additional information that was requested.
  case found(KnowledgeEvent)
  case log(request: Int, LogNews)
  case events([KubeEvent])
  case document(request: Int, Result<TextPage, EngineError>)
  case preview(request: Int, Result<PlanPreview, EngineError>)
  case credential(request: Int, Result<[String], EngineError>)
  case completions(request: Int, [String])
  case caches(installation: String, String)
  /// No further key changed the runner limits of an installation for a moment.
  case scalingSettled(String, press: Int)
  /// An activity is waiting for others, which are listed; nil when it no longer is.
  case activityWaits(activity: Int, String?)
  /// A plan would lose more than was confirmed before it was created.
  case activityAsks(activity: Int, Confirmation)
  case planned(activity: Int, Plan)
  case planEvent(activity: Int, PlanEvent)
  case activityEnded(activity: Int, EngineError?)
  case saved(Result<String, EngineError>)
  /// Information about jobs, or their logs, cannot be written.
  case notKept(EngineError)
  case copied(Int?)
  case opened(Result<String, EngineError>)
  case shellEnded(EngineError?)
  /// Everything that the dashboard started has ended.
  case allEnded
}

/// An event of a log stream.
package enum LogNews: Sendable {
  case lines([LogLine])
  /// The container exited, or its archived log was read completely.
  case ended
  case failed(EngineError)
}

extension Message {
  /// The index of the cluster it is about; the first if it is about none.
  package var cluster: Int { if case .of(let cluster, _) = self { cluster } else { 0 } }

  /// Whether it describes the state of a cluster.
  package var isObservation: Bool {
    switch self {
    case .observed: true
    case .of(_, let message): message.isObservation
    default: false
    }
  }
}
