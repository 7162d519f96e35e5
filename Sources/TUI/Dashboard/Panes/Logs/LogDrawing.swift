import DashboardCore
import Engine
import TerminalKit

/// Draws a log.
struct LogDrawing {
  let model: Model

  func draw(_ painter: inout Painter, _ rect: Rect) {
    guard rect.height > 0 else { return }
    let (head, body) = rect.split(top: 1)
    let log = model.log
    let view = LogView(log: log, width: body.width, height: body.height)
    let visible = log.buffer.isEmpty || body.height == 0 ? [] : view.visible
    drawHead(&painter, head, day: visible.lazy.compactMap { log.buffer[$0.line].time }.first)
    guard body.height > 0 else { return }
    if log.buffer.isEmpty {
      let (text, role) = emptyText(painter)
      for (line, part) in CellText.wrapped(text, to: body.width - 2).prefix(body.height).enumerated() {
        painter.put(part, role, x: body.x + 1, y: body.y + line, width: body.width - 2)
      }
      return
    }
    if visible.isEmpty, model.log.filter.isEmpty, !model.log.showsDiagnostics {
      painter.put(
        "Only the runner's own diagnostics so far; V shows them.", .dim, x: body.x + 1, y: body.y,
        width: body.width - 2)
    }
    for (line, place) in visible.enumerated() {
      drawLine(&painter, view, place, Rect(x: body.x + 1, y: body.y + line, width: body.width - 2, height: 1))
    }
  }

  /// - Parameter day: the time of the first visible line, because lines show only the time of day.
  private func drawHead(_ painter: inout Painter, _ rect: Rect, day: Int64?) {
    guard let target = model.log.target else { return }
    var x = rect.x + 1
    x += painter.put(target.title, .strong, x: x, y: rect.y, width: rect.width - 2, middle: true)
    var notes: [String] = []
    if case .runner(let name, _, _) = target {
      if let record = model.job(of: name, in: model.log.cluster) {
        notes.append(record.job.name)
        notes.append(record.result.word)
      }
      if let estimate = estimate(of: name) {
        if let next = estimate.changesIn(cells: 1) { painter.changes(at: model.now + next) }
        notes.append(estimate.sentence)
      }
      if let snapshot = model.clusters[model.log.cluster].snapshot, !(snapshot.runner(name) != nil) {
        notes.append(model.log.buffer.isEmpty ? "gone" : "gone, log kept")
      }
    }
    if model.log.showsTime, let date = day.flatMap({ ClockText.date($0, now: model.now) }) { notes.append(date) }
    if !model.log.filter.isEmpty { notes.append("only lines with \"\(model.log.filter)\"") }
    if !model.log.search.isEmpty { notes.append("/\(model.log.search)") }
    if model.log.showsDiagnostics { notes.append("with the runner's diagnostics") }
    if model.log.isRaw { notes.append("raw") }
    if model.log.buffer.dropped > 0 { notes.append("\(model.log.buffer.dropped) older lines dropped") }
    let errors = model.log.buffer.errors.count
    if errors > 0 {
      let text = " \(painter.glyphs.failed) \(errors == 1 ? "1 error" : "\(errors) errors")"
      x += painter.put(text, .bad, x: x + 1, y: rect.y, width: max(0, rect.right - 2 - x)) + 1
    }
    for note in notes { x += painter.put(" · " + note, .dim, x: x, y: rect.y, width: max(0, rect.right - 1 - x)) }
  }

  /// The estimated progress of a runner's job; nil if it has none, or its start or usual time is unknown.
  private func estimate(of name: String) -> JobEstimate? {
    let cluster = model.clusters[model.log.cluster]
    guard cluster.isCurrent, let runner = cluster.snapshot?.runner(name),
      let estimate = cluster.knowledge.estimate(of: runner, now: model.now), estimate.elapsed != nil
    else { return nil }
    return estimate
  }

  private func emptyText(_ painter: Painter) -> (String, Role) {
    if case .runner(let name, _, _)? = model.log.target,
      case .failing(let why, _)? = model.clusters[model.log.cluster].snapshot?.runner(name)?.state
    {
      return ("No log: \(why). w explains it.", .warning)
    }
    switch model.log.phase {
    case .none:
      return model.clusters[model.log.cluster].snapshot == nil
        ? ("", .dim) : ("No runner is selected. The log of the selected one is shown here.", .dim)
    case .loading:
      if case .installation? = model.log.target { return ("Waiting for lines \(painter.ellipsis)", .dim) }
      return ("Loading \(painter.ellipsis)", .dim)
    case .live: return ("Nothing written yet.", .dim)
    case .ended: return ("Nothing was written, or the log was not kept.", .dim)
    case .failed(let error):
      if isWaiting { return ("Not started yet, so nothing is written.", .dim) }
      return ([error.what, error.why, error.fix].compactMap { $0 }.joined(separator: "\n"), .warning)
    }
  }

