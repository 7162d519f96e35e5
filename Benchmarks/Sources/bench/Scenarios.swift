import Foundation

/// Runs the built program on a terminal, with a fake kubectl that emits the events of a scenario.
struct Scenarios {
  /// The measured program, and this one under the name of kubectl.
  let deskrun: String
  let kubectl: String
  let folder: String
  /// Whether to shorten the long scenarios.
  let isQuick: Bool

  private func environment(_ more: [String: String] = [:]) -> [String: String] {
    [
      "PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "LANG": "C.UTF-8", "HOME": folder,
      "DESKRUN_HOME": folder + "/home", "DESKRUN_KUBECTL": kubectl,
    ].merging(more) { $1 }
  }

  private func dashboard(_ more: [String: String] = [:]) throws -> TerminalProgram {
    try TerminalProgram(
      deskrun, ["tui", "--context", "bench"], environment: environment(more), columns: 160, rows: 50)
  }

  /// A dashboard that shows a number of runners and has settled.
  private func settled(_ runners: Int, _ more: [String: String] = [:]) throws -> TerminalProgram {
    let program = try dashboard(["BENCH_RUNNERS": String(runners)].merging(more) { $1 })
    _ = try program.wait(for: "bench-x7k2p", seconds: 60)
    program.read(seconds: runners > 1000 ? 4 : 2)
    return program
  }

  /// The scenarios, with the names for `--only`.
  private static let all: [(name: String, title: String, run: @Sendable (Scenarios) -> (inout Report) throws -> Void)] =
    [
      ("start", "Starting; wall time of the process, middle of 40", { $0.starting }),
      ("rest", "At rest, 200 runners", { $0.idle }),
      ("keys", "Keys, 200 runners; the wall until the first byte of the answer", { $0.keys }),
      ("event", "From the event to the screen", { $0.latency }),
      ("busy", "5000 runners, 100 events a second", { $0.busy }),
      ("log", "A log of 10,000 lines a second, followed", { $0.log }),
      ("churn", "Runners come and go", { $0.churn }),
      ("tree", "With the processes it starts, the stand-in for kubectl among them; 600 jobs a minute", { $0.tree }),
    ]

  static var names: [String] { all.map(\.name) }

  /// - Parameter name: the scenario to run; nil for all.
  func run(_ report: inout Report, only name: String? = nil) throws {
    for scenario in Self.all where name == nil || scenario.name == name {
      report.heading(scenario.title)
      try scenario.run(self)(&report)
    }
  }

  private func starting(_ report: inout Report) throws {
    // Start it in the same way, so that the result is what a terminal adds, without a shell.
    func middle(_ arguments: [String]) throws -> Double {
      var times: [Double] = []
      for _ in 0..<40 {
        let program = try TerminalProgram(deskrun, arguments, environment: environment(), columns: 160, rows: 50)
        program.read(seconds: 2)
        times.append(Double((program.chunks.first?.time ?? program.started) - program.started) / 1e6)
      }
      return percentile(times, 0.5)
    }
    report.add("deskrun --version", try middle(["--version"]), "ms", limit: 10)
    report.add("deskrun list", try middle(["list"]), "ms")
    var frames: [Double] = []
    for _ in 0..<20 {
      let program = try dashboard()
      let time = try program.wait(for: "Installations", seconds: 10)
      frames.append(Double(time - program.started) / 1e6)
      _ = program.quit()
    }
    report.add("deskrun tui: first frame", percentile(frames, 0.5), "ms", limit: 20)
  }

  private func idle(_ report: inout Report) throws {
    let seconds = isQuick ? 10.0 : 30.0
    let program = try settled(200)
    // Wait until no age changes and no more logs are read. Timers that were canceled at the start still wake a thread
    // when they would have expired.
    program.read(seconds: isQuick ? 20 : 60)
    program.forget()
    let before = ProcessCost(program.process)
    program.read(seconds: seconds)
    let after = ProcessCost(program.process)
    report.add("bytes written", Double(program.total) / seconds, "B/s", limit: 0)
    report.add("a core", (after.cpu - before.cpu) / (seconds * 1e9) * 100, "%", limit: 0.1)
    report.add("wakeups of all threads", after.wakeups(since: before) / seconds, "1/s", limit: 2)
    report.add("resident, 200 runners", after.resident, "MB", limit: 30)
  }

