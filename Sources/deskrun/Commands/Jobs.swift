import ArgumentParser
import CommandOutput
import CommandSession
import Engine

struct Jobs: AsyncParsableCommand, SeveralClusterCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the jobs that ran and how they ended.",
    discussion: """
      EXAMPLES:
        The newest jobs of all installations:
          deskrun jobs
        Those of one that failed within a week:
          deskrun jobs web-ci --since 7d --failed
        The last three hours as a timeline, a line for each runner that was at work:
          deskrun jobs --timeline --since 3h
        The log of a job whose runner is gone:
          deskrun jobs --log web-ci-x7k2p-runner-9fk2c

      Jobs are recorded while a dashboard is open or `deskrun record` runs; jobs that are running now are always shown. \
      For jobs that were running when they were last seen, their clusters are asked whether they still are; one that does \
      not answer is not waited for. A wait time with \
      ≥ is a lower limit: the installation was at its maximum, and GitHub holds further jobs back unseen.
      """)

  @Argument(help: "Only jobs of this installation.", completion: Completions.installationNames)
  var name: String?

  @Option(
    help: ArgumentHelp(
      "Only jobs newer than this: 90s, 30m, 12h, 7d. Default: all that are kept.", valueName: "time"))
  var since: Age?

  @Flag(help: "Only jobs that failed, or whose runner died.")
  var failed = false

  @Option(help: ArgumentHelp("Maximum number of jobs.", valueName: "count"))
  var limit = 50

  @Flag(help: "Draw the jobs as bars in time, those of the last hour unless --since says otherwise.")
  var timeline = false

  @Option(
    help: ArgumentHelp("Print the log of this runner's job instead.", valueName: "runner"),
    completion: Completions.keptLogs)
  var log: String?

  @Flag(help: "With --log on a terminal, show the runner's own diagnostics too.")
  var allLines = false

  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup var observing: ObservingOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit must be 1 or more.") }
    guard timeline else { return }
    if log != nil { throw ValidationError("--timeline and --log cannot be combined.") }
    if output.form.format != .table, output.form.format != .wide {
      throw ValidationError("--timeline draws text; `deskrun jobs -o json` has the times.")
    }
  }

  func run() async throws {
    let asked = try sessionForSeveral().narrowed(observing, about: name)
    if let log {
      try Session.refuseEmpty(log, "The name of the runner")
      return try write(log: log, asked)
    }
    var undecided: EngineError?
    let sessions: [Session]
    switch name == nil ? nil : try await asked.whereabouts(of: name, within: JobsOnClusters.patience) {
    case nil: sessions = try asked.everywhere()
    case .on(let found)?, .nowhere(let found)?: sessions = [found]
    case .unknown(let some, let error)?: (sessions, undecided) = ([some], error)
    }
    guard let session = sessions.first else { return }
    let configuration = try session.store.load()
    let history = JobHistory(path: session.paths.history)
    let now = SystemTime.secondsSince1970()
    var query = JobQuery()
    (query.isFailed, query.limit, query.since) = (failed, limit, since.map { now - $0.seconds })
    if timeline { (query.limit, query.since) = (Int.max, now - (since?.seconds ?? JobsTimeline.span)) }
    // Jobs are recorded with the context of their installation.
    let places = Set(sessions.flatMap { ([$0.target] + $0.store.standIns.map(\.own)).map(\.place) })
    query.knownPlaces = configuration.places.union(places)
    if asked.isTargetGiven { query.places = places }
    query.namespace = observing.namespace
    if let name { query.otherPlaces = configuration.placesOfOthers(named: name) }
    // The owners of scale sets are only needed for a named installation or for GitHub hosts other than github.com.
    let needsOwners = name != nil || timeline || sessions.count > 1 || !configuration.isOnGitHubCom
    async let running = JobsOnClusters.running(sessions)
    let owners = try await JobsOnClusters.owners(sessions, configuration, asks: needsOwners)
    if let name {
      try Session.refuseEmpty(name)
      let names = owners[0].names(of: name)
      query.scaleSets = names ?? history.scaleSets(ofFormer: name)
      if query.scaleSets?.isEmpty == true {
        if let undecided { throw undecided }
        if configuration.target(named: name) == nil, case .failed = try await running[0] {
          try await session.refuseSilent(name)
        }
        throw session.unknown(name, configuration, owners[0])
      }
    }
    let lookup = history.lookUp(query)
    let clusters = try await JobsOnClusters(
      sessions: sessions, known: query.knownPlaces, owners: owners, answers: running)
    let selection = lookup.selection(
      now: now, ended: clusters.ended(lookup, LogArchive(folder: session.paths.logs)), unnoted: clusters.unnoted,
      hour: LocalClock.hour)
    let shown = Self.ordered(await clusters.timed(selection.newest))
    if shown.isEmpty, let missing = try await asked.missingNamespace(on: sessions) { throw missing }
    // The usual run times are only needed for running jobs in documents.
    let durations =
      output.form.isDocument && shown.contains { $0.result == .running }
      ? JobDurations(history.recent()) : JobDurations()
    let isRecorded = !lookup.scaleSets.isEmpty || !clusters.unnoted.isEmpty
    let whenEmpty: PrintableText = failed && isRecorded ? "No failed jobs found." : clusters.whenEmpty
    func report(_ records: [JobRecord]) -> JobsReport {
      JobsReport(
        records: records, figures: selection.figures, host: clusters.host, now: now, confirmed: clusters.confirmed,
        style: session.console.outputStyle, durations: durations, whenEmpty: whenEmpty)
    }
    if shown.isEmpty, let unknown = clusters.unknown {
      if output.form.isDocument { try report([]).write(output.form, to: session.console) }
      if sessions.count == 1, case .failure(let error)? = unknown.first { throw error }
      return try SeveralClusters.finish(sessions, unknown)
    }
    clusters.tellUnasked()
    if timeline { return try draw(clusters, shown, now, session.console) }
    let isText = output.form.format == .table || output.form.format == .wide
    if isText, sessions.count > 1, !shown.isEmpty {
      for (index, group) in clusters.groups(shown).enumerated() {
        let title = "\(session.console.outputStyle.paint(group.title, .strong))\n" as PrintableText
        try session.console.write(index == 0 ? title : "\n" + title)
        try report(group.records).write(output.form, to: session.console)
      }
    } else {
      try report(shown).write(output.form, to: session.console)
    }
    guard isText, !shown.isEmpty, session.verbosity > .quiet else { return }
    let cut: PrintableText =
      selection.count > shown.count ? "The newest \(shown.count) of \(selection.count). " : ""
    let summary = "\(cut)\(selection.figures.sentence)" as PrintableText
    for line in session.console.errors.columns.map({ summary.wrapped(to: $0) }) ?? [summary] {
      session.console.tell(line)
    }
    if let ended = shown.first(where: { $0.result != .running }) {
      session.console.tell("Show the log of a job: `deskrun jobs --log \(ended.runner)`")
    }
  }

  /// Running jobs first, then the newest: the cluster may have told when a running job started only now.
  private static func ordered(_ records: [JobRecord]) -> [JobRecord] {
    let running = records.enumerated().filter { $0.element.result == .running }.sorted {
      ($1.element.began, $0.offset) < ($0.element.began, $1.offset)
    }
    return running.map(\.element) + records.filter { $0.result != .running }
  }

  private func draw(_ clusters: JobsOnClusters, _ shown: [JobRecord], _ now: Int64, _ console: Console) throws {
    let style = console.outputStyle
    let isOne = clusters.sessions.count == 1
    let groups = isOne ? [(title: "", owners: clusters.owners[0], records: shown)] : clusters.groups(shown)
    var isFirst = true
    for group in groups {
      let drawing = JobsTimeline(
        records: group.records, owners: group.owners, span: since?.seconds ?? JobsTimeline.span, now: now,
        confirmed: clusters.confirmed)
      guard !drawing.blocks.isEmpty else { continue }
      if !isOne {
        let title = "\(style.paint(group.title, .strong))\n\n" as PrintableText
        try console.write(isFirst ? title : "\n" + title)
      }
      isFirst = false
      try console.write(drawing.text(style, width: console.output.columns ?? JobsTimeline.width))
    }
    if isFirst { console.tell(clusters.whenEmpty) }
  }

  private func write(log runner: String, _ session: Session) throws {
    guard try session.writeKeptLog(of: runner, allLines: allLines) else {
      throw EngineError(
        .notFound, "No log of \(SafeText.line(runner)) found",
        why: "logs are kept of jobs that run while a dashboard is open or `deskrun record` runs",
        fix: "`deskrun jobs -o wide` lists the runners; `deskrun logs RUNNER` shows the log of one that is running")
    }
  }
}

