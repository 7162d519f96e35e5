import Kubernetes

/// How a runner's container ended.
package struct RunnerExit: Sendable, Equatable {
  package var code: Int
  /// The reason given by Kubernetes: `Completed`, `Error`, `OOMKilled`, …
  package var reason: String
  /// The time, in seconds since 1970.
  package var at: Int64?

  package init?(_ pod: Pod?) {
    guard let pod else { return nil }
    if pod.reason == "Evicted" {
      (code, reason, at) = (-1, "Evicted", nil)
      return
    }
    guard case .terminated(let code, let reason, _, let finished)? = pod.container("runner")?.activity else {
      return nil
    }
    (self.code, self.reason, at) = (code, reason, finished)
  }

  /// Why the runner died, if it did not exit normally.
  package var death: String? {
    switch reason {
    case "OOMKilled": "out of memory"
    case "Evicted": "evicted: the node was short of resources"
    case "NodeLost": "its node is gone"
    default:
      switch code {
      case 137: "killed (exit code 137)"
      case 143: "terminated from outside (exit code 143)"
      // The shell convention: 128 plus the signal's number. The runner itself exits with small numbers.
      case 129...192: "ended by signal \(code - 128) (exit code \(code))"
      default: nil
      }
    }
  }
}
