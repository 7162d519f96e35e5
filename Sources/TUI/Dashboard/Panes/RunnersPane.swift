import DashboardCore
import Engine
import TerminalKit

/// The runners, those with a job first, with the pods of their jobs below them.
struct RunnersPane {
  package let model: Model

  private var isFocused: Bool { model.focus == .runners }

  func draw(_ painter: inout Painter, _ rect: Rect) {
    let (title, body) = rect.split(top: 1)
    let (head, rows) = body.split(top: 1)
    drawTitle(&painter, title)
    painter.hit(body, .pane(.runners))
    let columns = RunnerColumns(model: model, width: rect.width)
    columns.drawHeads(&painter, head, table: model.runnerTable)
    guard !model.runnerRows.isEmpty else {
      painter.put(emptyText(painter), .dim, x: rect.x + 2, y: rows.y, width: rows.width - 3)
      return
    }
    for line in 0..<rows.height {
      let index = model.runnerTable.offset + line
      guard model.runnerRows.indices.contains(index) else { break }
      let row = Rect(x: rows.x, y: rows.y + line, width: rows.width, height: 1)
      drawRow(&painter, model.runnerRows[index], at: index, row, columns)
    }
  }

  private func emptyText(_ painter: Painter) -> String {
    guard model.snapshot != nil else {
      switch model.observation?.cluster {
      case nil: return "Asking the cluster \(painter.ellipsis)"
      case .absent?: return "There is no cluster yet. \(model.isEmpty ? "a adds an installation" : "u brings it up")."
      case .stopped?, .paused?: return "The cluster is stopped. u starts it."
      default: return "Nothing is known of the cluster yet."
      }
    }
    if !model.runnerTable.filter.isEmpty { return "No runner matches the filter. Esc clears it." }
    if let scope = model.scope { return "\(scope) has no runners now: they are made when jobs wait." }
    return "There are no runners now: they are made when jobs wait."
  }

  private func drawTitle(_ painter: inout Painter, _ rect: Rect) {
    let table = model.runnerTable
    let shown = model.runnerRows.reduce(0) { $0 + ($1.pod == nil ? 1 : 0) }
    let all = model.snapshot?.runners.count
    var parts = ["2 Runners", model.scope ?? "all"]
    if !table.filter.isEmpty {
      parts.append("\(shown)/\(all ?? 0) /\(table.filter)")
    } else {
      parts.append(all == nil ? painter.ellipsis : "\(shown)")
    }
    let column = RunnerColumn(rawValue: table.sort) ?? .state
    PaneTitle(
      pane: .runners, isFocused: isFocused, parts: parts,
      right: "\(column.title.lowercased()) \(table.isAscending ? painter.glyphs.ascending : painter.glyphs.descending)"
    ).draw(&painter, rect, column: .column(.runners, column.rawValue))
  }

  private func drawRow(
    _ painter: inout Painter, _ row: RunnerRow, at index: Int, _ rect: Rect, _ columns: RunnerColumns
  ) {
    guard let runner = model.snapshot?.runners[row.runner] else { return }
    let isSelected = index == model.runnerTable.index
    if isSelected { painter.put(painter.glyphs.bar, .accent, x: rect.x, y: rect.y, width: 1) }
    if let pod = row.pod {
      drawPod(&painter, runner.jobPods[pod], rect, columns)
    } else {
      drawRunner(&painter, runner, rect, columns)
    }
    painter.hit(rect, .row(.runners, index))
    if isSelected {
      painter.select(Rect(x: rect.x + 1, y: rect.y, width: rect.width - 1, height: 1), focused: isFocused)
    }
  }

  private func drawPod(_ painter: inout Painter, _ pod: Pod, _ rect: Rect, _ columns: RunnerColumns) {
    let x = rect.x + columns.start(.runner)
    let branch = painter.glyphs.branch + " job pod"
    painter.put(branch, .dim, x: x, y: rect.y, width: columns.width(.runner))
    let image = pod.containers.first { !$0.isInit }?.image ?? ""
    let end = rect.right - 8
    let from = rect.x + columns.start(.job)
    let name = image.split(separator: "/").last.map(String.init) ?? image
    let words = [name, pod.phase.lowercased()].filter { !$0.isEmpty }.joined(separator: "  ")
    painter.put(words, .dim, x: from, y: rect.y, width: end - from)
    painter.putRight(painter.age(since: pod.metadata.created), .dim, right: rect.right - 1, y: rect.y, width: 6)
  }