  private func keys(_ report: inout Report) throws {
    let program = try settled(200)
    program.type("2")
    program.read(seconds: 1)
    program.forget()
    let before = ProcessCost(program.process)
    var times: [Double] = []
    for _ in 0..<40 {
      if let time = program.answer(to: "j") { times.append(time) }
      program.read(seconds: 0.15)
    }
    let after = ProcessCost(program.process)
    report.add("a row down, middle", percentile(times, 0.5), "ms", limit: 2)
    report.add("a row down, 95 of 100", percentile(times, 0.95), "ms")
    report.add("a row down and its log begun, a core's time", (after.cpu - before.cpu) / 40 / 1e6, "ms")
    program.type("g")
    program.read(seconds: 1)
    program.forget()
    let rested = ProcessCost(program.process)
    for _ in 0..<40 {
      _ = program.answer(to: "j")
      program.read(seconds: 0.05)
    }
    report.add("a row down in a hurry, bytes", Double(program.total) / 40, "B", limit: 475)
    report.add(
      "a row down in a hurry, a core's time", (ProcessCost(program.process).cpu - rested.cpu) / 40 / 1e6, "ms",
      limit: 0.5)
    let many = try settled(5000)
    many.type("2")
    many.read(seconds: 0.5)
    many.type("/")
    many.read(seconds: 0.5)
    var filters: [Double] = []
    for key in ["b", "u", "i", "l", "\u{7F}", "\u{7F}", "\u{7F}", "\u{7F}"] {
      if let time = many.answer(to: key) { filters.append(time) }
      many.read(seconds: 0.2)
    }
    report.add("5000 runners: a key in the filter, worst", filters.max() ?? .nan, "ms", limit: 8)
    report.add("resident, 5000 runners", ProcessCost(many.process).resident, "MB", limit: 60)
    report.add("resident at most, 5000 runners", ProcessCost(many.process).peak, "MB")
  }

