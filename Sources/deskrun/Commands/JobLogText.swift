import CommandOutput
import Engine
import Synchronization

/// Lines of jobs' logs as GitHub shows them, for a terminal: groups and errors stand out, and what a job told to be hidden
/// is.
final class JobLogText: Sendable {
  private let masks = Lock<[String: LogMasks]>([:])

  /// - Returns: nil for a line that only ends a group.
  func text(_ line: LogLine, _ style: Style) -> PrintableText? {
    var markup = LogMarkup(line.text)
    var text = line.text
    masks.withLock { masks in
      if markup.kind == .mask {
        masks[line.pod, default: LogMasks()].learn(markup.secrets(text))
        text = markup.withoutSecret(text)
      } else if let masked = masks[line.pod]?.masked(text) {
        (text, markup) = (masked, LogMarkup(masked))
      }
    }
    let message = markup.message(text)
    return switch markup.kind {
    case .plain: "\(message)"
    case .endGroup: nil
    case .group, .section: style.paint(message, .strong)
    case .error: style.paint("\(style.sign(.failing)) Error: \(message)", .bad)
    case .warning: style.paint("\(style.sign(.warning)) Warning: \(message)", .warning)
    case .notice: style.paint("Notice: \(message)", .active)
    case .command: style.paint("$ \(message)", .active)
    case .debug: style.paint("Debug: \(message)", .faint)
    case .mask: style.paint("Masked: \(message)", .faint)
    }
  }
}
