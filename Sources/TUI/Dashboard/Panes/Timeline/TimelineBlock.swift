import DashboardCore
import Engine
import TerminalKit

/// The timeline of one installation.
struct TimelineBlock: Sendable {
  var name: String
  /// The place among the clusters of the one it lives on.
  var cluster: Int
  /// The most runners there may be now; nil where there is no limit, or it is not known.
  var limit: Int?
  var lanes: TimelineLanes

  /// The installations that are looked at, those that the configuration does not know any more last.
  static func all(_ model: Model, starting: [Located<Runner>]) -> [TimelineBlock] {
    let test = model.scopeTest
    // A name is one cluster's.
    var owners = model.clusters.map { _ in [String: String]() }
    var bars = model.clusters.map { _ in [String: [TimelineBar]]() }
    func add(_ bar: TimelineBar?, in cluster: Int) {
      guard let bar, test?.contains(cluster, bar.scaleSet) ?? true else { return }
      let owner =
        owners[cluster][bar.scaleSet] ?? model.status(ofScaleSet: bar.scaleSet, in: cluster)?.value.name ?? bar.scaleSet
      owners[cluster][bar.scaleSet] = owner
      bars[cluster][owner, default: []].append(bar)
    }
    for located in model.jobs {
      let record = located.value
      var bar = TimelineBar(record, now: model.now)
      // It goes on while nothing is heard of it.
      if record.result == .running { bar?.end = Bounds.moment.upperBound }
      add(bar, in: located.cluster)
    }
    for runner in starting {
      add(
        TimelineBar(
          runner: runner.name, scaleSet: runner.scaleSet, kind: .starting, start: runner.created ?? model.now,
          end: Bounds.moment.upperBound), in: runner.cluster)
    }
    return model.clusters.indices.flatMap { cluster -> [TimelineBlock] in
      let statuses = model.statuses.filter { $0.cluster == cluster }
      let known = statuses.map(\.value.name)
      return (known + bars[cluster].keys.filter { !known.contains($0) }.sorted()).compactMap { name -> TimelineBlock? in
        guard let own = bars[cluster][name] else { return nil }
        return TimelineBlock(
          name: model.title(InstallationScope(cluster: cluster, name: name)), cluster: cluster,
          limit: statuses.first { $0.value.name == name }?.value.mostRunners, lanes: TimelineLanes(own))
      }
    }
  }
}

/// A bar, by where it is.
struct TimelinePlace: Equatable, Sendable {
  var block, lane, index: Int

  /// As one number, for the mouse.
  var number: Int { (block << 16 | lane) << 16 | index }

  init(block: Int, lane: Int, index: Int) { (self.block, self.lane, self.index) = (block, lane, index) }

  init(number: Int) { (block, lane, index) = (number >> 32, number >> 16 & 0xFFFF, number & 0xFFFF) }
}

/// A row of the timeline.
enum TimelineRow: Equatable, Sendable {
  /// - Parameter number: of the lane, from 1.
  case lane(block: Int, lane: Int, isFirst: Bool)
  /// The limit, above lanes that are beyond it.
  case limit(block: Int)
  /// How many jobs wait.
  case waiting(block: Int)
}

/// What is in sight of the timeline: the window in time, and the rows.
struct TimelineView: Sendable {
  let blocks: [TimelineBlock]
  let window: TimelineWindow
  let rows: [TimelineRow]
  let area: TimelineArea
  let state: TimelineState

  init(_ model: Model, _ rect: Rect) {
    let blocks = model.facts(of: TimelinePane.id, as: [TimelineBlock].self) ?? []
    let area = TimelineArea(rect, blocks)
    let state = model.timeline
    let window = TimelineWindow(
      span: state.span, including: min(state.moment ?? model.now, model.now), width: area.chart.width)
    (self.blocks, self.area, self.state, self.window) = (blocks, area, state, window)
    rows = blocks.indices.flatMap { block -> [TimelineRow] in
      let (lanes, limit) = (blocks[block].lanes, blocks[block].limit)
      let shown = lanes.shown(in: window)
      var rows: [TimelineRow] = []
      for lane in shown {
        if let limit, lane >= limit, !rows.contains(.limit(block: block)) { rows.append(.limit(block: block)) }
        rows.append(.lane(block: block, lane: lane, isFirst: lane == shown.first))
      }
      if lanes.waiting(in: window).contains(where: { $0 > 0 }) { rows.append(.waiting(block: block)) }
      return rows
    }
  }

  /// The place among the clusters of the one that a bar is of.
  func cluster(_ place: TimelinePlace) -> Int { blocks[place.block].cluster }

  func bar(_ place: TimelinePlace) -> TimelineBar { blocks[place.block].lanes.lanes[place.lane][place.index] }

  /// The selected bar: the one that was chosen, as long as it is in sight, else the job that started last.
  var selection: TimelinePlace? {
    if let name = state.selected, let place = place(of: name, in: state.cluster), bar(place).end > window.start,
      bar(place).start < window.end
    {
      return place
    }
    var newest: TimelinePlace?
    for row in rows {
      guard case .lane(let block, let lane, _) = row, let last = blocks[block].lanes.indices(of: lane, in: window).last
      else { continue }
      let place = TimelinePlace(block: block, lane: lane, index: last)
      // A runner that starts has no job to be told of yet.
      if newest.map({ order(bar(place)) > order(bar($0)) }) ?? true { newest = place }
    }
    return newest
  }

  private func order(_ bar: TimelineBar) -> (Int, Int64) { (bar.kind == .starting ? 0 : 1, bar.start) }

  private func place(of runner: String, in cluster: Int) -> TimelinePlace? {
    for block in blocks.indices where blocks[block].cluster == cluster {
      if let (lane, index) = blocks[block].lanes.place(of: runner) {
        return TimelinePlace(block: block, lane: lane, index: index)
      }
    }
    return nil
  }

  /// The row of a bar.
  func row(of place: TimelinePlace) -> Int? {
    rows.firstIndex {
      if case .lane(place.block, place.lane, _) = $0 { true } else { false }
    }
  }
}

extension InstallationStatus {
  /// The most runners there may be at once, as the cluster has it or else the configuration; nil for no limit.
  var mostRunners: Int? {
    guard !scaleSets.isEmpty else { return installation?.scaleSets.reduce(0) { $0 + $1.runners.maximum } }
    return scaleSets.reduce(0 as Int?) { sum, set in sum.flatMap { sum in set.maximum.map { sum + $0 } } }
  }
}
