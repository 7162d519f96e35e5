import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Knowledge

/// Jobs as bars in lanes, and the visible part of them.
@Suite struct TimelineTests {
  private func bar(
    _ runner: String, _ start: Int64, _ end: Int64, _ result: JobResult = .succeeded, queued: Int64? = nil
  ) -> TimelineBar {
    TimelineBar(runner: runner, scaleSet: "web", kind: .job(result), queued: queued, start: start, end: end)
  }

  private func drawn(_ lanes: TimelineLanes, _ lane: Int, _ window: TimelineWindow, unicode: Bool = false) -> String {
    String(TimelineSigns(usesUnicode: unicode).characters(lanes.cells(of: lane, in: window)))
  }

  @Test(arguments: 0..<40) func `no two bars of a lane overlap, none is lost, and no lane is without need`(
    seed: Int
  ) {
    var dice = SeededDice(seed: UInt64(seed) + 1)
    let span = Int64.random(in: 10...2000, using: &dice)
    let bars = (0..<Int.random(in: 0...300, using: &dice)).map { number in
      let start = Int64.random(in: 0...span, using: &dice)
      return bar("r\(number)", start, start + Int64.random(in: 0...200, using: &dice))
    }
    let lanes = TimelineLanes(bars)
    for lane in lanes.lanes {
      for (first, second) in zip(lane, lane.dropFirst()) { #expect(first.end <= second.start) }
    }
    #expect(lanes.lanes.joined().map(\.runner).sorted() == bars.map(\.runner).sorted())
    for bar in bars {
      guard let (lane, index) = lanes.place(of: bar.runner) else {
        Issue.record("\(bar) has no place")
        continue
      }
      #expect(lanes.lanes[lane][index] == bar)
    }
    // As many lanes as the maximum number of concurrently busy runners.
    let most = bars.map { at in bars.count { $0.start <= at.start && $0.end > at.start } }.max() ?? 0
    #expect(lanes.lanes.count == most)
    // Later jobs do not move earlier ones.
    let more = TimelineLanes(bars + [bar("new", span + 500, span + 600)])
    for (lane, former) in zip(more.lanes, lanes.lanes) { #expect(Array(lane.prefix(former.count)) == former) }
    // Counting concurrent jobs gives the same result as the lanes.
    let window = TimelineWindow(span: span, including: span, width: 20)
    let busy = (0..<window.width).map { cell -> Int in
      let start = window.start + Int64(cell) * window.cell
      return (start..<start + window.cell).map { at in bars.count { $0.start <= at && $0.end > at } }.max() ?? 0
    }
    #expect(lanes.busy(in: window) == busy)
  }

  @Test func `a window shows at least what was asked for and stays until its last cell is over`() {
    for (width, moment) in [(60, 100_000), (61, 100_001), (7, 99_999), (200, 5)] as [(Int, Int64)] {
      let window = TimelineWindow(span: 3600, including: moment, width: width)
      #expect(window.end > moment && window.end - moment <= window.cell && window.end - window.start >= 3600)
      #expect(window.cell(of: moment) == width - 1 && window.cell(of: window.start) == 0)
      #expect(window.cell(of: window.start - 1) == -1)
      for later in moment..<window.end {
        #expect(TimelineWindow(span: 3600, including: later, width: width) == window)
      }
      #expect(TimelineWindow(span: 3600, including: window.end, width: width) != window)
    }
  }

  @Test func `bars are drawn by result, with waits before them`() {
    let lanes = TimelineLanes([
      bar("a", 0, 300), bar("b", 300, 500, .failed), bar("c", 700, 750, .cancelled), bar("d", 900, 1000, .running),
      bar("e", 800, 850, .unknown, queued: 760),
    ])
    let window = TimelineWindow(span: 1000, including: 999, width: 20)
    #expect(lanes.lanes.count == 1)
    #expect(drawn(lanes, 0, window) == "[+++++[xxx    -:? [>")
    #expect(drawn(lanes, 0, window, unicode: true) == "✓━━━━━✗━━━    ⊘·? ▸━")
  }

  @Test func `a failure is not hidden by what shares its cell`() {
    let lanes = TimelineLanes([bar("a", 0, 10), bar("b", 20, 30, .failed), bar("c", 40, 95)])
    #expect(drawn(lanes, 0, TimelineWindow(span: 1000, including: 999, width: 10)) == "x         ")
    // A longer one continues after it.
    let longer = TimelineLanes([bar("b", 20, 30, .failed), bar("c", 40, 250)])
    #expect(drawn(longer, 0, TimelineWindow(span: 1000, including: 999, width: 10)) == "x[+       ")
  }

  @Test func `a bar that began before the window keeps its sign`() {
    let lanes = TimelineLanes([bar("a", 0, 500, .failed)])
    #expect(drawn(lanes, 0, TimelineWindow(span: 400, including: 599, width: 4), unicode: true) == "✗━━ ")
    #expect(lanes.shown(in: TimelineWindow(span: 100, including: 599, width: 4)).isEmpty)
  }

  @Test func `waiting jobs are counted where they wait for most of a cell`() {
    let lanes = TimelineLanes([
      bar("a", 0, 300), bar("b", 300, 400, queued: 0), bar("c", 400, 500, queued: 100), bar("d", 510, 600, queued: 505),
    ])
    #expect(lanes.waiting(in: TimelineWindow(span: 600, including: 599, width: 6)) == [1, 2, 2, 1, 0, 0])
  }

  @Test func `jobs of which not everything is known are drawn where they were seen`() {
    var record = JobRecord(runner: "r", scaleSet: "web", job: Job(), result: .unknown)
    #expect(TimelineBar(record, now: 1000) == nil)
    record.finished = 400
    #expect(TimelineBar(record, now: 1000) == bar("r", 400, 401, .unknown))
    (record.assigned, record.started) = (290, 300)
    #expect(TimelineBar(record, now: 1000) == bar("r", 300, 400, .unknown, queued: 290))
    (record.finished, record.result) = (nil, .running)
    #expect(TimelineBar(record, now: 1000) == bar("r", 300, 1000, .running, queued: 290))
    #expect(TimelineBar(record, now: 1000, isRunning: false) == bar("r", 300, 301, .unknown, queued: 290))
  }

  @Test(
    arguments: [
      (3600, 60), (600, 60), (86_400, 70), (604_800, 60), (604_800, 20), (1800, 150), (30 * 86_400, 60),
      (365 * 86_400, 60), (365 * 86_400, 140), (3650 * 86_400, 90),
    ] as [(Int64, Int)])
  func `labels are times of the clock, in order, and do not touch`(span: Int64, width: Int) {
    // 2026-11-24T12:08:58Z, an hour ahead of UTC.
    let window = TimelineWindow(span: span, including: 1_795_522_138, width: width)
    let labels = TimelineAxis.labels(window) { _ in 3600 }
    #expect(!labels.isEmpty)
    for (first, second) in zip(labels, labels.dropFirst()) { #expect(first.cell + first.text.count + 2 <= second.cell) }
    for label in labels {
      #expect(label.cell >= 0 && label.cell + label.text.count <= width)
      guard label.text.contains(":") else { continue }
      // The time of a label is in the cell where the label starts.
      let start = window.start + Int64(label.cell) * window.cell + 3600
      let texts = stride(from: start, to: start + window.cell, by: 1).map { Timestamp.text($0).dropFirst(11).prefix(5) }
      #expect(texts.contains(Substring(label.text)))
    }
  }

  @Test func `a day begins with its date`() {
    let window = TimelineWindow(span: 86_400, including: 1_795_522_138, width: 70)
    #expect(TimelineAxis.labels(window) { _ in 0 }.map(\.text).contains("Nov 24"))
  }

  @Test func `months and years are named`() {
    func labels(_ days: Int64) -> [String] {
      TimelineAxis.labels(TimelineWindow(span: days * 86_400, including: 1_795_522_138, width: 120)) { _ in 0 }.map(
        \.text)
    }
    #expect(
      labels(365).contains("Jan 2026") && labels(365).contains("Nov") && labels(60).contains { $0.hasPrefix("Oct ") })
    #expect(labels(365 * 12).allSatisfy { Int($0) != nil } && labels(365 * 12).contains("2024"))
  }

  @Test func `a timeline has the signs that tell the same elsewhere`() {
    for unicode in [true, false] {
      let signs = TimelineSigns(usesUnicode: unicode)
      func text(_ sign: Sign) -> String { unicode ? sign.unicode : sign.ascii }
      #expect(
        String(signs.sign(.job(.unknown))) == text(.unknown) && String(signs.sign(.job(.succeeded))) == text(.done))
      #expect(
        String(signs.sign(.job(.cancelled))) == text(.cancelled) && String(signs.sign(.job(.lost))) == text(.failing))
      #expect(String(signs.sign(.job(.running))) == text(.busy) && String(signs.sign(.starting)) == text(.pending))
      // Queued jobs have their own sign.
      #expect(!Sign.allCases.map(text).contains(String(signs.waiting)))
      #expect(Set(Sign.allCases.map(text)).count == Sign.allCases.count)
    }
  }

