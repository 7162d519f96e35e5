/// The symbols before words, in commands and in the dashboard: each has one meaning, and an ASCII form for terminals
/// without UTF-8.
package enum Sign: Sendable, CaseIterable {
  /// Healthy, or an idle runner.
  case healthy
  /// A busy runner, or a running job.
  case busy
  /// Starting, or in progress.
  case pending
  /// A runner whose job has finished and that is being deleted.
  case finishing
  /// Broken: failing, failed, lost.
  case failing
  /// Does not exist or is stopped: not created, not installed, deleted.
  case off
  /// Succeeded.
  case done
  /// Stopped on purpose.
  case cancelled
  /// Works, but needs attention.
  case warning
  /// Could not be determined.
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
