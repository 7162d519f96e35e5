import DashboardCore
import Engine

/// How many runners of each installation were busy within the last hour, from the jobs that were seen.
enum BusyHour {
  static let cells = 12

  /// What it looks like, for the title that tells what it is.
  static func sign(_ settings: Settings) -> String {
    BusyLevels.text([1, 2, 4], limit: 4, usesUnicode: settings.usesUnicode)
  }

  /// The last hour in cells of five minutes.
  static func window(_ now: Int64) -> TimelineWindow { TimelineWindow(span: 3600, including: now, width: cells) }

  /// Changes when it is worth working out again: with each job, or with many of them every fifteen seconds, since each
  /// costs a walk through all.
  static func version(_ model: Model) -> Int64 {
    model.clusters.reduce(0) { $0 + $1.knowledge.jobs.unordered.count } < 200
      ? Int64(model.jobsVersion) : -1 - model.now / 15
  }

  /// The most that were busy at once in each cell, by installation, as the model tells them apart.
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
