import ArgumentParser
import CommandOutput
import CommandSession
import Engine
import Synchronization

/// `deskrun record`.
struct Record: AsyncParsableCommand, SeveralClusterCommand {
  static let configuration = CommandConfiguration(
    abstract: "Record the history and logs of jobs, without a screen, until it is stopped.",
    discussion: """
      EXAMPLES:
          deskrun record
        In the background, from now on and after each login:
          deskrun record --install-service
        Stop that:
          deskrun record --uninstall-service

      All clusters that installations live on are recorded, those that are added later too; --context, which may be \
      repeated, records others. One that does not answer, or whose kubeconfig is missing, is waited for; only a context \
      given with --context must exist.

      It ends with status 0 when it is asked to stop: with ctrl-C, or with SIGTERM as by systemd.

      ARC deletes a runner with its job. How the job ended is known only to what was watching; this watches.
      `deskrun jobs` and the dashboard show what it has seen. It may run beside a dashboard. It also says when a finding \
      of `deskrun why` starts and when it is resolved; with -o json, each event is an object on a line.
      """)

  @Flag(exclusivity: .exclusive)
  var service: ServiceChange?

  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup var observing: ObservingOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func validate() throws {
    if service != nil, global.demo.isOn {
      throw ValidationError("A service records a real cluster; leave out the options of the demo.")
    }
  }

  func run() async throws {
    let asked = try sessionForSeveral().narrowed(observing)
    if let service { return try await change(service, asked.observing()) }
    Interrupt.endWithReader(watchesSockets: false)
    let (all, news) = AsyncStream.makeStream(of: News.self)
    let clusters = try asked.everywhere()
    if asked.isTargetGiven {
      for session in clusters {
        if let error = try await ClusterInspector(toolbox: session.toolbox).absentContext() {
          throw session.completed(error)
        }
      }
    }
    for session in clusters { news.yield(.cluster(session)) }
    let naming = Naming(isOn: clusters.count > 1)
    let form = output.form.format
    // To be stopped is its normal end, for a service too. Whether the cancellation arrives here or in one of its tasks
    // first makes no difference.
    do {
      try await recordAll(asked, clusters, all, news, naming, form)
    } catch is CancellationError {} catch let error as EngineError where error.kind == .interrupted {}
    // A reader that left, or a second signal, is handled as in all commands.
    if Interrupt.readerIsGone || Interrupt.signal == nil { throw CancellationError() }
  }

  /// Records until the task is canceled, or until the output cannot be written.
  private func recordAll(
    _ asked: Session, _ clusters: [Session], _ all: AsyncStream<News>, _ news: AsyncStream<News>.Continuation,
    _ naming: Naming, _ form: OutputFormat
  ) async throws {
    try await withThrowingDiscardingTaskGroup { group in
      defer { group.cancelAll() }
      if !asked.isTargetGiven {
        group.addTask { await Self.watch(asked, known: clusters.map(\.target)) { news.yield(.cluster($0)) } }
      }
      var count = 0
      for await item in all {
        switch item {
        case .failed(let error): throw error
        case .cluster(let session):
          count += 1
          if count > 1 { naming.begin() }
          let isOneOfSeveral = clusters.count > 1 || count > 1
          group.addTask {
            do {
              try await Self.record(session, form, isOneOfSeveral, naming) { news.yield(.failed($0)) }
            } catch { news.yield(.failed(error)) }
          }
        }
      }
    }
  }

  /// Whether lines include their cluster: once there are several, this includes the first.
  private final class Naming: Sendable {
    private let state: Lock<Bool>

    init(isOn: Bool) { state = Lock(isOn) }

    var isOn: Bool { state.withLock { $0 } }
    func begin() { state.withLock { $0 = true } }
  }

  /// An event while recording.
  private enum News: Sendable {
    /// A cluster to record.
    case cluster(Session)
    /// Recording cannot continue.
    case failed(any Error)
  }

  /// The interval for checking whether the configuration uses another cluster.
  private static let reading: Duration = .seconds(10)

  /// Reports clusters that the configuration started to use since recording started.
  private static func watch(
    _ asked: Session, known: [ClusterTarget], _ tell: @Sendable (Session) -> Void
  ) async {
    var known = known
    while !Task.isCancelled {
      try? await Task.sleep(for: reading)
      for session in (try? asked.everywhere()) ?? [] where !known.contains(session.target) {
        known.append(session.target)
        tell(session)
      }
    }
  }