/// A time span as typed: `90s`, `30m`, `12h`, `7d`.
struct Age: ExpressibleByArgument {
  let seconds: Int64

  package init?(argument: String) {
    let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    guard let last = argument.last, let unit = units[last], let number = Int64(argument.dropLast()), number > 0,
      number < 1_000_000
    else { return nil }
    seconds = number * unit
  }
}

extension Configuration {
  /// Whether all installations are on github.com.
  fileprivate var isOnGitHubCom: Bool { installations.allSatisfy { $0.target.host == "github.com" } }
}

/// The output of `deskrun jobs`. Its JSON is documented in docs/output.md.
struct JobsReport {
  let records: [JobRecord]
  let figures: JobFigures
  /// The GitHub host of a job; nil for github.com.
  let host: (JobRecord) -> String?
  let now: Int64
  /// The running jobs that are still running for certain.
  let confirmed: ConfirmedJobs
  let style: Style
  var durations = JobDurations()
  /// The text if there are no jobs.
  var whenEmpty = Self.recordingStarts

  /// The text for clusters that answer.
  static let recordingStarts: PrintableText =
    "No jobs found. Jobs are recorded while a dashboard is open or `deskrun record` runs."

  private func isConfirmed(_ record: JobRecord) -> Bool { confirmed.contains(record) }

