import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// `deskrun record`.
struct Record: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Keep the history and logs of jobs, without a screen, until it is stopped.",
    discussion: """
      EXAMPLES:
          deskrun record
        In the background, from the start of the computer on: docs/record.md has the unit for systemd.

      ARC deletes a runner with its job. Whoever does not watch meanwhile never learns how the job ended; this watches.
      `deskrun jobs` and the dashboard show what it has seen. It may run beside a dashboard.
      """)

  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() async throws {
    let session = try Session(global)
    let console = session.console
    let isQuiet = session.verbosity == .quiet
    let recorder = JobRecorder(
      toolbox: session.toolbox, history: JobHistory(path: session.paths.history),
      archive: LogArchive(folder: session.paths.logs))
    Interrupt.endWithReader(watchesSockets: false)
    let (failures, failure) = AsyncStream.makeStream(of: StreamClosed.self)
    @Sendable func write(_ word: String, _ record: JobRecord) {
      guard !isQuiet else { return }
      do { try console.write(Self.line(word, record)) } catch { failure.yield(error) }
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await recorder.run { event in
          switch event {
          case .cluster(let state): if !isQuiet { console.tell("\(LocalClock.now()) cluster \(state.words)") }
          case .watch(let trouble):
            console.tell("\(LocalClock.now()) \(trouble?.sentence ?? "The watches of the cluster work again")")
          case .began(let record): write("began", record)
          case .ended(let record): write(record.result.rawValue, record)
          case .problem(let error): console.tell(ErrorReport.text(error, style: console.errorStyle))
          }
        }
      }
      group.addTask { for await failure in failures { throw failure } }
      // To be stopped is how it ends; output that cannot be written ends it too.
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  private static func line(_ word: String, _ record: JobRecord) -> PrintableText {
    let took = record.took.map { " after \(DurationText.short(seconds: Int(clamping: $0)))" } ?? ""
    let note = record.note.map { ": \($0)" } ?? ""
    return "\(LocalClock.now()) \(word)\(took)  \(record.job.name)  \(record.job.repository)  \(record.runner)\(note)\n"
  }
}
