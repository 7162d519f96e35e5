import CommandOutput
import Engine
import Synchronization

/// Shows lines of jobs' logs as GitHub does, for a terminal: groups and errors are highlighted, masked values are
/// hidden.
final class JobLogText: Sendable {
  /// The state of a pod's log after its latest line.
  private struct Place: Sendable {
    var commands = LogCommands()
    var masks = LogMasks()
  }

  /// By pod, while its log is read.
  private let places = Lock<[String: Place]>([:])

  /// The number of pods with stored state.
  var count: Int { places.withLock { $0.count } }

  /// Removes the state of a pod whose log has ended.
  func forget(_ pod: String) { places.withLock { $0[pod] = nil } }

  /// - Returns: nil for a line that only ends a group.
  func text(_ line: LogLine, _ style: Style) -> PrintableText? {
    var text = line.text
    let markup = places.withLock { places in
      var place = places[line.pod] ?? Place()
      defer { places[line.pod] = place }
      let markup = place.commands.next(text)
      if markup.kind == .mask {
        place.masks.learn(markup.secrets(text))
        text = markup.withoutSecret(text)
      } else if let masked = place.masks.masked(text) {
        text = masked
        return place.commands.again(masked)
      }
      return markup
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