  /// Whether the container has not started yet.
  private var isWaiting: Bool {
    let (pod, name): (String, String)
    switch model.log.target {
    case .runner(let runner, _, let container)?: (pod, name) = (runner, container)
    case .pod(let target, let container)?: (pod, name) = (target, container)
    default: return false
    }
    let container = model.clusters[model.log.cluster].snapshot?.pod(pod)?.containers.first { $0.name == name }
    if case .waiting? = container?.activity { return true }
    return false
  }

  /// The colors that distinguish runners.
  private static let sources: [Color] = [.cyan, .green, .yellow, .magenta, .blue, Color(14), Color(10), Color(13)]

  private func drawLine(_ painter: inout Painter, _ view: LogView, _ place: LogPlace, _ rect: Rect) {
    let line = model.log.buffer[place.line]
    var x = rect.x
    if view.prefixWidth > 0 {
      if model.log.showsTime {
        if place.row == 0, let time = line.time {
          painter.put(ClockText.time(time), .dim, x: x, y: rect.y, width: 8)
        }
        x += 9
      }
      if model.log.target?.isMerged == true {
        if place.row == 0 {
          let hash = line.pod.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
          let color = Self.sources[hash % Self.sources.count]
          painter.put(
            line.pod, painter.usesColor ? Style(color, on: painter.theme[.text].background) : painter.theme[.dim],
            x: x, y: rect.y, width: 15, middle: true)
        }
        x += 17
      }
    }
    if place.row == 0, model.log.match == place.line {
      painter.put(painter.glyphs.bar, .accent, x: rect.x - 1, y: rect.y, width: 1)
    }
    let text = LogLineText(log: model.log)
    let spans = highlighted(text.spans(place.line, painter), isCurrent: model.log.match == place.line, painter)
    if text.isHead(place.line) {
      return drawHead(of: place.line, spans, &painter, Rect(x: x, y: rect.y, width: rect.right - x, height: 1))
    }
    let width = rect.right - x
    if model.log.wraps {
      let rows = LogView.cut(spans, to: max(1, width))
      if rows.indices.contains(place.row) { painter.put(rows[place.row], x: x, y: rect.y, width: width) }
    } else {
      painter.put(spans, x: x, y: rect.y, width: width, skipping: model.log.column)
      let whole = spans.reduce(0) { $0 + CellText.width($1.text) }
      if whole - model.log.column > width {
        painter.put(painter.ellipsis, .dim, x: rect.right - 1, y: rect.y, width: 1)
      }
    }
  }

  /// Draws the head of a group: a symbol for folded or unfolded, its name and its duration.
  private func drawHead(of line: Int, _ spans: [Span], _ painter: inout Painter, _ rect: Rect) {
    let sign = model.log.folds.isFolded(line) ? painter.glyphs.folded : painter.glyphs.unfolded
    var x = rect.x
    x += painter.put(sign + " ", .accent, x: x, y: rect.y, width: rect.width)
    let note = LogLineText(log: model.log).groupNote(line, &painter)
    let room = max(0, rect.right - x - (note.isEmpty ? 0 : CellText.width(note) + 2))
    let used = painter.put(spans, x: x, y: rect.y, width: room)
    if spans.reduce(0, { $0 + CellText.width($1.text) }) > room, room > 0 {
      painter.put(painter.ellipsis, .dim, x: x + room - 1, y: rect.y, width: 1)
    }
    painter.put(note, .dim, x: x + min(used, room) + 2, y: rect.y, width: max(0, rect.right - x - used - 2))
  }

  /// Highlights search matches.
  private func highlighted(_ spans: [Span], isCurrent: Bool, _ painter: Painter) -> [Span] {
    guard !model.log.search.isEmpty else { return spans }
    let wanted = model.log.search.lowercased()
    let style = painter.theme[isCurrent ? .matchCurrent : .match]
    return spans.flatMap { span -> [Span] in
      var parts: [Span] = []
      var rest = Substring(span.text)
      while let found = Self.range(of: wanted, in: rest) {
        if found.lowerBound > rest.startIndex { parts.append(Span(String(rest[..<found.lowerBound]), span.style)) }
        parts.append(Span(String(rest[found]), style))
        rest = rest[found.upperBound...]
      }
      if !rest.isEmpty { parts.append(Span(String(rest), span.style)) }
      return parts
    }
  }

  private static func range(of wanted: String, in text: Substring) -> Range<Substring.Index>? {
    let pattern = Array(wanted)
    let characters = Array(text)
    guard !pattern.isEmpty, characters.count >= pattern.count else { return nil }
    for start in 0...(characters.count - pattern.count)
    where (0..<pattern.count).allSatisfy({
      Character(characters[start + $0].lowercased().prefix(1).description) == pattern[$0]
    }) {
      let from = text.index(text.startIndex, offsetBy: start)
      return from..<text.index(from, offsetBy: pattern.count)
    }
    return nil
  }
}