  /// The estimated progress of a running job.
  private func estimate(_ record: JobRecord) -> JobEstimate? {
    guard record.result == .running, isConfirmed(record), let usual = durations.usual(record.job) else { return nil }
    return JobEstimate(usual, started: record.started, now: now)
  }

  func write(_ form: OutputForm, to console: Console) throws {
    var table = Table([
      .init("RESULT"), .init("JOB", minimum: 20), .init("REPOSITORY", minimum: 10, leavesAt: 4),
      .init("WORKFLOW", minimum: 8, leavesAt: 1), .init("REF", minimum: 6, leavesAt: 2),
      .init("STARTED", leavesAt: 5), .init("TOOK", .trailing, leavesAt: 6), .init("WAITED", .trailing, leavesAt: 3),
      // Needed for `--log`.
      .init("RUNNER"), .init("RUN", onlyWide: true),
    ])
    for record in records {
      table.add([
        .init(word(record), Self.role(record.result)),
        .init(record.job.name + (record.remark.map { ": \($0)" } ?? "")), .init(record.job.repository),
        .init(record.job.workflow), .init(record.job.ref),
        .init(record.started.map { LocalClock.moment($0, now: now) } ?? "-"),
        .init(span(record.took) ?? running(record)),
        .init(waited(record)), .init(record.runner), .init(url(record) ?? "-"),
      ])
    }
    try Listing(
      table: table, document: document, names: records.map(\.runner),
      whenEmpty: whenEmpty
    ).write(form, to: console)
  }

  private func span(_ seconds: Int64?) -> String? { seconds.map { DurationText.short(seconds: Int(clamping: $0)) } }

  private func word(_ record: JobRecord) -> String {
    isConfirmed(record) ? record.result.word : "last seen running"
  }

