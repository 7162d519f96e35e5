import DashboardCore
import Engine
import TerminalKit

/// A line of a log as displayed: as GitHub shows it, or raw. Only visible lines are laid out.
struct LogLineText {
  let log: LogState

  private static let indent = "  "

  /// The text before the message, including the symbol of its kind. Symbols have one cell in ASCII too.
  private func lead(_ number: Int, _ kind: LogMarkup.Kind, _ glyphs: Glyphs) -> String {
    let indent = log.buffer.groupHead(number).map { $0 != number } ?? false ? Self.indent : ""
    return switch kind {
    case .error: "\(indent)\(glyphs.failed) Error: "
    case .warning: "\(indent)\(glyphs.warning) Warning: "
    case .notice: "\(indent)Notice: "
    case .command: "\(indent)$ "
    case .debug: "\(indent)Debug: "
    case .mask: "\(indent)Masked: "
    case .plain, .group, .endGroup, .section: indent
    }
  }

  /// The text without colors, for counting rows and searching.
  func plain(_ number: Int) -> String {
    let text = log.buffer[number].text
    guard !log.isRaw else { return ColoredText.plain(text) }
    let markup = log.buffer.markup(number)
    if markup.isPlain, log.buffer.groupHead(number) == nil { return ColoredText.plain(text) }
    return lead(number, markup.kind, .unicode) + ColoredText.plain(markup.message(text))
  }

  /// Whether a line is the title of a group, which has a single row and shows more than its text.
  func isHead(_ number: Int) -> Bool { !log.isRaw && log.buffer.markup(number).kind == .group }

  func spans(_ number: Int, _ painter: Painter) -> [Span] {
    let text = log.buffer[number].text
    let base = painter.theme[.text]
    guard !log.isRaw else { return ColoredText.spans(text, base: base, usesColor: painter.usesColor) }
    let markup = log.buffer.markup(number)
    let style: Style =
      switch markup.kind {
      case .plain, .endGroup: base
      case .group, .section: painter.theme[.strong]
      case .error: painter.theme[.bad]
      case .warning: painter.theme[.warning]
      case .notice, .command: painter.theme[.busy]
      case .debug, .mask: painter.theme[.dim]
      }
    let lead = lead(number, markup.kind, painter.glyphs)
    let spans = ColoredText.spans(markup.message(text), base: style, usesColor: painter.usesColor)
    return lead.isEmpty ? spans : [Span(lead, style)] + spans
  }

  /// The note after a group's title: how long it took, and how much is folded.
  func groupNote(_ head: Int, _ painter: inout Painter) -> String {
    guard let group = log.buffer.group(head) else { return "" }
    var parts: [String] = []
    if let started = group.started {
      if let ended = group.ended {
        parts.append(ClockText.span(max(0, ended - started)).text)
      } else if group.isOpen, log.phase == .live {
        parts.append(painter.age(since: started))
      }
    }
    if log.folds.isFolded(head) { parts.append(group.count == 1 ? "1 line" : "\(group.count) lines") }
    return parts.joined(separator: " · ")
  }
}
