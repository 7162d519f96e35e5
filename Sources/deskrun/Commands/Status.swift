import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// `deskrun status`.
struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the cluster, the controller and what each runner is doing.",
    discussion: """
      EXAMPLES:
          deskrun status
          deskrun status web-ci --watch
          deskrun status -o json
          deskrun status --exit-code >/dev/null || echo "runners need help"
      """)

  @Argument(help: "Show this installation alone.", completion: Completions.installationNames)
  var name: String?

  @Flag(name: .shortAndLong, help: "Go on and show each change, until ctrl-C.")
  var watch = false

  @Flag(
    help:
      "End with status \(ExitStatus.unwell.rawValue) when something keeps jobs from running; `deskrun why` says more.")
  var exitCode = false

  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() async throws {
    let session = try Session(global)
    let report = try await session.status(of: name)
    try write(report, session.console)
    if watch { try await follow(report, session) }
    if let problem = report.problem { throw problem }
    if exitCode, report.installations.contains(where: { $0.problem?.severity == .bad }) {
      throw ExitCode(ExitStatus.unwell.rawValue)
    }
  }

  private func write(_ report: StatusReport, _ console: Console) throws {
    let form = output.form
    switch form.format {
    case .json: try console.write(PrintableText(json: report.document, pretty: !watch))
    case .yaml: try console.write((watch ? "---\n" : "") + PrintableText(yaml: report.document))
    case .name: try console.write(report.installations.map { "\($0.name)\n" }.joined())
    case .table, .wide:
      try console.writeReport(
        report.text(
          console.outputStyle, width: console.output.columns, wide: form.format == .wide, headers: form.headers))
    }
  }

  /// Prints what changes until the command is stopped.
  private func follow(_ first: StatusReport, _ session: Session) async throws {
    Interrupt.endWithReader()
    var current = first
    let style = session.console.outputStyle
    let interval = max(.milliseconds(200), .seconds(2) / session.speed)
    var backoff = Backoff(first: interval)
    var wait = interval
    while true {
      try await Task.sleep(for: wait)
      let next = try await session.status(of: name)
      let changes = StatusWatch.changes(from: current, to: next)
      for change in changes {
        switch output.form.format {
        case .json: try session.console.write(PrintableText(json: change.document, pretty: false))
        case .yaml: try session.console.write("---\n" + PrintableText(yaml: change.document))
        default:
          try session.console.write("\(LocalClock.now()) \(style.paint(change.mark)) \(change.text)\n")
        }
      }
      // A cluster that does not answer is asked less and less often.
      if next.cluster.isReady { backoff = Backoff(first: interval) }
      wait = next.cluster.isReady ? interval : max(interval, backoff.next())
      if next.snapshot != nil || current.snapshot == nil { current = next } else { current.cluster = next.cluster }
    }
  }
}

extension Session {
  /// The status of one installation or of all.
  ///
  /// - Throws: `EngineError` of kind `notFound` when neither the configuration nor the cluster has that name.
  func status(of name: String?) async throws -> StatusReport {
    let configuration = try store.load()
    let inspector = ClusterInspector(toolbox: toolbox)
    var cluster = try await inspector.state()
    var snapshot: Snapshot?
    if cluster.isReady {
      do {
        snapshot = try await SnapshotReader(api: try toolbox.kubectl()).read(now: SystemTime.secondsSince1970())
      } catch let error as EngineError {
        cluster = .unreachable(error)
      }
    }
    var installations = InstallationStatus.all(configuration.installations, snapshot)
    for index in installations.indices {
      let fix = installations[index].problem?.fix
      installations[index].problem?.fix = fix.map(console.invocation.text)
    }
    if let name {
      let wanted = try self.name(name)
      installations.removeAll { $0.name != wanted.description }
      if installations.isEmpty { throw Deployer.unknown(wanted, configuration) }
    }
    return StatusReport(context: target.context, cluster: cluster, snapshot: snapshot, installations: installations)
  }
}

extension StatusReport {
  /// Why the cluster could not be asked.
  var problem: EngineError? {
    let what = "The cluster \(context) is \(cluster.words)"
    switch cluster {
    case .ready: return nil
    case .absent: return EngineError(.unreachable, what, fix: "`deskrun up` creates it")
    case .stopped, .paused: return EngineError(.unreachable, what, fix: "`deskrun up` starts it")
    case .unreachable(let error), .dockerUnavailable(let error), .toolMissing(let error): return error
    }
  }
}
