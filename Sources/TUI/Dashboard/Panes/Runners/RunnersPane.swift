import DashboardCore
import Engine
import TerminalKit

/// The runners: failing ones first, then those with a job, with their job pods below them.
package struct RunnersPane: TablePane {
  package static let id = PaneID("runners")
  package let title = "Runners"
  package let rememberedAs: String? = "runner"
  package let columns = RunnerColumn.allCases.map(\.title)
  package let headHeight = 1
  package let bindings = [
    Binding([.enter, .character("l")], .logs, "log"),
    Binding([.character("x")], .shell, "shell"),
    Binding([.character("o")], .openRun, "open run"),
    Binding([.character("w")], .why, "why"),
    Binding([.character("d")], .deleteRunner, "delete"),
    Binding([.character("/")], .filter, "filter"),
    Binding([.character("S")], .sort, "sort"),
    Binding([.character("a")], .add),
    Binding([.character("y")], .yaml, "yaml"),
    Binding([.character("i")], .describe, "details"),
    Binding([.character("c")], .copy, "copy"),
    Binding([.character("C")], .copyLink, "copy link"),
    Binding([.character("L")], .listenerLog),
    Binding([.character("M")], .mergedLog),
  ]

  // MARK: Rows

  package func chooseRows(_ model: Model) -> [RunnerRow] {
    RunnerRows.rows(model, table: model[table: id])
  }

  package func isOffered(column: Int, _ model: Model) -> Bool {
    model.hasSeveralClusters || column != RunnerColumn.cluster.rawValue
  }

  package func key(_ row: RunnerRow, _ model: Model) -> String {
    guard model.runners.indices.contains(row.runner) else { return "" }
    let runner = model.runners[row.runner]
    let name = model.key(runner.name, in: model.joined.cluster(ofRunner: row.runner))
    guard let pod = row.pod, runner.jobPods.indices.contains(pod) else { return name }
    return name + "/" + runner.jobPods[pod].metadata.name
  }

  package func selected(_ model: inout Model) { model.followSelection() }

  /// Until the user selects a runner, the first one with a job is selected, because its log is the most useful.
  package func refresh(_ model: inout Model) {
    refreshRows(&model)
    guard model[table: id].key == nil, model.joined.hasRunners else { return }
    let runners = model.runners
    let busy = model.rows(of: Self.self).firstIndex { row in
      runners.indices.contains(row.runner) && runners[row.runner].state.job != nil
    }
    model[table: id].index = busy ?? 0
  }

  package func narrowing(_ model: Model) -> String? {
    !model[table: id].filter.isEmpty ? "clear filter" : model.scopeTest != nil ? "show all" : nil
  }

  package func filtered(_ model: Model) -> String? { "\(shown(model)) of \(model.runners.count)" }

  /// The number of runners among the rows.
  private func shown(_ model: Model) -> Int {
    model.rows(of: Self.self).reduce(0) { $0 + ($1.pod == nil ? 1 : 0) }
  }

  package func copyText(_ model: Model) -> String? { model.selectedRunner?.name }

  package func subject(_ model: Model) -> Located<InstallationStatus>? {
    guard let runner = model.selectedRunner else { return model.selectedStatus }
    return model.status(ofScaleSet: runner.scaleSet, in: runner.cluster)
  }

  package func cluster(_ model: Model) -> Int {
    model.selectedRunner?.cluster ?? model.selectedStatus?.cluster ?? model.clusterScope ?? 0
  }

  package func link(_ model: Model) -> String? {
    guard let runner = model.selectedRunner else { return nil }
    let job = runner.value.state.job ?? model.job(of: runner.name, in: runner.cluster)?.job
    return job?.url(host: model.host(ofScaleSet: runner.scaleSet, in: runner.cluster))
  }

  // MARK: Drawing

  package func counts(_ model: Model) -> [String] {
    let (filter, all) = (model[table: id].filter, model.runners.count)
    let count = model.joined.hasRunners ? place(model) : model.settings.glyphs.ellipsis
    return [model.scopeText, filter.isEmpty ? count : "\(shown(model))/\(all) /\(filter)"]
  }

  /// The number of runners, with the position of the selected one if not all are visible: `29`, `3 of 29`.
  private func place(_ model: Model) -> String {
    let (table, count) = (model[table: id], shown(model))
    guard table.count > model.layout.height(of: .second) else { return "\(count)" }
    let before = model.rows(of: Self.self).prefix(table.index + 1).count { $0.pod == nil }
    return "\(before) of \(count)"
  }

  package func note(_ model: Model) -> String { model.orderText(of: self) }

  package func draw(_ painter: inout Painter, _ rect: Rect, _ model: Model) {
    let (head, rows) = rect.split(top: 1)
    let columns = RunnerColumns(model: model, width: rect.width)
    columns.drawHeads(&painter, head, table: model[table: id])
    guard model[table: id].count > 0 else {
      painter.put(emptyText(painter, model), .dim, x: rows.x + 2, y: rows.y, width: rows.width - 3)
      return
    }
    drawRows(&painter, rows, model) { painter, row, rect in
      guard model.runners.indices.contains(row.runner) else { return }
      let runner = model.runners[row.runner]
      if let pod = row.pod {
        drawPod(&painter, runner.jobPods[pod], rect, columns)
      } else {
        drawRunner(&painter, runner, at: row.runner, rect, columns, model)
      }
    }
  }

  private func emptyText(_ painter: Painter, _ model: Model) -> String {
    let shown = model.clusters[model.scopeTest?.cluster ?? model.mainCluster]
    let isKnown = model.scopeTest == nil ? model.joined.hasRunners : shown.snapshot != nil
    guard isKnown else {
      switch shown.observation?.cluster {
      case nil where model.hasSeveralClusters: return "Asking the clusters \(painter.ellipsis)"
      case nil: return "Asking the cluster \(painter.ellipsis)"
      case .absent?: return "No cluster yet. \(model.isEmpty ? "a adds an installation" : "u brings it up")."
      case .stopped?, .paused?: return "The cluster is stopped. u starts it."
      case .ready?: return "Nothing is known of the cluster yet."
      case _? where model.scopeTest == nil && model.hasSeveralClusters:
        return "No cluster can be read; the Clusters tab says why."
      case let state?:
        return "\(SentenceCase.upper(state.clause("the cluster \(shown.label)"))), so its runners are not known."
      }
    }
    if !model[table: id].filter.isEmpty { return "No runner matches the filter. Esc clears it." }
    if model.scopeTest != nil { return "\(model.scopeText) has no runners now: they are created when jobs wait." }
    // The pane of the installations says how to see all.
    if let namespace = model.emptyNamespaceClause { return "No runners in the namespace \(namespace)." }
    return "No runners now: they are created when jobs wait."
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

  private func drawRunner(
    _ painter: inout Painter, _ runner: Runner, at index: Int, _ rect: Rect, _ columns: RunnerColumns, _ model: Model
  ) {
    let (mark, role) = Self.mark(runner.state, painter.glyphs)
    let cluster = model.clusters[model.joined.cluster(ofRunner: index)]
    let stale = !cluster.isCurrent
    let shown: Role = stale ? .dim : role
    // Without colors, gray alone would not show it.
    painter.put(stale ? painter.glyphs.unknown : mark, shown, x: rect.x + 1, y: rect.y, width: 1)
    painter.put(runner.state.word, shown, x: rect.x + columns.start(.state), y: rect.y, width: columns.width(.state))
    painter.put(
      runner.name, stale ? .dim : .text, x: rect.x + columns.start(.runner), y: rect.y, width: columns.width(.runner),
      middle: true)
    if columns.width(.cluster) > 0 {
      painter.put(
        cluster.label, .dim, x: rect.x + columns.start(.cluster), y: rect.y, width: columns.width(.cluster),
        middle: true)
    }
    let from = rect.x + columns.start(.job)
    let since = RunnerRows.since(runner, cluster.knowledge.jobs[runner.name])
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
      if let job = cluster.knowledge.jobs[runner.name] {
        painter.put("\(job.job.name)  \(job.result.word)", .dim, x: from, y: rect.y, width: rect.right - 8 - from)
      }
    case .idle: break
    }
    if columns.width(.progress) > 0, let estimate = model.estimate(ofRunner: index) {
      RunnerProgress(estimate: estimate).draw(
        &painter, x: rect.x + columns.start(.progress), y: rect.y, width: columns.width(.progress), stale)
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

extension Model {
  package var selectedRunner: Located<Runner>? {
    guard let row = selected(of: RunnersPane.self), runners.indices.contains(row.runner) else { return nil }
    return Located(runners[row.runner], in: joined.cluster(ofRunner: row.runner))
  }

  /// The selected job pod.
  var selectedJobPod: Pod? {
    guard let runner = selectedRunner, let index = selected(of: RunnersPane.self)?.pod,
      runner.jobPods.indices.contains(index)
    else { return nil }
    return runner.jobPods[index]
  }
}
