import Kubernetes

/// How the container of a runner ended.
package struct RunnerExit: Sendable, Equatable {
  /// Its exit code.
  package var code: Int
  /// Kubernetes' word: `Completed`, `Error`, `OOMKilled`, …
  package var reason: String
  /// When, in seconds since 1970.
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

  /// Why the runner died, when it did not end by itself.
  package var death: String? {
    switch reason {
    case "OOMKilled": "out of memory"
    case "Evicted": "evicted: the node was short of resources"
    case "NodeLost": "its node is gone"
    default:
      switch code {
      case 137: "killed (exit code 137)"
      case 143: "terminated from outside (exit code 143)"
      // As a shell says it: 128 and the number of the signal. The runner itself ends with small numbers.
      case 129...192: "ended by signal \(code - 128) (exit code \(code))"
      default: nil
      }
    }
  }
}
