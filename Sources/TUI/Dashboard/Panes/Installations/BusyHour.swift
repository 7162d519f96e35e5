import DashboardCore
import Engine

/// The number of busy runners of each installation within the last hour, from the observed jobs.
enum BusyHour {
  static let cells = 12

  /// An example of the chart, for the column's title.
  static func sign(_ settings: Settings) -> String {
    BusyLevels.text([1, 2, 4], limit: 4, usesUnicode: settings.usesUnicode)
  }

  /// The last hour in cells of five minutes.
  static func window(_ now: Int64) -> TimelineWindow { TimelineWindow(span: 3600, including: now, width: cells) }

  /// Changes when the chart should be computed again: with each job, or with many jobs every fifteen seconds, because
  /// the cost grows with their number.
  static func version(_ model: Model) -> Int64 {
    model.clusters.reduce(0) { $0 + $1.knowledge.jobs.unordered.count } < 200
      ? Int64(model.jobsVersion) : -1 - model.now / 15
  }

  /// The maximum number of concurrently busy runners in each cell, by the installation's key in the model.
  static func all(_ model: Model, _ window: TimelineWindow) -> [String: [Int]] {
    var bars: [String: [TimelineBar]] = [:]
    for (cluster, shown) in model.clusters.enumerated() {
      var owners: [String: String] = [:]
      for record in shown.knowledge.jobs.unordered where record.result == .running || record.latest > window.start {
        let owner =
          owners[record.scaleSet]
          ?? model.key(model.status(ofScaleSet: record.scaleSet, in: cluster)?.value.name ?? "", in: cluster)
        owners[record.scaleSet] = owner
        if let bar = TimelineBar(record, now: window.end) { bars[owner, default: []].append(bar) }
      }
    }
    let keys = model.statuses.map { model.key($0.value.name, in: $0.cluster) }
    return Dictionary(
      keys.map { ($0, TimelineLanes(bars[$0] ?? []).busy(in: window)) }, uniquingKeysWith: { first, _ in first })
  }
}
