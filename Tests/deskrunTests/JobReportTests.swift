import Engine
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

/// The output for jobs, their logs and their caches.
@Suite struct JobReportTests {
  private func record(isHeldBack: Bool = false, context: String? = "kind-a") -> JobRecord {
    var job = Job()
    (job.name, job.repository, job.runID) = ("build", "acme/web", 7)
    var record = JobRecord(
      runner: "r", scaleSet: "web", job: job, assigned: 100, started: 230, finished: 300, result: .succeeded)
    (record.isHeldBack, record.place) = (isHeldBack, context.map { ClusterPlace(context: $0) })
    return record
  }

  private func written(
    _ record: JobRecord, _ format: OutputFormat = .table, unicode: Bool = true, context: String? = "kind-a"
  ) throws -> String {
    let recorded = RecordedConsole(live: false)
    try JobsReport(
      records: [record], figures: JobFigures([record], since: 0, now: 400) { _ in 0 }, host: { _ in nil }, now: 400,
      confirmed: ConfirmedJobs(places: context.map { [ClusterPlace(context: $0)] } ?? []),
      style: Style(usesColor: false, usesUnicode: unicode)
    ).write(OutputForm(format: format), to: recorded.console)
    return recorded.output.text
  }

  @Test func `a wait that may have been longer is marked`() throws {
    #expect(try written(record(isHeldBack: true)).contains("≥ 2m10s"))
    #expect(try written(record(isHeldBack: true), unicode: false).contains(">= 2m10s"))
    let exact = try written(record())
    #expect(exact.contains("2m10s") && !exact.contains("≥"))
    for isHeldBack in [true, false] {
      let document = try JSONValue(parsing: written(record(isHeldBack: isHeldBack), .json))
      #expect(document["jobs"]?[0]?["waitSeconds"] == 130)
      #expect(document["jobs"]?[0]?["waitIsAtLeast"] == .bool(isHeldBack))
      #expect(document["figures"]?["waitIsAtLeast"] == .bool(isHeldBack))
    }
  }

  @Test func `only the cluster a job ran in can tell that it still runs`() throws {
    func confirmed(_ context: String?, asked: String?) throws -> JSONValue? {
      var running = record(context: context)
      (running.result, running.finished) = (.running, nil)
      return try JSONValue(parsing: written(running, .json, context: asked))["jobs"]?[0]?["confirmed"]
    }
    #expect(try confirmed("kind-a", asked: "kind-a") == true)
    #expect(try confirmed("kind-b", asked: "kind-a") == false)
    // Earlier versions did not record the cluster.
    #expect(try confirmed(nil, asked: "kind-a") == true)
    #expect(try confirmed("kind-a", asked: nil) == false)
  }

  @Test func `what record writes of a job links to its own GitHub`() throws {
    let recorded = RecordedConsole(live: false)
    let report = RecordReport(
      console: recorded.console, isQuiet: false, format: .json, place: ClusterPlace(context: "kind-a"),
      host: { $0 == "web" ? "github.example.com" : nil })
    try report.tell(.ended(record()))
    var elsewhere = record()
    elsewhere.scaleSet = "other"
    try report.tell(.began(elsewhere))
    let urls = try recorded.output.text.split(separator: "\n").map {
      try JSONValue(parsing: String($0))["job"]?["htmlUrl"]?.stringValue
    }
    #expect(
      urls == ["https://github.example.com/acme/web/actions/runs/7", "https://github.com/acme/web/actions/runs/7"])
  }

  @Test func `the diagnostics of several runners are left out, which is said once`() {
    let folding = LogFolding(isOn: true)
    func line(_ pod: String, _ text: String) -> LogLine { LogLine(pod: pod, time: nil, text: text) }
    let head = "[WORKER 2026-11-25 15:17:19Z INFO Worker] Job message:"
    let first = folding.shown([line("a", head), line("b", " {"), line("a", " {"), line("a", "  \"x\": 1")])
    #expect(first.lines.map(\.pod) == ["b"] && first.isFirstFold)
    let second = folding.shown([line("a", "}"), line("a", "done")])
    #expect(second.lines.map(\.text) == ["done"] && !second.isFirstFold)
    let all = LogFolding(isOn: false).shown([line("a", head)])
    #expect(all.lines.count == 1 && !all.isFirstFold)
  }

  @Test func `nothing of a pod is remembered when its log has ended`() {
    let (text, folding) = (JobLogText(), LogFolding(isOn: true))
    let style = Style(usesColor: false, usesUnicode: true)
    func show(_ pod: String, _ words: String) -> PrintableText? {
      let line = LogLine(pod: pod, time: nil, text: words)
      _ = folding.shown([line])
      return text.text(line, style)
    }
    _ = show("a", "::add-mask::hunter2")
    #expect(show("a", "pass hunter2") == "pass ***")
    for number in 0..<100 {
      _ = show("b\(number)", "::add-mask::secret")
      text.forget("b\(number)")
      folding.forget("b\(number)")
    }
    #expect(text.count == 1 && folding.count == 1)
    #expect(show("a", "pass hunter2") == "pass ***", "the others are remembered")
  }

  @Test func `commands that a job stopped are shown as it wrote them`() {
    let text = JobLogText()
    let style = Style(usesColor: false, usesUnicode: true)
    func show(_ words: String) -> PrintableText? { text.text(LogLine(pod: "a", time: nil, text: words), style) }
    #expect(show("::stop-commands::t0ken") == "::stop-commands::t0ken")
    #expect(show("::error::not one") == "::error::not one")
    #expect(show("##[endgroup]") == "##[endgroup]")
    _ = show("::t0ken::")
    #expect(show("::error::one") == "✗ Error: one")
  }

  @Test func `the command for caches that may not be read names each of them`() throws {
    func warning(_ hidden: [String]) throws -> String {
      try #require(CacheReport.warning([], hidden: hidden, root: "/caches"))
    }
    #expect(try warning(["/caches/a"]).hasSuffix("sudo du -sh /caches/a"))
    #expect(try warning(["/caches/a", "/caches/b c"]).hasSuffix("sudo du -sh /caches/a '/caches/b c'"))
    #expect(try warning((0..<20).map { "/caches/\($0)" }).hasSuffix("sudo du -sh /caches"))
    #expect(CacheReport.warning([], hidden: [], root: "/caches") == nil)
  }
}
