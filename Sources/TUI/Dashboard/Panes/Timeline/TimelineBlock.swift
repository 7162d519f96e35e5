import DashboardCore
import Engine
import TerminalKit

/// The timeline of one installation.
struct TimelineBlock: Sendable {
  var name: String
  /// The index of its cluster.
  var cluster: Int
  /// The current maximum number of runners; nil without a limit or if unknown.
  var limit: Int?
  var lanes: TimelineLanes

  /// The installations to show; those that are no longer in the configuration are last.
  static func all(_ model: Model, starting: [Located<Runner>]) -> [TimelineBlock] {
    let test = model.scopeTest
    // Names are unique only within a cluster.
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
      // A running job's bar has no end yet.
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

/// The position of a bar.
struct TimelinePlace: Equatable, Sendable {
  var block, lane, index: Int

  /// Encoded as one number, for mouse targets.
  var number: Int { (block << 16 | lane) << 16 | index }

  init(block: Int, lane: Int, index: Int) { (self.block, self.lane, self.index) = (block, lane, index) }

  init(number: Int) { (block, lane, index) = (number >> 32, number >> 16 & 0xFFFF, number & 0xFFFF) }
}

/// A row of the timeline.
enum TimelineRow: Equatable, Sendable {
  /// - Parameter lane: the index of the lane, displayed as a number starting at 1.
  case lane(block: Int, lane: Int, isFirst: Bool)
  /// A lane that was not used in this time, up to the limit.
  case unused(block: Int, lane: Int)
  /// The limit: below its lanes, above those that exceed it.
  case limit(block: Int)
  /// The number of queued jobs.
  case waiting(block: Int)
}

/// The visible part of the timeline: the time window, and the rows.
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
    // Unused lanes and limits are shown where there is room for all.
    let whole = Self.rows(blocks, window, hasUnused: true)
    rows = whole.count <= area.chart.height ? whole : Self.rows(blocks, window, hasUnused: false)
  }

  private static func rows(_ blocks: [TimelineBlock], _ window: TimelineWindow, hasUnused: Bool) -> [TimelineRow] {
    blocks.indices.flatMap { block -> [TimelineRow] in
      let (lanes, limit) = (blocks[block].lanes, blocks[block].limit)
      let shown = lanes.shown(in: window)
      var rows: [TimelineRow] = []
      for lane in shown {
        if let limit, lane >= limit, !rows.contains(.limit(block: block)) { rows.append(.limit(block: block)) }
        rows.append(.lane(block: block, lane: lane, isFirst: lane == shown.first))
      }
      if hasUnused, let limit, limit <= most, let last = shown.last, last < limit {
        rows += (last + 1..<limit).map { .unused(block: block, lane: $0) } + [.limit(block: block)]
      }
      if lanes.waiting(in: window).contains(where: { $0 > 0 }) { rows.append(.waiting(block: block)) }
      return rows
    }
  }

  /// A larger limit is not drawn lane by lane.
  private static let most = 1000

  /// The index of a bar's cluster.
  func cluster(_ place: TimelinePlace) -> Int { blocks[place.block].cluster }

  func bar(_ place: TimelinePlace) -> TimelineBar { blocks[place.block].lanes.lanes[place.lane][place.index] }

  /// The selected bar: the user's choice while visible, otherwise the most recently started job.
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
      // A starting runner has no job to show yet.
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
  /// The maximum number of concurrent runners according to the cluster, or else the configuration; nil for no limit.
  var mostRunners: Int? {
    guard !scaleSets.isEmpty else { return installation?.scaleSets.reduce(0) { $0 + $1.runners.maximum } }
    return scaleSets.reduce(0 as Int?) { sum, set in sum.flatMap { sum in set.maximum.map { sum + $0 } } }
  }
}
