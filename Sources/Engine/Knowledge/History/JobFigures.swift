import Basics

/// Statistics of an installation's jobs in a period.
package struct JobFigures: Sendable, Equatable {
  /// Number of jobs that have ended.
  package var count = 0
  /// Jobs per hour, over the period or since the first job in it.
  package var perHour = 0.0
  /// The share of successful jobs among those with a known result that were not canceled, 0 to 1.
  package var successRate: Double?
  /// Run time in seconds: median and 95th percentile.
  package var took: (median: Int64, p95: Int64)?
  /// Wait time in seconds, where known.
  package var waited: (median: Int64, p95: Int64)?
  /// Whether some of them may have waited longer than known.
  package var isWaitAtLeast = false
  /// Jobs started in each hour of the day, local time.
  package var byHour = [Int](repeating: 0, count: 24)

  /// Computes the statistics.
  ///
  /// - Parameters:
  ///   - records: the jobs of the installation.
  ///   - since: the start of the period, in seconds since 1970.
  ///   - now: the end of the period.
  ///   - hour: the hour of the day at a moment, on the reader's clock.
  package init(_ records: [JobRecord], since: Int64, now: Int64, hour: (Int64) -> Int) {
    self.init(times: records.map(\.times), since: since, now: now, hour: hour)
  }

  /// Computes the statistics of jobs for which only the times are known.
  package init(times jobs: [JobTimes], since: Int64, now: Int64, hour: (Int64) -> Int) {
    let ended = jobs.filter { $0.result != .running && $0.latest >= since }
    count = ended.count
    guard let first = ended.map({ $0.started ?? $0.latest }).min() else { return }
    perHour = Double(count) / max(1, Double(now - max(since, first)) / 3600)
    let judged = ended.filter { [.succeeded, .failed, .lost].contains($0.result) }
    if !judged.isEmpty {
      successRate = Double(judged.count { $0.result == .succeeded }) / Double(judged.count)
    }
    took = Self.spread(ended.compactMap(\.took))
    waited = Self.spread(ended.compactMap(\.waited))
    isWaitAtLeast = ended.contains { $0.isHeldBack && $0.waited != nil }
    for record in ended { if let started = record.started { byHour[(hour(started) % 24 + 24) % 24] += 1 } }
  }

  /// Whether the statistics are equal.
  package static func == (a: JobFigures, b: JobFigures) -> Bool {
    a.count == b.count && a.perHour == b.perHour && a.successRate == b.successRate
      && a.took?.median == b.took?.median && a.took?.p95 == b.took?.p95 && a.waited?.median == b.waited?.median
      && a.waited?.p95 == b.waited?.p95 && a.isWaitAtLeast == b.isWaitAtLeast && a.byHour == b.byHour
  }

  /// The median and the 95th percentile of some values; nil if there are none.
  static func spread(_ values: [Int64]) -> (median: Int64, p95: Int64)? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2], sorted[min(sorted.count - 1, sorted.count * 95 / 100)])
  }

  /// `38 jobs, 1.6 an hour, 92% succeeded, took 2m10s (p95 6m00s), waited 4s (p95 31s)`.
  package var sentence: String { text(hasRate: true) }

  /// The same without the jobs an hour, where there is less room.
  package var shortSentence: String { text(hasRate: false) }

  private func text(hasRate: Bool) -> String {
    guard count > 0 else { return "no job has ended" }
    var parts = [count == 1 ? "1 job" : "\(count) jobs"]
    if hasRate { parts.append(rate) }
    if let successRate { parts.append("\(Self.percent(successRate)) succeeded") }
    if let took { parts.append("took \(Self.words(took))") }
    if let waited { parts.append("waited \(atLeast)\(Self.words(waited))") }
    return parts.joined(separator: ", ")
  }

  /// The same as labels and values: `took`, `1m21s (p95 5m54s)`.
  package var parts: [(label: String, text: String)] {
    var parts = [("ended", "\(count), \(rate)")]
    if let successRate { parts.append(("succeeded", Self.percent(successRate))) }
    if let took { parts.append(("took", Self.words(took))) }
    if let waited { parts.append(("waited", atLeast + Self.words(waited))) }
    return parts
  }

  private var rate: String {
    let tenths = Int((perHour * 10).rounded())
    // A tenth of a job is noise beside hundreds.
    return tenths < 1000 ? "\(tenths / 10).\(tenths % 10) an hour" : "\(Int(perHour.rounded())) an hour"
  }

  private var atLeast: String { isWaitAtLeast ? "at least " : "" }

  private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded()))%" }

  private static func words(_ spread: (median: Int64, p95: Int64)) -> String {
    "\(span(spread.median)) (p95 \(span(spread.p95)))"
  }

  /// The hours of the day as bars, from midnight.
  ///
  /// - Parameter bars: the symbols from lowest to highest.
  package func chart(_ bars: [String]) -> String {
    let most = byHour.max() ?? 0
    guard most > 0, bars.count > 1 else { return "" }
    return byHour.map { count in
      count == 0 ? bars[0] : bars[1 + min(bars.count - 2, (count * (bars.count - 1) - 1) / most)]
    }.joined()
  }

  /// A duration in the usual format: `4s`, `3m12s`, `2h5m`.
  package static func span(_ seconds: Int64) -> String { DurationText.short(seconds: seconds) }
}
