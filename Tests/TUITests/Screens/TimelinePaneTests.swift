import Engine
import Testing

@testable import ARC
@testable import Basics
@testable import DashboardCore
@testable import DashboardPanes
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import TUI
@testable import TerminalKit
@testable import Tools

/// Jobs on a timeline, the progress of running jobs, and figures by hour.
@Suite struct TimelinePaneTests {
  private static func record(
    _ runner: String, _ set: String, ago start: Int64, took: Int64, _ result: JobResult = .succeeded, waited: Int64 = 0,
    job: String = "test (3.12)", repository: String = "acme/web", workflow: String = "ci.yml"
  ) -> JobRecord {
    var about = Job()
    (about.name, about.repository, about.workflow, about.ref, about.runID) = (job, repository, workflow, "main", 4711)
    let begin = World.now - start
    return JobRecord(
      runner: runner, scaleSet: set, job: about, assigned: waited > 0 ? begin - waited : nil, started: begin,
      finished: begin + took, result: result)
  }

  /// Jobs of the last hours, of two installations and a removed one.
  static let history: [JobRecord] =
    (0..<12).map { number in
      let results: [JobResult] = [.succeeded, .succeeded, .failed, .succeeded, .cancelled, .unknown]
      return record(
        "web-ci-old-\(number)", "web-ci", ago: 5400 - Int64(number) * 420, took: 200 + Int64(number % 4) * 90,
        results[number % 6], waited: number % 3 == 0 ? 150 : 0)
    }
    + (0..<4).map { number in
      record(
        "web-ci-side-\(number)", "web-ci", ago: 3300 - Int64(number) * 500, took: 400, waited: 30, job: "lint")
    }
    + (0..<3).map { number in
      record(
        "nix-old-\(number)", "nix-builder", ago: 3000 - Int64(number) * 1000, took: 380 + Int64(number) * 20,
        job: "build (x86_64-linux)", repository: "acme/infra", workflow: "nix.yml")
    } + [record("gone-1", "docs-ci", ago: 2000, took: 900, .lost, job: "publish", repository: "acme/docs")]

  private func driver(_ columns: Int, _ rows: Int, settings: (inout Settings) -> Void = { _ in }) throws -> Driver {
    let driver = try Driver.watching(nil, columns, rows, settings: settings)
    driver.send(.history(Self.history))
    return driver
  }

  @Test func `the timeline, how far jobs are and the figures of hours look so`() throws {
    func pictures(_ name: String, _ keys: [Key]) throws {
      var text = ""
      for (columns, rows, usesUnicode) in [(80, 24, false), (160, 50, true)] {
        let driver = try driver(columns, rows) { $0.usesUnicode = usesUnicode }
        driver.press(keys)
        text += "=== \(columns)x\(rows)\n" + driver.screen
      }
      try GoldenFrames.expect(text, name)
    }
    try pictures("timeline", [.character("H")])
    try pictures("timeline-zoomed", [.character("H"), .character("z"), .character("-"), .up])
    try pictures("jobs-by-hour", [.character("J")])
    try pictures("progress", [.character("2"), .character("i")])
  }

  @Test func `the cursor shows a job, and Enter opens its log`() throws {
    let driver = try driver(100, 30)
    driver.press(.down, .down, .character("H"))
    // Only the selected installation; the newest job first.
    driver.hides("docs-ci")
    driver.shows("running: lint")
    // The previous bar in its lane.
    driver.press(.left)
    driver.hides("running: lint")
    let selected = try #require(driver.model.focusedPane.copyText(driver.model))
    let record = try #require(Self.history.first { $0.runner == selected })
    driver.shows(record.job.name)
    driver.shows("acme/web  ci.yml  main")
    driver.shows("ran \(DurationText.short(seconds: record.took ?? 0))")
    driver.forget()
    driver.press(.enter)
    #expect(driver.model.tab == LogsPane.id)
    #expect(driver.model.log.target == .runner(name: selected, scaleSet: "web-ci", container: "runner"))
  }

