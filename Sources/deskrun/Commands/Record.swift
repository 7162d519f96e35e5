import ArgumentParser
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
    try await recorder.run { event in
      switch event {
      case .cluster(let state): if !isQuiet { console.tell("\(LocalClock.now()) cluster \(state.words)") }
      case .watch(let trouble):
        console.tell("\(LocalClock.now()) \(trouble?.sentence ?? "The watches of the cluster work again")")
      case .began(let record): Self.tell("began", record, console, isQuiet)
      case .ended(let record): Self.tell(record.result.rawValue, record, console, isQuiet)
      case .problem(let error): console.tell(ErrorReport.text(error, style: console.errorStyle))
      }
    }
    // To be stopped is how it ends.
  }

  private static func tell(_ word: String, _ record: JobRecord, _ console: Console, _ isQuiet: Bool) {
    guard !isQuiet else { return }
    let took = record.took.map { " after \(DurationText.short(seconds: Int(clamping: $0)))" } ?? ""
    let note = record.note.map { ": \($0)" } ?? ""
    try? console.write(
      "\(LocalClock.now()) \(word)\(took)  \(record.job.name)  \(record.job.repository)  \(record.runner)\(note)\n")
  }
}
