/// How a job ended.
package enum JobResult: String, Sendable, Equatable, CaseIterable {
  /// It has not.
  case running
  /// Nobody heard how.
  case unknown
  /// GitHub's own words.
  case failed, cancelled
  /// The runner died under it.
  case lost
  case succeeded

  /// What is known better takes the place of what is known less: GitHub calls a job failed whose runner died.
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

  /// GitHub's word in any of the forms ARC and the runner write it.
  package init(word: some StringProtocol) {
    switch word.lowercased() {
    case "succeeded", "success", "succeededwithissues": self = .succeeded
    case "failed", "failure", "abandoned": self = .failed
    case "canceled", "cancelled", "skipped": self = .cancelled
    default: self = .unknown
    }
  }
}
