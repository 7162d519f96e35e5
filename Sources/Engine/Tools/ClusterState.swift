import Basics

/// The state of a cluster: how far it is from responding.
package enum ClusterState: Sendable, Equatable {
  /// A program needed to determine the state is missing.
  case toolMissing(EngineError)
  /// The container engine does not respond, or denies access to this user.
  case dockerUnavailable(EngineError)
  /// No kind cluster with that name exists.
  case absent
  /// The cluster's node exists but is stopped, as after a reboot.
  case stopped
  /// The cluster's node is paused.
  case paused
  /// The node was just started and its API is not ready yet; the API's last error. See `ClusterInspector.patience`.
  case starting(EngineError)
  /// The cluster's creation was interrupted before it had an API, so it will never have one.
  case halfCreated(EngineError)
  /// The node is running (or there is none), but the API does not respond.
  case unreachable(EngineError)
  /// The kubeconfig has no such context: it was renamed, deleted or created on another machine.
  case contextMissing(EngineError)
  /// The API responds; the version that the server reports (`v1.36.1`).
  case ready(version: String)

  /// Whether the API responds.
  package var isReady: Bool { if case .ready = self { true } else { false } }

  /// Whether the context does not lead to a cluster that responds, which another context may do.
  package var isOutOfReach: Bool {
    switch self {
    case .unreachable, .contextMissing: true
    default: false
    }
  }

  /// Why the API does not respond, as reported by the program that was asked; nil if the state says everything.
  package var reason: String? {
    switch self {
    case .toolMissing(let error), .dockerUnavailable(let error), .unreachable(let error), .starting(let error),
      .halfCreated(let error), .contextMissing(let error):
      SafeText.line(error.reason)
    case .absent, .stopped, .paused, .ready: nil
    }
  }

  /// The state in a few words.
  package var words: String {
    switch self {
    case .toolMissing: "unknown: a program is missing"
    case .dockerUnavailable: "unknown: Docker cannot be used"
    case .absent: "not created"
    case .stopped: "stopped"
    case .paused: "paused"
    case .starting: "starting"
    case .halfCreated: "half-created: its creation was interrupted"
    case .unreachable(let error): Self.obstacle(error).words
    case .contextMissing(let error): (error.obstacle ?? .context).words
    case .ready: "running"
    }
  }

  /// Why the cluster is not known or not usable, as a clause: `prod does not answer`.
  ///
  /// - Parameter cluster: what the cluster is called.
  package func clause(_ cluster: String) -> String {
    switch self {
    case .unreachable(let error): Self.obstacle(error).clause(cluster)
    case .contextMissing(let error): (error.obstacle ?? .context).clause(cluster)
    case .absent, .stopped, .paused, .starting, .halfCreated, .ready: "\(cluster) is \(words)"
    case .toolMissing(let error), .dockerUnavailable(let error): error.clause(cluster)
    }
  }

  /// Errors without an obstacle come from programs that fail in an unknown way: there was no answer.
  private static func obstacle(_ error: EngineError) -> ClusterObstacle { error.obstacle ?? .silent }
}