  /// Records one cluster until the task is canceled.
  private static func record(
    _ session: Session, _ format: OutputFormat, _ isOneOfSeveral: Bool, _ naming: Naming,
    _ failed: @escaping @Sendable (StreamClosed) -> Void
  ) async throws {
    let toolbox = session.watching
    let recorder = JobRecorder(toolbox: toolbox, store: session.store, isOneOfSeveral: isOneOfSeveral)
    let report = RecordReport(
      console: session.console, isQuiet: session.verbosity == .quiet, format: format,
      place: session.target.place, isNamed: { naming.isOn },
      host: { recorder.host(ofScaleSet: $0) })
    try await recorder.run { event in
      do throws(StreamClosed) { try report.tell(event) } catch { failed(error) }
    }
  }
}

/// The output of `deskrun record`. Its JSON is documented in docs/output.md.
struct RecordReport: Sendable {
  let console: Console
  let isQuiet: Bool
  let format: OutputFormat
  /// The cluster.
  let place: ClusterPlace
  /// Whether lines include the cluster: if others are recorded too.
  var isNamed: @Sendable () -> Bool = { false }
  /// The GitHub host of a scale set; nil for github.com.
  let host: @Sendable (String) -> String?

  private var context: String { place.context }

  func tell(_ event: JobRecorder.Event) throws(StreamClosed) {
    switch format {
    case .json: try write(document(event)) { PrintableText(json: $0, pretty: false) }
    case .yaml: try write(document(event)) { PrintableText(yaml: $0, isOneOfMany: true) }
    case .name, .table, .wide: try tellPeople(event)
    }
    if case .problem(let error) = event {
      console.tell(ErrorReport.text(error, style: console.errorStyle))
    }
    // Not an event of the cluster, but a notice of events that will be missing.
    if case .limits(let limits) = event {
      console.tell(
        "\(LocalClock.now()) \(limits.map { "Not recorded: \($0.sentence)" } ?? "Everything can be read again")")
    }
  }

  private func write(_ document: JSONValue?, _ text: (JSONValue) -> PrintableText) throws(StreamClosed) {
    if let document { try console.write(text(document)) }
  }

  /// The time, and the cluster if there are several.
  private var head: PrintableText {
    isNamed() ? "\(LocalClock.now()) \(context)" : "\(LocalClock.now())"
  }

  private func tellPeople(_ event: JobRecorder.Event) throws(StreamClosed) {
    switch event {
    case .cluster(let state): if !isQuiet { console.tell("\(head) cluster \(state.words)") }
    case .watch(let trouble):
      console.tell("\(head) \(trouble?.sentence ?? "The watches of the cluster work again")")
    case .limits: break
    case .began(let record): if !isQuiet { try console.write(line("began", record)) }
    case .ended(let record): if !isQuiet { try console.write(line(record.result.word, record)) }
    case .finding(let change): if !isQuiet { try console.write(line(change)) }
    case .problem: break
    }
  }

  private func line(_ word: String, _ record: JobRecord) -> PrintableText {
    let took = record.took.map { " after \(DurationText.short(seconds: Int(clamping: $0)))" } ?? ""
    let note = record.remark.map { ": \($0)" } ?? ""
    return "\(head) \(word)\(took)  \(record.job.name)  \(record.job.repository)  \(record.runner)\(note)\n"
  }

  private func line(_ change: FindingNews.Change) -> PrintableText {
    let style = console.outputStyle
    switch change {
    case .started(let finding):
      let mark = style.paint(finding.severity == .bad ? .failing : .warning)
      return "\(head) \(mark) \(finding.title)  (\(finding.rule.rawValue))\n"
    case .gone(let finding):
      return "\(head) \(style.paint(.healthy)) gone: \(finding.title)  (\(finding.rule.rawValue))\n"
    }
  }

  private func document(_ finding: Finding) -> JSONValue {
    FindingsReport.document(console.invocation.completing(finding), context: context, console.invocation)
  }

  /// An event as a JSON object; nil for events that are reported as errors.
  private func document(_ event: JobRecorder.Event) -> JSONValue? {
    func object(_ name: String, _ key: String, _ value: JSONValue) -> JSONValue {
      [
        "time": .string(Timestamp.text(SystemTime.secondsSince1970())), "event": .string(name),
        "context": .string(context), key: value,
      ]
    }
    func job(_ record: JobRecord) -> JSONValue {
      var record = record
      record.place = record.place ?? place
      return JobsReport.document(record, host: host(record.scaleSet))
    }
    return switch event {
    case .cluster(let state): object("cluster", "cluster", StatusReport.document(state, context: context))
    case .watch(let trouble): object("watch", "reason", trouble.map { .string($0.sentence) } ?? .null)
    case .began(let record): object("jobStarted", "job", job(record))
    case .ended(let record): object("jobEnded", "job", job(record))
    case .finding(.started(let finding)): object("findingStarted", "finding", document(finding))
    case .finding(.gone(let finding)): object("findingGone", "finding", document(finding))
    case .problem, .limits: nil
    }
  }
}
