/// The signs before words, in commands and in the dashboard: one sign, one meaning. Each has an ASCII form for terminals
/// without UTF-8.
package enum Sign: Sendable, CaseIterable {
  /// Healthy, or an idle runner.
  case healthy
  /// A runner with a job, or a job that runs.
  case busy
  /// Starting, or in progress.
  case pending
  /// A runner whose job is over and that is being deleted.
  case finishing
  /// Broken: failing, failed, lost.
  case failing
  /// Does not exist or is stopped: not created, not installed, gone.
  case off
  /// Succeeded.
  case done
  /// Stopped on purpose.
  case cancelled
  /// Works, but deserves a look.
  case warning
  /// Could not be found out.
  case unknown

  package var unicode: String {
    switch self {
    case .healthy: "●"
    case .busy: "▸"
    case .pending: "◌"
    case .finishing: "◐"
    case .failing: "✗"
    case .off: "○"
    case .done: "✓"
    case .cancelled: "⊘"
    case .warning: "!"
    case .unknown: "?"
    }
  }

  package var ascii: String {
    switch self {
    case .healthy: "*"
    case .busy: ">"
    case .pending: "o"
    case .finishing: "~"
    case .failing: "x"
    case .off: "."
    case .done: "+"
    case .cancelled: "-"
    case .warning: "!"
    case .unknown: "?"
    }
  }
}
