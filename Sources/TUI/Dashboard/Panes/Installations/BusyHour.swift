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
    model.jobs.unordered.count < 200 ? Int64(model.jobs.version) : -1 - model.now / 15
  }

  /// The most that were busy at once in each cell, by installation.
  static func all(_ model: Model, _ window: TimelineWindow) -> [String: [Int]] {
    var bars: [String: [TimelineBar]] = [:]
    var owners: [String: String] = [:]
    for record in model.jobs.unordered where record.result == .running || record.latest > window.start {
      let owner = owners[record.scaleSet] ?? model.status(ofScaleSet: record.scaleSet)?.name ?? ""
      owners[record.scaleSet] = owner
      if let bar = TimelineBar(record, now: window.end) { bars[owner, default: []].append(bar) }
    }
    return Dictionary(
      model.statuses.map { ($0.name, TimelineLanes(bars[$0.name] ?? []).busy(in: window)) },
      uniquingKeysWith: { first, _ in first })
  }
}