  @Test func `at 80 columns the range is told, and details whole`() throws {
    let driver = try driver(80, 24)
    driver.press(.down, .down, .character("H"))
    driver.shows(" 1h ")
    for _ in 0..<12 {
      let record = try #require(
        driver.model.focusedPane.copyText(driver.model).flatMap { name in
          Self.history.first { $0.runner == name } ?? driver.model.job(of: name, in: 0)
        })
      driver.shows(record.job.name)
      driver.shows(record.finished == nil ? "since " : "ran \(DurationText.short(seconds: record.took ?? 0))")
      let lines = driver.screen.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(!lines[21].contains("…") && !lines[22].contains("…"), "\(lines[21...22])")
      driver.press(.left)
    }
    driver.press(.character("-"))
    driver.shows(" 3h ")
  }

  @Test(arguments: ["H", "J"]) func `Esc leads from a log back to where it was opened`(tab: String) throws {
    let driver = try driver(80, 24)
    driver.press(.down, .down)
    driver.type(tab)
    driver.press(.character("z"), .left, .left, .down)
    let (shown, selected) = (driver.model.tab, driver.model.focusedPane.copyText(driver.model))
    driver.press(.enter)
    #expect(driver.model.tab == LogsPane.id)
    driver.shows("Esc \(tab == "H" ? "timeline" : "jobs")")
    driver.press(.escape)
    #expect(driver.model.tab == shown && driver.model.focus == .bottom)
    #expect(driver.model.focusedPane.copyText(driver.model) == selected)
    driver.press(.escape, .escape)
    #expect(driver.model.tab == shown && driver.model.focus == .first)
    // In a log tab that was selected directly, Esc does not go back to another tab.
    driver.press(.character("3"), .character("["))
    while driver.model.tab != LogsPane.id { driver.press(.character("[")) }
    driver.press(.escape)
    #expect(driver.model.tab == LogsPane.id && driver.model.focus == .first)
  }

  @Test func `every bar of a lane can be reached, also beyond what is in sight`() throws {
    let driver = try driver(100, 30)
    driver.press(.down, .down, .character("H"), .character("+"), .character("+"))
    var seen: [String] = []
    while let name = driver.model.focusedPane.copyText(driver.model), seen.last != name, seen.count < 50 {
      seen.append(name)
      driver.press(.left)
    }
    let blocks = try #require(driver.model.facts(of: TimelinePane.id, as: [TimelineBlock].self))
    let lanes = try #require(blocks.first).lanes
    let newest = try #require(seen.first)
    let lane = try #require(lanes.place(of: newest)).lane
    #expect(seen == lanes.lanes[lane].map(\.runner).reversed() && seen.count > 4)
    #expect(driver.model.timeline.moment != nil)
    // Back to the current time.
    driver.press(.end)
    #expect(driver.model.timeline.moment == nil)
    driver.shows("now")
    driver.shows("10m to now")
  }

  @Test func `it shows ten minutes to seven days, and moves in time`() throws {
    let driver = try driver(100, 30)
    driver.press(.character("H"))
    driver.shows("1h to now")
    for _ in 0..<12 { driver.press(.character("-")) }
    driver.shows("7d to now")
    for _ in 0..<12 { driver.press(.character("+")) }
    driver.shows("10m to now")
    driver.press(.character("("))
    driver.shows("10m to 12:03")
    driver.press(.character(")"))
    driver.shows("10m to now")
  }

  @Test func `without jobs it says why, and how to see more`() throws {
    let driver = try Driver.watching(World(), 100, 30)
    driver.send(
      .history(
        Self.history.map { record in
          var old = record
          (old.assigned, old.started, old.finished) = (
            nil, record.started.map { $0 - 86_400 }, record.finished.map { $0 - 86_400 }
          )
          return old
        }))
    driver.press(.character("H"), .character("z"))
    for _ in 0..<3 { driver.press(.character("(")) }
    driver.shows("No jobs in this time. - shows a longer time.")
    let empty = Driver(100, 30)
    empty.send(.configuration(.success(try World().configuration)))
    empty.press(.character("H"))
    empty.shows("No jobs yet.")
  }

  @Test func `lanes beyond the limit are below a line that says so`() throws {
    let driver = try Driver.watching(World(), 120, 40)
    driver.send(
      .history((0..<7).map { Self.record("web-\($0)", "web-ci", ago: 2000 - Int64($0), took: 900) }))
    driver.press(.down, .down, .character("H"), .character("z"))
    driver.shows("5/5")
    driver.shows("max 5")
    driver.shows("7/5")
  }

  @Test func `two hundred lanes scroll with the cursor`() throws {
    let driver = try Driver.watching(World(), 120, 40)
    driver.send(
      .history((0..<200).map { Self.record("web-\($0)", "web-ci", ago: 2000 - Int64($0), took: 900) }))
    driver.press(.down, .down, .character("H"), .character("z"))
    let first = driver.screen
    for _ in 0..<20 { driver.press(.pageDown) }
    #expect(driver.screen != first)
    driver.shows("200/5")
    for _ in 0..<20 { driver.press(.pageUp) }
    driver.shows(" 1/5")
  }

  @Test func `a click on a bar selects it, and again opens its log`() throws {
    let driver = try driver(120, 40)
    driver.press(.character("H"), .character("z"))
    let line = try #require(driver.screen.split(separator: "\n").first { $0.contains("docs-ci") })
    let sign = try #require(line.range(of: "✗"))
    let y = try #require(
      driver.screen.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0 == line })
    let target = try #require(driver.rendered.target(x: CellText.width(line[..<sign.lowerBound]), y: y))
    driver.send(.click(target))
    driver.shows("publish")
    driver.send(.click(target))
    #expect(driver.model.log.target == .runner(name: "gone-1", scaleSet: "docs-ci", container: "runner"))
  }

  @Test func `a frame is asked for when the picture moves on, not every second`() throws {
    var world = try World()
    world.runners = []
    world.pods.removeAll { $0["metadata"]?["labels"]?["actions-ephemeral-runner"] != nil }
    let driver = try Driver.watching(world, 100, 30)
    driver.send(.history(Self.history))
    driver.forgetToasts()
    driver.press(.character("H"))
    let next = try #require(driver.rendered.nextChange)
    #expect(next - World.now > 1)
    let before = driver.rendered.frame
    driver.now = next - 1
    driver.send(.tick)
    #expect(driver.rendered.frame == before)
    driver.now = next
    driver.send(.tick)
    #expect(driver.rendered.frame != before)
  }

  @Test func `a job beyond its usual time says so`() throws {
    let driver = try driver(220, 60)
    driver.shows("about 2m left")
    driver.now += 1000
    driver.send(.tick)
    driver.shows("over p95 7m")
    driver.press(.character("2"), .character("i"))
    driver.shows("longer than usual: p95 7m")
    driver.shows("median 6m40s, p95 7m, of the last 3 runs")
  }

  @Test func `a job that too few like it have run has no bar`() throws {
    let driver = try Driver.watching(nil, 220, 60)
    driver.send(.history(Array(Self.history.filter { $0.scaleSet == "nix-builder" }.prefix(2))))
    driver.hides("PROGRESS")
    driver.hides(" left")
  }

  @Test func `the busy runners of the last hour stand beside an installation where there is room`() throws {
    let wide = try driver(120, 40)
    let line = try #require(wide.screen.split(separator: "\n").first { $0.contains("web-ci") })
    #expect(line.contains("▃") || line.contains("▄") || line.contains("▂"))
    // What it serves is worth more than that.
    let narrow = try driver(52, 24)
    #expect(!narrow.screen.contains("▃▃"))
  }
}

extension Driver {
  fileprivate func press(_ keys: [Key]) { for key in keys { press(key) } }
}