  /// `≥ 2m10s` if the job may have waited longer.
  private func waited(_ record: JobRecord) -> String {
    guard let span = span(record.waited) else { return "-" }
    return record.isHeldBack ? "\(style.usesUnicode ? "≥" : ">=") \(span)" : span
  }

  private func running(_ record: JobRecord) -> String {
    guard record.result == .running, isConfirmed(record), let started = record.started else { return "-" }
    return span(max(0, now - started)) ?? "-"
  }

  private func url(_ record: JobRecord) -> String? { record.job.url(host: host(record) ?? "github.com") }

  private static func role(_ result: JobResult) -> Role {
    switch result {
    case .succeeded: .good
    case .failed, .lost: .bad
    case .running: .plain
    case .cancelled, .unknown: .faint
    }
  }

  private var document: JSONValue {
    func number(_ value: Int64?) -> JSONValue { value.map { .int(Int($0)) } ?? .null }
    return [
      "jobs": .array(
        records.map {
          Self.document($0, host: host($0), isConfirmed: isConfirmed($0), estimate: estimate($0))
        }),
      "figures": [
        "count": .int(figures.count), "perHour": .double(figures.perHour),
        "successRate": figures.successRate.map(JSONValue.double) ?? .null,
        "runMedianSeconds": number(figures.took?.median), "runP95Seconds": number(figures.took?.p95),
        "waitMedianSeconds": number(figures.waited?.median), "waitP95Seconds": number(figures.waited?.p95),
        "waitIsAtLeast": .bool(figures.isWaitAtLeast),
        "byHour": .array(figures.byHour.map(JSONValue.int)),
      ],
    ]
  }

  /// A job, in the JSON of all commands.
  ///
  /// - Parameters:
  ///   - host: the GitHub host; nil for github.com.
  ///   - isConfirmed: false for a job that was running when last seen, if its cluster did not answer.
  ///   - estimate: the progress of a running job, if known.
  static func document(
    _ record: JobRecord, host: String?, isConfirmed: Bool = true, estimate: JobEstimate? = nil
  ) -> JSONValue {
    func time(_ seconds: Int64?) -> JSONValue { seconds.map { .string(Timestamp.text($0)) } ?? .null }
    func number(_ value: Int64?) -> JSONValue { value.map { .int(Int($0)) } ?? .null }
    return [
      "name": .string(record.job.name), "context": (record.place?.context).map(JSONValue.string) ?? .null,
      "kubeconfig": (record.place?.kubeconfig).map(JSONValue.string) ?? .null,
      "result": .string(record.result.rawValue), "confirmed": .bool(isConfirmed),
      "repository": .string(record.job.repository), "workflow": .string(record.job.workflow),
      "ref": .string(record.job.ref), "runId": record.job.runID.map(JSONValue.int) ?? .null,
      "htmlUrl": record.job.url(host: host ?? "github.com").map(JSONValue.string) ?? .null,
      "scaleSet": .string(ScaleSetID.name(record.scaleSet)),
      "namespace": .string(ScaleSetID.namespace(record.scaleSet)), "runner": .string(record.runner),
      "assignedAt": time(record.assigned),
      "startedAt": time(record.started), "finishedAt": time(record.finished), "runSeconds": number(record.took),
      "waitSeconds": number(record.waited), "waitIsAtLeast": .bool(record.isHeldBack && record.waited != nil),
      "note": record.remark.map(JSONValue.string) ?? .null, "estimate": estimate?.document ?? .null,
    ]
  }
}

extension JobEstimate {
  /// Used in the JSON of all commands.
  var document: JSONValue {
    func number(_ value: Int64?) -> JSONValue { value.map { .int(Int($0)) } ?? .null }
    return [
      "medianSeconds": number(usual.median), "p95Seconds": number(usual.p95), "runs": .int(usual.runs),
      "remainingSeconds": number(remaining),
    ]
  }
}
