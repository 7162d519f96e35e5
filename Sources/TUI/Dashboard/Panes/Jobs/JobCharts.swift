import DashboardCore
import Engine
import TerminalKit

/// Statistics of the jobs of the last day, or of the selected installation: a sentence, and a chart by hour if there is
/// room.
struct JobCharts {
  let model: Model

  /// The data of the chart, computed once for many frames.
  struct Facts: Sendable {
    var figures: JobFigures
    var hours: HourlyJobs

    init(_ model: Model) {
      let test = model.scopeTest
      let records = model.jobs.filter { test?.contains($0.cluster, $0.value.scaleSet) ?? true }.map(\.value)
      figures = JobFigures(records, since: model.now - 86_400, now: model.now, hour: ClockText.hour)
      hours = HourlyJobs(records, now: model.now, offset: ClockText.offset)
    }
  }

  /// The number of rows that it uses of those below the table's header.
  static func height(of height: Int) -> Int { height >= 15 ? 7 : height >= 7 ? 2 : 0 }

  func draw(_ painter: inout Painter, _ rect: Rect) {
    guard rect.height >= 2, let facts = model.facts(of: JobsPane.id, as: Facts.self) else { return }
    let queue = model.queueSentence
    let width = rect.width - 2
    let x = rect.x + 1
    let used = painter.put("24h  ", .dim, x: x, y: rect.y, width: width)
    let fits = CellText.width(facts.figures.sentence) <= width - used
    let sentence = fits ? facts.figures.sentence : facts.figures.shortSentence
    painter.put(sentence, .text, x: x + used, y: rect.y, width: width - used)
    if rect.height < 7 {
      let used = queue.map { painter.put($0, .warning, x: x, y: rect.y + 1, width: width) + 3 } ?? 0
      drawLine(&painter, facts.hours, Rect(x: x + used, y: rect.y + 1, width: width - used, height: 1))
      return
    }
    if let queue {
      let text = CellText.width(queue)
      let taken = used + CellText.width(sentence)
      if taken + text + 3 <= width { painter.putRight(queue, .warning, right: x + width, y: rect.y, width: text) }
    }
    drawChart(&painter, facts.hours, rect.split(top: 1).1.inset(left: 1, right: 1))
  }

  /// Draws the hours in one row: `ended by hour, most 6  13:00 ▁▂ ▃ 13:00`.
  private func drawLine(_ painter: inout Painter, _ hours: HourlyJobs, _ rect: Rect) {
    guard hours.most > 0, let first = hours.hours.first, let last = hours.hours.last else { return }
    let bars = hours.hours.map { hour in
      hour.total == 0 ? " " : level(hour.total * painter.glyphs.levels.count, hours.most, painter.glyphs)
    }.joined()
    let parts: [(String, Role)] = [
      ("ended by hour, most \(hours.most)  ", .dim), (Self.clock(first.hour) + " ", .dim), (bars, .busy),
      (" " + Self.clock(last.hour), .dim),
    ]
    guard parts.reduce(0, { $0 + CellText.width($1.0) }) <= rect.width else { return }
    var x = rect.x
    for (text, role) in parts { x += painter.put(text, role, x: x, y: rect.y, width: rect.right - x) }
  }

  /// Draws bars, an axis, and the failures as numbers, readable without color.
  private func drawChart(_ painter: inout Painter, _ hours: HourlyJobs, _ rect: Rect) {
    let rows = rect.height - 3
    guard rows > 0, rect.height >= 5 else { return }
    let (top, axis) = (rect.y + 1, rect.y + 1 + rows)
    let left = 9
    let cell = max(1, min(5, (rect.width - left - 1) / hours.hours.count))
    painter.put("jobs that ended in each hour", .dim, x: rect.x, y: rect.y, width: rect.width)
    guard hours.most > 0 else { return }
    let levels = painter.glyphs.levels.count
    // Every row is a whole number of jobs, so that the labels of the axis are exact.
    let step = max(1, (hours.most + rows - 1) / rows)
    for row in 0..<rows {
      painter.putRight(
        "\(step * (rows - row)) " + painter.glyphs.vertical, .dim, right: rect.x + left, y: top + row, width: left)
      for (place, hour) in hours.hours.enumerated() {
        let filled = hour.total * levels - (rows - 1 - row) * step * levels
        guard filled > 0 else { continue }
        let sign = level(filled, step, painter.glyphs)
        let width = max(1, cell - 1)
        painter.put(
          String(repeating: sign, count: width), .busy, x: rect.x + left + place * cell, y: top + row, width: width)
      }
    }
    painter.put("hour", .dim, x: rect.x, y: axis, width: left)
    let hasFailures = hours.hours.contains { $0.failed > 0 }
    if hasFailures { painter.put("failed", .bad, x: rect.x, y: axis + 1, width: left) }
    var end = 0
    for (place, hour) in hours.hours.enumerated() {
      let x = place * cell
      let isLast = place == hours.hours.count - 1
      if hour.hour % 3 == 0 || isLast, x >= end {
        let text = isLast ? "now" : Self.clock(hour.hour)
        end = x + painter.put(text, .dim, x: rect.x + left + x, y: axis, width: rect.width - left - x) + 1
      }
      guard hour.failed > 0 else { continue }
      // Adjacent numbers would look like a single one.
      let hasNeighbor = !isLast && hours.hours[place + 1].failed > 0
      let room = hasNeighbor ? cell - 1 : cell * 2 - 1
      let text = "\(hour.failed)"
      painter.put(
        text.utf8.count <= room ? text : cell > 1 ? "+" : painter.glyphs.failing, .bad, x: rect.x + left + x,
        y: axis + 1, width: max(1, room))
    }
  }

  /// A character for a partly filled cell.
  ///
  /// - Parameter filled: from 0 to `full` times the number of levels.
  private func level(_ filled: Int, _ full: Int, _ glyphs: Glyphs) -> String {
    glyphs.levels[max(0, min(glyphs.levels.count - 1, (filled + full - 1) / max(1, full) - 1))]
  }

  private static func clock(_ hour: Int) -> String { hour < 10 ? "0\(hour):00" : "\(hour):00" }
}