  private func drawRunner(_ painter: inout Painter, _ runner: Runner, _ rect: Rect, _ columns: RunnerColumns) {
    let (mark, role) = Self.mark(runner.state, painter.glyphs)
    let stale = !model.isFresh
    let shown: Role = stale ? .dim : role
    painter.put(mark, shown, x: rect.x + 1, y: rect.y, width: 1)
    painter.put(runner.state.word, shown, x: rect.x + columns.start(.state), y: rect.y, width: columns.width(.state))
    painter.put(
      runner.name, stale ? .dim : .text, x: rect.x + columns.start(.runner), y: rect.y, width: columns.width(.runner),
      middle: true)
    let from = rect.x + columns.start(.job)
    let since = RunnerRows.since(runner, model.jobs)
    switch runner.state {
    case .busy(let job):
      for (column, text) in [
        (RunnerColumn.job, job.name), (.repository, job.repository), (.workflow, job.workflow), (.ref, job.ref),
      ] where columns.width(column) > 0 {
        painter.put(
          text, stale ? .dim : .text, x: rect.x + columns.start(column), y: rect.y, width: columns.width(column),
          middle: column == .repository)
      }
    case .failing(let why, _):
      painter.put(why, stale ? .dim : .bad, x: from, y: rect.y, width: rect.right - 8 - from)
    case .starting(let step): painter.put(step, .dim, x: from, y: rect.y, width: rect.right - 8 - from)
    case .finishing:
      if let job = model.jobs[runner.name] {
        painter.put("\(job.job.name)  \(job.result.rawValue)", .dim, x: from, y: rect.y, width: rect.right - 8 - from)
      }
    case .idle: break
    }
    if columns.width(.node) > 0 {
      painter.put(
        runner.node ?? "", .dim, x: rect.x + columns.start(.node), y: rect.y, width: columns.width(.node), middle: true)
    }
    painter.putRight(
      since == nil ? "" : painter.age(since: since), .dim, right: rect.right - 1, y: rect.y, width: 6)
  }

  package static func mark(_ state: RunnerState, _ glyphs: Glyphs) -> (String, Role) {
    switch state {
    case .starting: (glyphs.starting, .warning)
    case .idle: (glyphs.idle, .good)
    case .busy: (glyphs.busy, .busy)
    case .finishing: (glyphs.finishing, .dim)
    case .failing: (glyphs.failing, .bad)
    }
  }
}

/// Where the columns of the runners' table are. State, runner and time stay to the last; ref, workflow and repository go
/// first where room is scarce, then the job loses width.
struct RunnerColumns {
  /// By the column's number.
  private var places: [(start: Int, width: Int)] = Array(repeating: (0, 0), count: RunnerColumn.allCases.count)

  package init(model: Model, width: Int) {
    let runners = model.snapshot?.runners ?? []
    var names = 8
    // Widths are taken from what may be seen, not from thousands of rows.
    var (repository, workflow, ref, node) = (10, 8, 3, 4)
    for row in model.runnerRows[model.runnerTable.offset...].prefix(model.size.rows) where row.pod == nil {
      guard runners.indices.contains(row.runner) else { continue }
      names = max(names, runners[row.runner].name.utf8.count)
      node = max(node, runners[row.runner].node?.utf8.count ?? 0)
      guard case .busy(let job) = runners[row.runner].state else { continue }
      repository = max(repository, job.repository.utf8.count)
      workflow = max(workflow, job.workflow.utf8.count)
      ref = max(ref, job.ref.utf8.count)
    }
    let state = 9
    let age = 6
    let fixed = 3 + state + 1 + age + 1
    let name = min(names, width >= 120 ? 40 : width >= 70 ? 26 : max(8, width - fixed - 1))
    var rest = width - fixed - name - 2
    var chosen: [(RunnerColumn, Int)] = []
    var job = min(max(rest, 0), 26)
    rest -= job + 2
    for (column, longest) in [
      (RunnerColumn.repository, repository), (.workflow, workflow), (.ref, ref), (.node, node),
    ] {
      let wanted = min(longest, column == .repository ? 24 : 18)
      if rest >= wanted, wanted > 0 {
        chosen.append((column, wanted))
        rest -= wanted + 2
      } else if column == .repository, rest + max(0, job - 16) >= wanted {
        job -= wanted - rest
        chosen.append((column, wanted))
        rest = -2
      } else {
        break
      }
    }
    if rest > 0 { job += rest }
    var x = 3
    places[RunnerColumn.state.rawValue] = (x, state)
    x += state + 1
    places[RunnerColumn.runner.rawValue] = (x, name)
    x += name + 2
    places[RunnerColumn.job.rawValue] = (x, max(0, job))
    x += max(0, job) + 2
    for (column, width) in chosen {
      places[column.rawValue] = (x, width)
      x += width + 2
    }
    places[RunnerColumn.age.rawValue] = (width - 1 - age, age)
  }

  package func start(_ column: RunnerColumn) -> Int { places[column.rawValue].start }
  package func width(_ column: RunnerColumn) -> Int { places[column.rawValue].width }

  func drawHeads(_ painter: inout Painter, _ rect: Rect, table: TableState) {
    guard rect.height > 0 else { return }
    for column in RunnerColumn.allCases where width(column) > 0 {
      let role: Role = table.sort == column.rawValue ? .strong : .dim
      let hit: Rect
      if column == .age {
        painter.putRight(column.title, role, right: rect.right - 1, y: rect.y, width: width(column))
        hit = Rect(x: rect.right - 1 - width(column), y: rect.y, width: width(column), height: 1)
      } else {
        painter.put(column.title, role, x: rect.x + start(column), y: rect.y, width: width(column))
        hit = Rect(x: rect.x + start(column), y: rect.y, width: width(column), height: 1)
      }
      painter.hit(hit, .column(.runners, column.rawValue))
    }
  }
}
