import ARC
import Basics

/// The usual run time of jobs with the same repository, workflow and name.
package struct UsualDuration: Sendable, Equatable {
  /// The median in seconds.
  package var median: Int64
  /// The 95th percentile in seconds.
  package var p95: Int64
  /// The number of runs considered.
  package var runs: Int

  package init(median: Int64, p95: Int64, runs: Int) { (self.median, self.p95, self.runs) = (median, p95, runs) }
}

/// The run times of the latest successful jobs, by repository, workflow and name. Updated with each job, so that the
/// cost of a lookup does not grow with the history.
package struct JobDurations: Sendable, Equatable {
  /// Fewer runs are not sufficient.
  package static let fewest = 3
  /// Only this many latest runs count.
  package static let most = 40

  private struct Kind: Hashable {
    var repository, workflow, name: String
  }

  private struct Run: Equatable {
    var runner: String
    var finished, took: Int64
  }

  /// The runs of each kind, oldest first.
  private var runs: [Kind: [Run]] = [:]

  package init(_ records: some Sequence<JobRecord> = []) {
    for record in records { note(record) }
  }

  /// Adds a job, or updates what was known about it.
  package mutating func note(_ record: JobRecord) {
    let kind = Self.kind(record.job)
    if let index = runs[kind]?.firstIndex(where: { $0.runner == record.runner }) { runs[kind]?.remove(at: index) }
    guard record.result == .succeeded, !record.job.name.isEmpty, let took = record.took, let finished = record.finished
    else { return }
    var all = runs[kind] ?? []
    all.insert(
      Run(runner: record.runner, finished: finished, took: took),
      at: (all.lastIndex { $0.finished <= finished } ?? -1) + 1)
    if all.count > Self.most { all.removeFirst() }
    runs[kind] = all
  }

  /// The usual run time of such a job; nil if too few succeeded.
  package func usual(_ job: Job) -> UsualDuration? {
    guard let all = runs[Self.kind(job)], all.count >= Self.fewest,
      let spread = JobFigures.spread(all.map(\.took))
    else { return nil }
    return UsualDuration(median: spread.median, p95: spread.p95, runs: all.count)
  }

  private static func kind(_ job: Job) -> Kind {
    Kind(repository: job.repository, workflow: job.workflow, name: job.name)
  }
}

/// The estimated progress of a running job: its run time compared with the median of earlier runs.
package struct JobEstimate: Sendable, Equatable {
  package let usual: UsualDuration
  /// Seconds it has been running; nil if its start is unknown.
  package let elapsed: Int64?

  /// - Parameters:
  ///   - started: when the job started, in seconds since 1970.
  ///   - now: the current time, in seconds since 1970.
  package init(_ usual: UsualDuration, started: Int64?, now: Int64) {
    self.usual = usual
    elapsed = started.map { max(0, now - $0) }
  }

  /// Seconds until the median is reached, 0 from then on; nil if its start is unknown.
  package var remaining: Int64? { elapsed.map { max(0, usual.median - $0) } }

  /// Whether it has been running longer than the 95th percentile.
  package var isLate: Bool { elapsed.map { $0 > usual.p95 } ?? false }

  /// The number of filled cells of a bar.
  ///
  /// - Parameter cells: the length of the bar.
  package func filled(of cells: Int) -> Int {
    guard let elapsed, usual.median > 0 else { return elapsed == nil ? 0 : cells }
    return Int(min(Int64(cells), elapsed * Int64(cells) / usual.median))
  }

  /// For a column: `about 2m left`, `usually 3m10s`, `over p95 4m10s`.
  package var words: String {
    guard let elapsed else { return "usually \(JobFigures.span(usual.median))" }
    if isLate { return "over p95 \(JobFigures.span(usual.p95))" }
    if elapsed >= usual.median { return "usually \(JobFigures.span(usual.median))" }
    return "about \(Self.rounded(usual.median - elapsed)) left"
  }

  /// For a line: `about 2m left`, `longer than the median of 3m10s`, `longer than usual: p95 4m10s`.
  package var sentence: String {
    guard let elapsed else { return words }
    if isLate { return "longer than usual: p95 \(JobFigures.span(usual.p95))" }
    return elapsed >= usual.median ? "longer than the median of \(JobFigures.span(usual.median))" : words
  }

  /// The number of seconds until its words or its bar change; nil if they never do.
  ///
  /// - Parameter cells: the length of the bar.
  package func changesIn(cells: Int) -> Int64? {
    guard let elapsed else { return nil }
    var next: [Int64] = []
    if elapsed <= usual.p95 { next.append(usual.p95 + 1 - elapsed) }
    if elapsed < usual.median {
      let left = usual.median - elapsed
      next += [left, Self.roundedChangesIn(left)]
      let (cells, filled) = (Int64(cells), Int64(filled(of: cells)))
      if cells > 0 { next.append(((filled + 1) * usual.median + cells - 1) / cells - elapsed) }
    }
    return next.min()
  }

  /// Seconds would be falsely precise: rounded to ten seconds, a minute, ten minutes or an hour.
  private static func rounded(_ seconds: Int64) -> String {
    if seconds < 90 { return DurationText.short(seconds: (seconds + 9) / 10 * 10) }
    let (unit, _) = nearness(seconds)
    return DurationText.short(seconds: (seconds + unit / 2) / unit * unit)
  }

  /// The unit to round to, from a minute and a half on, and the number of seconds from which it applies.
  private static func nearness(_ seconds: Int64) -> (unit: Int64, from: Int64) {
    seconds < 5400 ? (60, 90) : seconds < 36_000 ? (600, 5400) : (3600, 36_000)
  }

  private static func roundedChangesIn(_ seconds: Int64) -> Int64 {
    if seconds < 90 { return seconds - ((seconds + 9) / 10 - 1) * 10 }
    let (unit, from) = nearness(seconds)
    let half = unit / 2
    return min(seconds - from + 1, seconds + half + 1 - (seconds + half) / unit * unit)
  }
}
