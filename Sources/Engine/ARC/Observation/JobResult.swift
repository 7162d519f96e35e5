/// How a job ended.
package enum JobResult: String, Sendable, Equatable, CaseIterable {
  /// Not ended yet.
  case running
  /// The result is not known.
  case unknown
  /// As reported by GitHub.
  case failed, cancelled
  /// The runner died while running it.
  case lost
  case succeeded

  /// A more certain result replaces a less certain one: GitHub reports a job as failed if its runner died.
  package var rank: Int {
    switch self {
    case .running: 0
    case .unknown: 1
    case .failed: 2
    case .cancelled: 3
    case .lost: 4
    case .succeeded: 5
    }
  }

  /// Reads GitHub's result in any of the spellings used by ARC and the runner.
  package init(word: some StringProtocol) {
    switch word.lowercased() {
    case "succeeded", "success", "succeededwithissues": self = .succeeded
    case "failed", "failure", "abandoned": self = .failed
    case "canceled", "cancelled", "skipped": self = .cancelled
    default: self = .unknown
    }
  }
}
