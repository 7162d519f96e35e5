import Engine

/// The exit status of the process. These numbers are part of the interface: scripts check them, the README lists them,
/// and a test compares both.
///
/// 64 and 65 are `EX_USAGE` and `EX_DATAERR` of sysexits.h; above 128 it is 128 plus the signal that ended the process.
package enum ExitStatus: Int32, CaseIterable, Sendable {
  case ok = 0
  case failed = 1
  case cancelled = 2
  case notFound = 3
  case unauthorized = 4
  case toolMissing = 5
  case unreachable = 6
  case configuration = 7
  case unwell = 8
  case usage = 64
  case invalid = 65
  case interrupted = 130

  /// The meaning for scripts.
  var meaning: String {
    switch self {
    case .ok: "success"
    case .failed: "the operation failed"
    case .cancelled: "canceled, or not confirmed"
    case .notFound: "the named thing does not exist"
    case .unauthorized: "GitHub or the cluster refused the credentials"
    case .toolMissing: "a program deskrun needs is missing or unusable"
    case .unreachable: "Docker or the cluster does not answer, or no kubeconfig leads to it"
    case .configuration: "the configuration file is damaged or cannot be used"
    case .unwell: "with --exit-code: something keeps jobs from running"
    case .usage: "invalid usage of the command line"
    case .invalid: "a value was refused; nothing was changed"
    case .interrupted: "interrupted with ctrl-C (128 + the signal for others; `record`: 0)"
    }
  }

  /// The status for a class of failure.
  package init(_ kind: EngineError.Kind) {
    self =
      switch kind {
      case .usage: .usage
      case .invalid: .invalid
      case .configuration: .configuration
      case .toolMissing: .toolMissing
      case .unreachable, .timedOut: .unreachable
      case .unauthorized: .unauthorized
      case .notFound: .notFound
      case .failed: .failed
      case .interrupted: .interrupted
      }
  }

  /// The status to report for several clusters: what has to be fixed here comes before what may recover without
  /// intervention.
  package static func worst(_ statuses: [ExitStatus]) -> ExitStatus? { statuses.min { $0.rank < $1.rank } }

  /// Lower is worse. docs/output.md lists the order.
  private var rank: Int {
    switch self {
    case .interrupted: 0
    case .usage: 1
    case .configuration: 2
    case .toolMissing: 3
    case .unauthorized: 4
    case .failed: 5
    case .invalid: 6
    case .notFound: 7
    case .unwell: 8
    case .unreachable: 9
    case .cancelled: 10
    case .ok: 11
    }
  }

  /// The table for the help.
  package static var table: String {
    allCases.map { status in
      let number = String(status.rawValue)
      return String(repeating: " ", count: 5 - number.count) + number + "  " + status.meaning
    }.joined(separator: "\n")
  }
}

/// The user answered no, or could not be asked. Not a failure: nothing was done.
package struct Refusal: Error, Equatable {
  /// What was not done, in a sentence without a full stop.
  package var what: String
  /// How to proceed, if applicable.
  package var fix: String?

  package init(what: String, fix: String? = nil) { (self.what, self.fix) = (what, fix) }
}
