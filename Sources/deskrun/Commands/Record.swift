import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// `deskrun record`.
struct Record: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Record the history and logs of jobs, without a screen, until it is stopped.",
    discussion: """
      EXAMPLES:
          deskrun record
        In the background, from now on and after each login:
          deskrun record --install-service
        Stop that:
          deskrun record --uninstall-service

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
    let session = try Session(global).narrowed(observing).observing()
    if let service { return try await change(service, session) }
    let recorder = JobRecorder(toolbox: session.watching, store: session.store)
    let report = RecordReport(
      console: session.console, isQuiet: session.verbosity == .quiet, format: output.form.format,
      context: session.target.context, host: { recorder.host(ofScaleSet: $0) })
    Interrupt.endWithReader(watchesSockets: false)
    let (failures, failure) = AsyncStream.makeStream(of: StreamClosed.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await recorder.run { event in
          do throws(StreamClosed) { try report.tell(event) } catch { failure.yield(error) }
        }
      }
      group.addTask { for await failure in failures { throw failure } }
      // To be stopped is how it ends; output that cannot be written ends it too.
      defer { group.cancelAll() }
      try await group.next()
    }
  }
}

/// What `deskrun record` writes. Its JSON is documented in docs/output.md.
struct RecordReport: Sendable {
  let console: Console
  let isQuiet: Bool
  let format: OutputFormat
  /// The kubeconfig context of the cluster that is watched.
  let context: String
  /// The host of GitHub of a scale set; nil for github.com.
  let host: @Sendable (String) -> String?

  func tell(_ event: JobRecorder.Event) throws(StreamClosed) {
    switch format {
    case .json: try write(document(event)) { PrintableText(json: $0, pretty: false) }
    case .yaml: try write(document(event)) { PrintableText(yaml: $0, isOneOfMany: true) }
    case .name, .table, .wide: try tellPeople(event)
    }
    if case .problem(let error) = event {
      console.tell(ErrorReport.text(error, style: console.errorStyle))
    }
    // It is no event of the cluster's, but what is missing among them.
    if case .limits(let limits) = event {
      console.tell(
        "\(LocalClock.now()) \(limits.map { "Not recorded: \($0.sentence)" } ?? "Everything can be read again")")
    }
  }

  private func write(_ document: JSONValue?, _ text: (JSONValue) -> PrintableText) throws(StreamClosed) {
    if let document { try console.write(text(document)) }
  }

  private func tellPeople(_ event: JobRecorder.Event) throws(StreamClosed) {
    switch event {
    case .cluster(let state): if !isQuiet { console.tell("\(LocalClock.now()) cluster \(state.words)") }
    case .watch(let trouble):
      console.tell("\(LocalClock.now()) \(trouble?.sentence ?? "The watches of the cluster work again")")
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
    return "\(LocalClock.now()) \(word)\(took)  \(record.job.name)  \(record.job.repository)  \(record.runner)\(note)\n"
  }

  private func line(_ change: FindingNews.Change) -> PrintableText {
    let style = console.outputStyle
    switch change {
    case .started(let finding):
      let mark = style.paint(finding.severity == .bad ? .failing : .warning)
      return "\(LocalClock.now()) \(mark) \(finding.title)  (\(finding.rule.rawValue))\n"
    case .gone(let finding):
      return "\(LocalClock.now()) \(style.paint(.healthy)) gone: \(finding.title)  (\(finding.rule.rawValue))\n"
    }
  }

  private func document(_ finding: Finding) -> JSONValue {
    FindingsReport.document(console.invocation.completing(finding), context: context, console.invocation)
  }

  /// An event as one object; nil for what is told as an error.
  private func document(_ event: JobRecorder.Event) -> JSONValue? {
    func object(_ name: String, _ key: String, _ value: JSONValue) -> JSONValue {
      [
        "time": .string(Timestamp.text(SystemTime.secondsSince1970())), "event": .string(name),
        "context": .string(context), key: value,
      ]
    }
    return switch event {
    case .cluster(let state): object("cluster", "cluster", StatusReport.document(state, context: context))
    case .watch(let trouble): object("watch", "reason", trouble.map { .string($0.sentence) } ?? .null)
    case .began(let record):
      object("jobStarted", "job", JobsReport.document(record, host: host(record.scaleSet)))
    case .ended(let record):
      object("jobEnded", "job", JobsReport.document(record, host: host(record.scaleSet)))
    case .finding(.started(let finding)): object("findingStarted", "finding", document(finding))
    case .finding(.gone(let finding)): object("findingGone", "finding", document(finding))
    case .problem, .limits: nil
    }
  }
}
