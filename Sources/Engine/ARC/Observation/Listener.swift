import Basics
import Kubernetes

/// The state of a listener, which polls GitHub for the jobs of a scale set.
package enum ListenerState: Sendable, Equatable {
  /// It runs.
  case running
  /// Its pod is starting; the progress.
  case starting(String)
  /// It is not running and will not recover on its own; the reason.
  case failing(String)
  /// It does not exist.
  case absent
  /// The listener pods cannot be read.
  case unknown

  /// The state in one word.
  package var word: String {
    switch self {
    case .running: "running"
    case .starting: "starting"
    case .failing: "failing"
    case .absent: "absent"
    case .unknown: "unknown"
    }
  }

  package init(_ pod: Pod?) {
    guard let pod else {
      self = .absent
      return
    }
    if pod.phase == "Failed", let reason = pod.reason, !reason.isEmpty {
      self = .failing("\(reason)\(pod.message.map { ": \(SafeText.line($0))" } ?? "")")
      return
    }
    guard let container = pod.container(ListenerPodFacts.container) else {
      self = .starting("its pod is being created")
      return
    }
    switch container.activity {
    case .running: self = .running
    case .waiting(let reason, let message):
      self =
        WaitingReason.isProblem(reason)
        ? .failing("\(reason)\(message.map { ": \(SafeText.line($0))" } ?? "")")
        : .starting("its container is being created")
    case .terminated(let code, let reason, _, _):
      self = .failing("it ended with exit code \(code)\(reason.isEmpty ? "" : " (\(reason))")")
    case .unknown: self = .starting("its container is being created")
    }
  }
}