  /// The times at which marks were emitted.
  private func marks(_ file: String) throws -> [UInt64] {
    try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").compactMap { line in
      line.split(separator: " ").last.flatMap { UInt64($0) }
    }
  }

  /// The delays between emitting a mark and receiving its text, in milliseconds.
  private func delays(_ program: TerminalProgram, _ file: String, _ count: Int) throws -> [Double] {
    var seen: [UInt64] = []
    _ = program.read(seconds: Double(count) * 0.17 + 5) { chunk in
      while seen.count < count, contains(chunk.bytes, Array(FakeKubectl.markText(seen.count).utf8)) {
        seen.append(chunk.time)
      }
      return seen.count == count
    }
    return zip(try marks(file), seen).map { Double(Int64($1) - Int64($0)) / 1e6 }
  }

  private func latency(_ report: inout Report) throws {
    let count = isQuick ? 30 : 120
    let file = folder + "/marks"
    func emptied() { FileManager.default.createFile(atPath: file, contents: Data()) }
    let marks = ["BENCH_MARKS": file, "BENCH_MARK_COUNT": String(count)]
    emptied()
    let plain = try TerminalProgram(
      kubectl, ["get", "--raw", "/apis/x/ephemeralrunners?watch=1"],
      environment: environment(marks.merging(["BENCH_RUNNERS": "1"]) { $1 }), columns: 160, rows: 50)
    let floor = try delays(plain, file, count)
    report.add("the emitting program to a plain terminal, 95 of 100", percentile(floor, 0.95), "ms")
    for size in [200, 5000] {
      emptied()
      let program = try dashboard(marks.merging(["BENCH_RUNNERS": String(size)]) { $1 })
      let shown = try delays(program, file, count)
      report.add("deskrun, \(size) runners, middle", percentile(shown, 0.5), "ms")
      report.add(
        "deskrun, \(size) runners, 95 of 100, over that", percentile(shown, 0.95) - percentile(floor, 0.95), "ms",
        limit: 30)
      if shown.count < count { report.add("  events that were not seen one by one", Double(count - shown.count), "") }
    }
  }

  private func busy(_ report: inout Report) throws {
    let seconds = isQuick ? 10.0 : 30.0
    for size in [200, 5000] {
      let program = try settled(size, ["BENCH_RATE": "100"])
      let before = ProcessCost(program.process)
      program.read(seconds: seconds)
      let after = ProcessCost(program.process)
      report.add(
        "\(size) runners, 100 events/s: a core", (after.cpu - before.cpu) / (seconds * 1e9) * 100, "%",
        limit: size == 5000 ? 5 : nil)
    }
  }

  private func log(_ report: inout Report) throws {
    let seconds = isQuick ? 10.0 : 60.0
    let program = try settled(1, ["BENCH_LOG_RATE": "10000"])
    // Wait until the log buffer is full and was truncated.
    program.read(seconds: isQuick ? 10 : 30)
    let before = ProcessCost(program.process)
    program.forget()
    var times: [Double] = []
    let start = Clock.now()
    while Double(Clock.now() - start) / 1e9 < seconds {
      program.read(seconds: 0.45)
      // The help's title does not occur in the log.
      let asked = Clock.now()
      program.type("?")
      if let time = try? program.wait(for: "Help", seconds: 1) { times.append(Double(time - asked) / 1e6) }
      program.type("\u{1B}")
    }
    let spent = Double(Clock.now() - start)
    let after = ProcessCost(program.process)
    report.add("a core", (after.cpu - before.cpu) / spent * 100, "%", limit: 5)
    report.add("a key, 95 of 100", percentile(times, 0.95), "ms", limit: 16)
    report.add("resident at most, grown by", after.peak - before.peak, "MB", limit: 3)
    report.add("resident at most", after.peak, "MB")
  }

  private func churn(_ report: inout Report) throws {
    let seconds = isQuick ? 15.0 : 90.0
    let program = try settled(200, ["BENCH_RATE": "400", "BENCH_REPLACES": "1"])
    program.read(seconds: seconds / 3)
    let before = ProcessCost(program.process)
    program.read(seconds: seconds)
    let after = ProcessCost(program.process)
    // Each kind emits half of the rate; two events are one runner's end and the next one's start.
    report.add("runners in that time", seconds * 200, "")
    report.add("resident before", before.resident, "MB")
    report.add("resident, grown by", after.resident - before.resident, "MB", limit: 3)
    report.add("descriptors, grown by", Double(after.descriptors - before.descriptors), "", limit: 0)
    report.add("processes left after quitting", Double(program.quit()), "", limit: 0)
  }

  /// Measures the program with all its children. The fake's memory differs from that of kubectl, but the number of
  /// processes does not.
  private func tree(_ report: inout Report) throws {
    let jobs = ["BENCH_RATE": "20", "BENCH_REPLACES": "1"]
    try tree(&report, "200 runners", 200, jobs, processes: 2)
    try tree(&report, "5000 runners", 5000, jobs, processes: 2, megabytes: 130, percent: 6)
    // If kubectl proxy cannot be used, each stream is a kubectl process.
    try tree(&report, "200 runners, a kubectl a stream", 200, jobs.merging(["BENCH_NO_PROXY": "1"]) { $1 })
  }

  private func tree(
    _ report: inout Report, _ what: String, _ runners: Int, _ more: [String: String], processes: Double? = nil,
    megabytes: Double? = nil, percent: Double? = nil
  ) throws {
    let seconds = isQuick ? 10.0 : 30.0
    let program = try settled(runners, more)
    program.read(seconds: 3)
    let before = TreeCost(program.process)
    program.read(seconds: seconds)
    let after = TreeCost(program.process)
    report.add("\(what): processes", Double(after.processes), "", limit: processes)
    report.add("\(what): resident", after.resident, "MB")
    report.add("\(what): counted fairly (PSS)", after.proportional, "MB", limit: megabytes)
    report.add("\(what): a core", after.cpu(since: before) / (seconds * 1e9) * 100, "%", limit: percent)
    report.add("\(what): deskrun alone, resident", ProcessCost(program.process).resident, "MB")
    report.add("\(what): processes left after quitting", Double(program.quit()), "", limit: 0)
  }
}
