import DashboardCore
import Engine
import TerminalKit

/// The observed jobs, running ones first.
package struct JobsPane: TablePane {
  package static let id = PaneID("jobs")
  package let title = "Jobs"
  package let bindings = [
    Binding([.enter, .character("l")], .logs, "log"),
    Binding([.character("o")], .openRun, "open run"),
    Binding([.character("/")], .filter, "filter"),
    Binding([.character("!")], .onlyFailed, "failed only"),
    Binding([.character("C")], .copyLink, "copy link"),
    Binding([.character("c")], .copy, "copy"),
  ]

  package func version(_ model: Model) -> String? {
    "\(model.jobsVersion) \(model.scopeVersion) \(model.showsOnlyFailed) \(model[table: id].filter)"
  }

  package func chooseRows(_ model: Model) -> [Located<JobRecord>] {
    let filter = RowFilter(model[table: id].filter)
    let test = model.scopeTest
    return model.jobs.filter { row in
      let record = row.value
      if let test, !test.contains(row.cluster, record.scaleSet) { return false }
      if model.showsOnlyFailed, ![.failed, .lost].contains(record.result) { return false }
      return filter.matches(
        "\(record.result.rawValue) \(record.result.word) \(record.job.name) \(record.job.repository) \(record.job.workflow) "
          + "\(record.job.ref) \(record.runner)"
          + (model.hasSeveralClusters ? " \(model.clusters[row.cluster].label)" : ""))
    }
  }

  /// The head, and the figures at the bottom if there is room for more than a few jobs.
  package func reservedHeight(of height: Int) -> Int { 1 + JobCharts.height(of: height - 1) }

  package func settle(_ model: inout Model) {
    settleRows(&model)
    // The figures cover the last day, so they also change with time.
    model.workOut(id, version: "\(model.jobsVersion) \(model.scopeVersion) \(model.now / 60)") {
      JobCharts.Facts($0)
    }
  }

  package func key(_ row: Located<JobRecord>, _ model: Model) -> String { model.key(row.value.id, in: row.cluster) }

  package func note(_ model: Model) -> String { model.countText(of: id, whenFailed: "failed") }

  package func word(_ binding: Binding, _ model: Model) -> String? {
    binding.command == .onlyFailed && model.showsOnlyFailed ? "all jobs" : binding.short
  }

  package func narrowing(_ model: Model) -> String? { model.narrowing(of: id) }

  package func availability(_ command: Command, _ model: Model) -> Availability? {
    guard command == .logs, model.focusedPane.id == id else { return nil }
    return model.selected(of: Self.self) == nil ? .no("no job is selected") : .yes
  }

  package func perform(_ command: Command, _ model: inout Model) -> Bool {
    switch command {
    case .tabJobs: model.go(to: id)
    case .logs where model.focusedPane.id == id:
      guard let job = model.selected(of: Self.self) else { break }
      model.openLog(.runner(name: job.runner, scaleSet: job.scaleSet, container: "runner"), on: job.cluster)
    default: return false
    }
    return true
  }

  package func leave(_ model: inout Model) -> Bool { model.clearFilters(of: id) }

  package func copyText(_ model: Model) -> String? { model.selected(of: Self.self)?.runner }

  package func link(_ model: Model) -> String? {
    model.selected(of: Self.self).flatMap {
      $0.value.job.url(host: model.host(ofScaleSet: $0.value.scaleSet, in: $0.cluster))
    }
  }

  // MARK: Drawing

  package func draw(_ painter: inout Painter, _ rect: Rect, _ model: Model) {
    guard model[table: id].count > 0 else {
      painter.put(
        model.clusters.allSatisfy { $0.knowledge.jobs.unordered.isEmpty }
          ? "No job was seen yet. Jobs are noted while deskrun runs." : "No job matches. Esc shows all.",
        .dim, x: rect.x + 1, y: rect.y, width: rect.width - 2)
      return
    }
    let (head, all) = rect.split(top: 1)
    let (rows, foot) = all.split(top: all.height - JobCharts.height(of: all.height))
    JobCharts(model: model).draw(&painter, foot)
    let columns = columns(rect.width, painter.glyphs, model)
    drawCells(&painter, columns.map { ($0, $0.title, .dim, false) }, at: head)
    painter.putRight("TOOK", .dim, right: rect.right - 1, y: head.y, width: 6)
    drawRows(&painter, rows, model) { painter, located, row in
      let record = located.value
      let (mark, role) = Self.mark(record.result, painter.glyphs)
      painter.put(mark, role, x: row.x + 1, y: row.y, width: 1)
      drawCells(&painter, columns.map { ($0, $0.text(located), $0.role ?? role, $0.isCutInMiddle) }, at: row)
      painter.putRight(took(record, &painter), .dim, right: row.right - 1, y: row.y, width: 6)
    }
  }

  private struct Column {
    var title: String
    /// 0 if the column does not fit.
    var width: Int
    /// nil uses the result's role.
    var role: Role?
    var isCutInMiddle = false
    var isTrailing = false
    var text: (Located<JobRecord>) -> String
  }

  /// The columns that fit. The job and its notes get the width they need before all others; the remaining width goes to
  /// columns with truncated contents.
  private func columns(_ width: Int, _ glyphs: Glyphs, _ model: Model) -> [Column] {
    let (rows, now) = (model.rows(of: Self.self).prefix(500), model.now)
    func jobText(_ row: Located<JobRecord>) -> String { jobText(row.value) }
    func jobText(_ record: JobRecord) -> String { record.job.name + (record.remark.map { ": \($0)" } ?? "") }
    func longest(_ text: (JobRecord) -> String) -> Int { rows.reduce(0) { max($0, text($1.value).utf8.count) } }
    // Remarks may be long sentences, and take less of the room than names.
    let wanted = max(20, min(longest { $0.job.name }, width / 2), min(longest(jobText), width / 3))
    // As wide as the visible dates require.
    let moments =
      shown(model).compactMap { $0.value.started.map { ClockText.moment($0, now: now).utf8.count } }.max() ?? 8
    // The width left for the job besides the result, the duration and the gaps.
    var left = width - 22
    func cells(_ cells: Int) -> Int {
      guard left - cells - 2 >= wanted else { return 0 }
      left -= cells + 2
      return cells
    }
    func grow(_ cells: inout Int, to most: Int) {
      guard cells > 0 else { return }
      let more = max(0, min(most - cells, left - wanted))
      cells += more
      left -= more
    }
    // In order of importance.
    let cluster = model.hasSeveralClusters ? cells(model.clusterWidth(in: width)) : 0
    let started = cells(max(8, moments))
    var (runner, workflow, ref, repository) = (cells(14), cells(10), cells(8), cells(10))
    let waited = cells(7)
    // Runners' names differ at their ends, so they are widened if possible.
    grow(&repository, to: min(32, longest { $0.job.repository }))
    grow(&workflow, to: min(24, longest { $0.job.workflow }))
    grow(&ref, to: min(24, longest { $0.job.ref }))
    grow(&runner, to: min(32, longest { $0.runner }))
    return [
      Column(title: "RESULT", width: 9) { $0.value.result == .unknown ? "ended" : $0.value.result.word },
      Column(title: "JOB", width: max(4, left), role: .text, text: jobText),
      Column(title: "CLUSTER", width: cluster, role: .dim, isCutInMiddle: true) { model.clusters[$0.cluster].label },
      Column(title: "REPOSITORY", width: repository, role: .text, isCutInMiddle: true) { $0.value.job.repository },
      Column(title: "WORKFLOW", width: workflow, role: .dim) { $0.value.job.workflow },
      Column(title: "REF", width: ref, role: .dim) { $0.value.job.ref },
      Column(title: "STARTED", width: started, role: .dim) {
        $0.value.started.map { ClockText.moment($0, now: now) } ?? ""
      },
      Column(title: "RUNNER", width: runner, role: .dim, isCutInMiddle: true) { $0.value.runner },
      Column(title: "WAITED", width: waited, role: .dim, isTrailing: true) { self.waited($0.value, glyphs) },
    ]
  }

  /// The visible records.
  private func shown(_ model: Model) -> ArraySlice<Located<JobRecord>> {
    let rows = model.rows(of: Self.self)
    let first = max(0, min(model[table: id].offset, rows.count))
    return rows[first..<min(rows.count, first + max(1, model.layout.height(of: .bottom)))]
  }

  private func drawCells(
    _ painter: inout Painter, _ cells: [(column: Column, text: String, role: Role, middle: Bool)], at row: Rect
  ) {
    var x = row.x + 3
    for cell in cells where cell.column.width > 0 {
      let width = cell.column.width
      if cell.column.isTrailing {
        painter.putRight(cell.text, cell.role, right: x + width, y: row.y, width: width)
      } else {
        painter.put(cell.text, cell.role, x: x, y: row.y, width: width, middle: cell.middle)
      }
      x += cell.column.width + 2
    }
  }

  /// `≥ 4m12s` if the actual wait time may be longer.
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
    case .unknown: (glyphs.unknown, .dim)
    }
  }
}