  @Test func `levels are of the limit`() {
    #expect(BusyLevels.text([0, 1, 2, 4, 5], limit: 4, usesUnicode: true) == "▁▃▅██")
    #expect(BusyLevels.text([0, 1, 100], limit: 100, usesUnicode: false) == " .#")
    #expect(BusyLevels.text([0, 3], limit: nil, usesUnicode: true) == "▁█")
    #expect(BusyLevels.text([0, 0], limit: 0, usesUnicode: true) == "▁▁")
  }

  @Test func `hours hold the jobs of the last day and no others`() {
    func ended(_ at: Int64, _ result: JobResult) -> JobRecord {
      JobRecord(runner: "r\(at)", scaleSet: "web", job: Job(), started: at - 5, finished: at, result: result)
    }
    let now: Int64 = 40 * 3600 + 1800
    let hours = HourlyJobs(
      [
        ended(now, .succeeded), ended(now - 1800, .failed), ended(now - 1801, .lost), ended(now - 86_400, .cancelled),
        ended(now - 86_401, .succeeded), ended(now + 10, .succeeded), ended(now - 7200, .running),
      ], now: now
    ) { _ in 7200 }.hours
    #expect(hours.count == 25 && hours.map(\.total).reduce(0, +) == 4)
    #expect(hours.last == HourlyJobs.Hour(hour: 18, succeeded: 1, failed: 1))
    #expect(hours[23] == HourlyJobs.Hour(hour: 17, failed: 1))
    #expect(hours[0] == HourlyJobs.Hour(hour: 18, other: 1))
  }
}
