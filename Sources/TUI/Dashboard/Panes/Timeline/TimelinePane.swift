import DashboardCore
import Engine
import TerminalKit

/// The jobs as bars in time: a lane for each runner of an installation that was at work.
package struct TimelinePane: Pane {
  package static let id = PaneID("timeline")
  package let title = "Timeline"
  package let bindings = [
    Binding([.enter, .character("l")], .logs, "log"),
    Binding([.character("+"), .character("=")], .zoomIn, "zoom in"),
    Binding([.character("-")], .zoomOut, "zoom out"),
    Binding([.character("(")], .earlier, "earlier"),
    Binding([.character(")")], .later, "later"),
    Binding([.character("o")], .openRun, "open run"),
    Binding([.character("C")], .copyLink, "copy link"),
  ]

  package func note(_ model: Model) -> String {
    let end = model.timeline.moment.map { "to \(ClockText.minute($0, now: model.now))" } ?? "to now"
    return "\(model.scope ?? "all") · \(Self.words(model.timeline.span)) \(end)"
  }

  /// `10m`, `3h`, `7d`.
  static func words(_ span: Int64) -> String {
    span < 3600 ? "\(span / 60)m" : span < 86_400 ? "\(span / 3600)h" : "\(span / 86_400)d"
  }

  // MARK: What is shown

  package func shown(_ model: inout Model) { refresh(&model) }

  package func refresh(_ model: inout Model) {
    let sets = model.scopeSets
    let starting = model.statuses.contains { $0.counts.starting > 0 } ? startingRunners(model, sets) : []
    var names = Hasher()
    for runner in starting { names.combine(runner.name) }
    let limits = model.statuses.map { "\($0.name) \($0.mostRunners ?? -1)" }
    model.workOut(
      id, version: "\(model.jobs.version) \(sets?.sorted() ?? []) \(starting.count) \(names.finalize()) \(limits)"
    ) { TimelineBlock.all($0, starting: starting) }
  }

  private func startingRunners(_ model: Model, _ sets: Set<String>?) -> [Runner] {
    (model.snapshot?.runners ?? []).filter { runner in
      if case .starting = runner.state { sets?.contains(runner.scaleSet) ?? true } else { false }
    }
  }

  /// Where the pane is drawn, without its title.
  private func rect(_ model: Model) -> Rect? {
    model.layout.panes[.bottom]?.split(top: 1).1
  }

  private func view(_ model: Model) -> TimelineView? { rect(model).map { TimelineView(model, $0) } }

  package func settle(_ model: inout Model) {
    if let moment = model.timeline.moment, moment >= model.now { model.timeline.moment = nil }
    guard let view = view(model) else { return }
    let height = max(1, view.area.chart.height)
    var offset = model.timeline.offset
    if let row = view.selection.flatMap(view.row) {
      if row < offset { offset = row }
      if row >= offset + height { offset = row - height + 1 }
    }
    model.timeline.offset = max(0, min(offset, view.rows.count - height))
  }

  // MARK: Commands

  package func availability(_ command: Command, _ model: Model) -> Availability? {
    switch command {
    case .zoomIn, .zoomOut, .earlier, .later:
      model.tab == id ? .yes : .no("the timeline is not shown")
    case .logs where model.focusedPane.id == id:
      view(model)?.selection == nil ? .no("no job is in sight") : .yes
    default: nil
    }
  }

  package func perform(_ command: Command, _ model: inout Model) -> Bool {
    switch command {
    case .tabTimeline: model.go(to: id)
    case .zoomIn: zoom(by: -1, &model)
    case .zoomOut: zoom(by: 1, &model)
    case .earlier: scroll(by: -model.timeline.span / 2, &model)
    case .later: scroll(by: model.timeline.span / 2, &model)
    case .logs where model.focusedPane.id == id:
      guard let bar = selectedBar(model) else { break }
      // What is selected by itself changes with time; who returns finds the same.
      model.timeline.selected = bar.runner
      model.openLog(.runner(name: bar.runner, scaleSet: bar.scaleSet, container: "runner"))
    default: return false
    }
    return true
  }

  private func zoom(by steps: Int, _ model: inout Model) {
    let former = model.timeline.span
    let chosen = view(model).flatMap { view in view.selection.map(view.bar) }
    model.timeline.zoom = max(0, min(model.timeline.zoom + steps, TimelineWindow.spans.count - 1))
    // What is selected stays in sight, else the middle of what was.
    if let moment = model.timeline.moment { model.timeline.moment = moment + (model.timeline.span - former) / 2 }
    if let chosen { select(chosen, &model) }
  }

  private func scroll(by seconds: Int64, _ model: inout Model) {
    let blocks = model.facts(of: id, as: [TimelineBlock].self) ?? []
    let first = blocks.flatMap { $0.lanes.lanes.compactMap { $0.first?.start } }.min() ?? model.now
    let moment = max((model.timeline.moment ?? model.now) + seconds, min(first + model.timeline.span / 2, model.now))
    model.timeline.moment = moment >= model.now ? nil : moment
  }

  // MARK: The selection

  private func selectedBar(_ model: Model) -> TimelineBar? {
    view(model).flatMap { view in view.selection.map(view.bar) }
  }

  /// Selects a bar, and moves the window where it would not be in sight.
  private func select(_ bar: TimelineBar, _ model: inout Model) {
    model.timeline.selected = bar.runner
    guard let view = view(model) else { return }
    if bar.end <= view.window.start {
      model.timeline.moment = min(model.now, bar.start + model.timeline.span * 3 / 4)
    } else if bar.start >= view.window.end {
      model.timeline.moment = min(
        model.now, min(bar.end, bar.start + model.timeline.span / 2) + model.timeline.span / 4)
    }
    if let moment = model.timeline.moment, moment >= model.now { model.timeline.moment = nil }
  }

  package func move(by rows: Int, _ model: inout Model) {
    // The ends of the keyboard's g and G are those of time.
    if rows >= 1_000_000 {
      (model.timeline.moment, model.timeline.selected) = (nil, nil)
      return
    }
    if rows <= -1_000_000 {
      let blocks = model.facts(of: id, as: [TimelineBlock].self) ?? []
      let first = blocks.flatMap { $0.lanes.lanes.compactMap(\.first) }.min { $0.start < $1.start }
      if let first { select(first, &model) }
      return
    }
    guard let view = view(model), let selection = view.selection, let at = view.row(of: selection) else { return }
    let lanes = view.rows.indices.filter { if case .lane = view.rows[$0] { true } else { false } }
    guard let place = lanes.firstIndex(of: at) else { return }
    let row = view.rows[lanes[max(0, min(place + rows, lanes.count - 1))]]
    guard case .lane(let block, let lane, _) = row else { return }
    let middle = view.middle(of: view.bar(selection))
    let bars = view.blocks[block].lanes.lanes[lane]
    let nearest = view.blocks[block].lanes.indices(of: lane, in: view.window).min {
      abs(view.middle(of: bars[$0]) - middle) < abs(view.middle(of: bars[$1]) - middle)
    }
    if let nearest { select(bars[nearest], &model) }
  }

  /// The bar before or after, also beyond what is in sight.
  package func move(sideways cells: Int, _ model: inout Model) {
    guard let view = view(model), let selection = view.selection else { return }
    let bars = view.blocks[selection.block].lanes.lanes[selection.lane]
    let index = selection.index + cells.signum()
    if bars.indices.contains(index) { select(bars[index], &model) }
  }

  package func select(_ index: Int, _ model: inout Model) {
    guard let view = view(model) else { return }
    let place = TimelinePlace(number: index)
    guard view.blocks.indices.contains(place.block),
      view.blocks[place.block].lanes.lanes.indices.contains(place.lane),
      view.blocks[place.block].lanes.lanes[place.lane].indices.contains(place.index)
    else { return }
    model.timeline.selected = view.bar(place).runner
  }

  package func isSelected(_ index: Int, _ model: Model) -> Bool { view(model)?.selection?.number == index }

  package func copyText(_ model: Model) -> String? { selectedBar(model)?.runner }

  package func link(_ model: Model) -> String? {
    guard let bar = selectedBar(model) else { return nil }
    return model.jobs[bar.runner]?.job.url(host: model.host(ofScaleSet: bar.scaleSet))
  }

  package func draw(_ painter: inout Painter, _ rect: Rect, _ model: Model) {
    TimelineDrawing(model: model, view: TimelineView(model, rect)).draw(&painter, rect)
  }
}

extension TimelineView {
  /// The middle of what is in sight of a bar.
  func middle(of bar: TimelineBar) -> Int64 { (max(bar.start, window.start) + min(bar.end, window.end)) / 2 }
}
