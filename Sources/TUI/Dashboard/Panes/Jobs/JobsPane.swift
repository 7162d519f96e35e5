import DashboardCore
import Engine
import TerminalKit

/// The jobs that were seen, those that run first.
package struct JobsPane: TablePane {
  package static let id = PaneID("jobs")
  package let title = "Jobs"
  package let bindings = [
    Binding([.enter, .character("l")], .logs, "log"),
    Binding([.character("o")], .openRun, "open run"),
    Binding([.character("c")], .copyLink, "copy link"),
    Binding([.character("/")], .filter, "filter"),
    Binding([.character("f")], .onlyFailed, "failed only"),
  ]

  package func version(_ model: Model) -> String? {
    "\(model.jobs.version) \(model.scopeSets?.sorted() ?? []) \(model.showsOnlyFailed) \(model[table: id].filter)"
  }

  package func chooseRows(_ model: Model) -> [JobRecord] {
    let filter = RowFilter(model[table: id].filter)
    let sets = model.scopeSets
    return model.jobs.jobs.filter { record in
      if let sets, !sets.contains(record.scaleSet) { return false }
      if model.showsOnlyFailed, ![.failed, .lost].contains(record.result) { return false }
      return filter.matches(
        "\(record.result.rawValue) \(record.job.name) \(record.job.repository) \(record.job.workflow) "
          + "\(record.job.ref) \(record.runner)")
    }
  }

  /// The head, and the figures below where there is room for more than a few jobs.
  package func reservedHeight(of height: Int) -> Int { 1 + JobCharts.height(of: height - 1) }

  package func settle(_ model: inout Model) {
    settleRows(&model)
    // They are of the last day, so time changes them too.
    model.workOut(id, version: "\(model.jobs.version) \(model.scopeSets?.sorted() ?? []) \(model.now / 60)") {
      JobCharts.Facts($0)
    }
  }

  package func key(_ row: JobRecord, _ model: Model) -> String { row.id }

  package func note(_ model: Model) -> String { model.countText(of: id, whenFailed: "failed") }

  package func availability(_ command: Command, _ model: Model) -> Availability? {
    guard command == .logs, model.focusedPane.id == id else { return nil }
    return model.selected(of: Self.self) == nil ? .no("no job is selected") : .yes
  }

  package func perform(_ command: Command, _ model: inout Model) -> Bool {
    switch command {
    case .tabJobs: model.go(to: id)
    case .logs where model.focusedPane.id == id:
      guard let job = model.selected(of: Self.self) else { break }
      model.openLog(.runner(name: job.runner, scaleSet: job.scaleSet, container: "runner"))
    default: return false
    }
    return true
  }

  package func leave(_ model: inout Model) -> Bool { model.clearFilters(of: id) }

  package func copyText(_ model: Model) -> String? { model.selected(of: Self.self)?.runner }

  package func link(_ model: Model) -> String? {
    model.selected(of: Self.self).flatMap { $0.job.url(host: model.host(ofScaleSet: $0.scaleSet)) }
  }

  // MARK: Drawing

  package func draw(_ painter: inout Painter, _ rect: Rect, _ model: Model) {
    guard model[table: id].count > 0 else {
      painter.put(
        model.jobs.jobs.isEmpty
          ? "No job was seen yet. Jobs are noted while deskrun runs." : "No job matches. Esc shows all.",
        .dim, x: rect.x + 1, y: rect.y, width: rect.width - 2)
      return
    }
    let (head, all) = rect.split(top: 1)
    let (rows, foot) = all.split(top: all.height - JobCharts.height(of: all.height))
    JobCharts(model: model).draw(&painter, foot)
    let columns = columns(rect.width, painter.glyphs)
    drawCells(&painter, columns.map { ($0, $0.title, .dim, false) }, at: head)
    painter.putRight("TOOK", .dim, right: rect.right - 1, y: head.y, width: 6)
    drawRows(&painter, rows, model) { painter, record, row in
      let (mark, role) = Self.mark(record.result, painter.glyphs)
      painter.put(mark, role, x: row.x + 1, y: row.y, width: 1)
      drawCells(&painter, columns.map { ($0, $0.text(record), $0.role ?? role, $0.isCutInMiddle) }, at: row)
      painter.putRight(took(record, &painter), .dim, right: row.right - 1, y: row.y, width: 6)
    }
  }

  private struct Column {
    var title: String
    /// 0 where there is no room.
    var width: Int
    /// nil takes that of the result.
    var role: Role?
    var isCutInMiddle = false
    var text: (JobRecord) -> String
  }

  private func columns(_ width: Int, _ glyphs: Glyphs) -> [Column] {
    func cells(_ steps: (from: Int, cells: Int)...) -> Int { steps.first { width >= $0.from }?.cells ?? 0 }
    var columns = [
      Column(title: "RESULT", width: 9) { $0.result == .unknown ? "ended" : $0.result.rawValue },
      Column(title: "JOB", width: 0, role: .text) { $0.job.name + ($0.remark.map { ": \($0)" } ?? "") },
      Column(title: "REPOSITORY", width: cells((150, 20), (110, 16)), role: .text, isCutInMiddle: true) {
        $0.job.repository
      },
      Column(title: "WORKFLOW", width: cells((70, 10)), role: .dim) { $0.job.workflow },
      Column(title: "REF", width: cells((80, 8)), role: .dim) { $0.job.ref },
      Column(title: "STARTED", width: cells((60, 8)), role: .dim) { $0.started.map(ClockText.time) ?? "" },
      Column(title: "RUNNER", width: cells((150, 28), (100, 18), (60, 14)), role: .dim, isCutInMiddle: true) {
        $0.runner
      },
      Column(title: "WAITED", width: cells((150, 7)), role: .dim) { waited($0, glyphs) },
    ]
    // The job keeps some twenty cells whatever else is shown.
    let others = columns.dropFirst(2).reduce(0) { $0 + ($1.width > 0 ? $1.width + 2 : 0) }
    columns[1].width = max(4, width - 20 - others - 2)
    return columns
  }

  private func drawCells(
    _ painter: inout Painter, _ cells: [(column: Column, text: String, role: Role, middle: Bool)], at row: Rect
  ) {
    var x = row.x + 3
    for cell in cells where cell.column.width > 0 {
      painter.put(cell.text, cell.role, x: x, y: row.y, width: cell.column.width, middle: cell.middle)
      x += cell.column.width + 2
    }
  }

  /// `≥ 4m12` where it may have waited longer.
  private func waited(_ record: JobRecord, _ glyphs: Glyphs) -> String {
    guard let waited = record.waited else { return "" }
    let span = ClockText.span(waited).text
    return record.isHeldBack ? glyphs.atLeast + span : span
  }

  private func took(_ record: JobRecord, _ painter: inout Painter) -> String {
    guard let started = record.started else { return "" }
    guard record.result != .running else { return painter.age(since: started) }
    return record.finished.map { ClockText.span($0 - started).text } ?? ""
  }

  package static func mark(_ result: JobResult, _ glyphs: Glyphs) -> (String, Role) {
    switch result {
    case .running: (glyphs.busy, .busy)
    case .succeeded: (glyphs.succeeded, .good)
    case .failed: (glyphs.failed, .bad)
    case .cancelled: (glyphs.cancelled, .dim)
    case .lost: (glyphs.lost, .bad)
    case .unknown: (glyphs.off, .dim)
    }
  }
}
