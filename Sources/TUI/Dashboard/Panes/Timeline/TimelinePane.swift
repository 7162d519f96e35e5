import DashboardCore
import Engine
import TerminalKit

/// The jobs as bars on a time axis, with a lane for each runner of an installation.
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
    return "\(model.scopeText) · \(Self.words(model.timeline.span)) \(end)"
  }

  /// `10m`, `3h`, `7d`.
  static func words(_ span: Int64) -> String {
    span < 3600 ? "\(span / 60)m" : span <= 86_400 ? "\(span / 3600)h" : "\(span / 86_400)d"
  }

  // MARK: Contents

  package func shown(_ model: inout Model) { refresh(&model) }

  package func refresh(_ model: inout Model) {
    let starting = model.statuses.contains { $0.value.counts.starting > 0 } ? startingRunners(model) : []
    var names = Hasher()
    for runner in starting { names.combine(runner.name) }
    let limits = model.statuses.map { "\($0.cluster) \($0.value.name) \($0.value.mostRunners ?? -1)" }
    model.workOut(
      id, version: "\(model.jobsVersion) \(model.scopeVersion) \(starting.count) \(names.finalize()) \(limits)"
    ) { TimelineBlock.all($0, starting: starting) }
  }

  private func startingRunners(_ model: Model) -> [Located<Runner>] {
    let test = model.scopeTest
    return model.runners.enumerated().compactMap { index, runner in
      guard case .starting = runner.state else { return nil }
      let cluster = model.joined.cluster(ofRunner: index)
      return test?.contains(cluster, runner.scaleSet) ?? true ? Located(runner, in: cluster) : nil
    }
  }

  /// The rectangle of the pane without its title.
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
      // An automatic selection changes with time; make it explicit, so that it is the same when the user returns.
      (model.timeline.selected, model.timeline.cluster) = (bar.value.runner, bar.cluster)
      model.openLog(
        .runner(name: bar.value.runner, scaleSet: bar.value.scaleSet, container: "runner"), on: bar.cluster)
    default: return false
    }
    return true
  }

  private func zoom(by steps: Int, _ model: inout Model) {
    let former = model.timeline.span
    let chosen = selectedBar(model)
    model.timeline.zoom = max(0, min(model.timeline.zoom + steps, TimelineWindow.spans.count - 1))
    // Keep the selection visible, else the center.
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

  private func selectedBar(_ model: Model) -> Located<TimelineBar>? {
    view(model).flatMap { view in view.selection.map(view.located) }
  }

  /// Selects a bar, and scrolls to it if necessary.
  private func select(_ chosen: Located<TimelineBar>, _ model: inout Model) {
    let bar = chosen.value
    (model.timeline.selected, model.timeline.cluster) = (bar.runner, chosen.cluster)
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
    // The keys g and G go to the ends of the time range.
    if rows >= 1_000_000 {
      (model.timeline.moment, model.timeline.selected) = (nil, nil)
      return
    }
    if rows <= -1_000_000 {
      let blocks = model.facts(of: id, as: [TimelineBlock].self) ?? []
      let first = blocks.flatMap { block in
        block.lanes.lanes.compactMap { lane in lane.first.map { Located($0, in: block.cluster) } }
      }.min { $0.value.start < $1.value.start }
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
    if let nearest { select(Located(bars[nearest], in: view.blocks[block].cluster), &model) }
  }

  /// Selects the previous or next bar, even if it is not visible.
  package func move(sideways cells: Int, _ model: inout Model) {
    guard let view = view(model), let selection = view.selection else { return }
    let bars = view.blocks[selection.block].lanes.lanes[selection.lane]
    let index = selection.index + cells.signum()
    if bars.indices.contains(index) { select(Located(bars[index], in: view.cluster(selection)), &model) }
  }

  package func select(_ index: Int, _ model: inout Model) {
    guard let view = view(model) else { return }
    let place = TimelinePlace(number: index)
    guard view.blocks.indices.contains(place.block),
      view.blocks[place.block].lanes.lanes.indices.contains(place.lane),
      view.blocks[place.block].lanes.lanes[place.lane].indices.contains(place.index)
    else { return }
    (model.timeline.selected, model.timeline.cluster) = (view.bar(place).runner, view.cluster(place))
  }

  package func isSelected(_ index: Int, _ model: Model) -> Bool { view(model)?.selection?.number == index }

  package func copyText(_ model: Model) -> String? { selectedBar(model)?.value.runner }

  package func link(_ model: Model) -> String? {
    guard let bar = selectedBar(model) else { return nil }
    return model.job(of: bar.value.runner, in: bar.cluster)?.job
      .url(host: model.host(ofScaleSet: bar.value.scaleSet, in: bar.cluster))
  }

  package func draw(_ painter: inout Painter, _ rect: Rect, _ model: Model) {
    TimelineDrawing(model: model, view: TimelineView(model, rect)).draw(&painter, rect)
  }
}

extension TimelineView {
  func located(_ place: TimelinePlace) -> Located<TimelineBar> { Located(bar(place), in: cluster(place)) }

  /// The center of the visible part of a bar.
  func middle(of bar: TimelineBar) -> Int64 { (max(bar.start, window.start) + min(bar.end, window.end)) / 2 }
}
