import Basics

/// How far away a cluster is from answering.
package enum ClusterState: Sendable, Equatable {
  /// A program that is needed to tell is missing.
  case toolMissing(EngineError)
  /// The container engine does not answer, or refuses this user.
  case dockerUnavailable(EngineError)
  /// There is no kind cluster of that name.
  case absent
  /// The cluster's node exists and is stopped, as after a reboot.
  case stopped
  /// The cluster's node is paused.
  case paused
  /// The node was started a moment ago and its API is not ready yet; what it said last. See `ClusterInspector.patience`.
  case starting(EngineError)
  /// The cluster's creation was interrupted before it had an API, so that it never gets one.
  case halfCreated(EngineError)
  /// The node runs (or there is none to ask about), and the API does not answer.
  case unreachable(EngineError)
  /// The kubeconfig has no such context: it was renamed, deleted or made on another computer.
  case contextMissing(EngineError)
  /// The API answers; the server's version as it names itself (`v1.36.1`).
  case ready(version: String)

  /// Whether the API answers.
  package var isReady: Bool { if case .ready = self { true } else { false } }

  /// Why it does not answer, in the words of whoever was asked; nil where the state says it all.
  package var reason: String? {
    switch self {
    case .toolMissing(let error), .dockerUnavailable(let error), .unreachable(let error), .starting(let error),
      .halfCreated(let error), .contextMissing(let error):
      SafeText.line(error.why ?? error.what)
    case .absent, .stopped, .paused, .ready: nil
    }
  }

  /// The state in a few words.
  package var words: String {
    switch self {
    case .toolMissing: "unknown: a program is missing"
    case .dockerUnavailable: "unknown: Docker does not answer"
    case .absent: "not created"
    case .stopped: "stopped"
    case .paused: "paused"
    case .starting: "starting"
    case .halfCreated: "half-created: its creation was interrupted"
    case .unreachable: "does not answer"
    case .contextMissing: "unknown: the kubeconfig has no such context"
    case .ready: "running"
    }
  }
}
