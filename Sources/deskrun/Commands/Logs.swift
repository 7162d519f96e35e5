import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// `deskrun logs`.
struct Logs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the logs of an installation's runners, of its listener or of the controller.",
    discussion: """
      EXAMPLES:
          deskrun logs web-ci --follow
          deskrun logs web-ci --listener
          deskrun logs --controller --tail 50

      On a terminal the runner's own diagnostics are left out, which the official image writes among its lines \
      (`[RUNNER …]`, `[WORKER …]` and the message of the job), and groups, errors and warnings of the job are shown as \
      GitHub shows them. A file or pipe is given every byte.
      """)

  @Argument(help: "The installation. Not needed with --controller.", completion: Completions.installationNames)
  var name: String?

  @Flag(name: .shortAndLong, help: "Go on with what comes, also of runners that start later, until ctrl-C.")
  var follow = false

  @Flag(help: "The listener, which asks GitHub for jobs, instead of the runners.")
  var listener = false

  @Flag(help: "The controller, which makes listeners and runners, instead of the runners.")
  var controller = false

  @Option(
    help: ArgumentHelp("Begin with so many of the last lines of each container. Default: all.", valueName: "lines"))
  var tail: Int?

  @Flag(help: "On a terminal, show the runner's own diagnostics too.")
  var allLines = false

  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func validate() throws {
    if listener, controller { throw ValidationError("--listener and --controller contradict each other.") }
    if controller, name != nil {
      throw ValidationError("--controller shows the one controller of all installations; leave out the name.")
    }
    if !controller, name == nil { throw ValidationError("Name an installation, or use --controller.") }
    if let tail, tail < 0 { throw ValidationError("--tail must not be negative.") }
  }

  func run() async throws {
    let session = try Session(global)
    let toolbox = session.watching
    let source = source(try await session.find(name, toolbox))
    let follower = LogFollower(
      api: try toolbox.api(), interval: max(.milliseconds(200), .seconds(2) / session.speed))
    let console = session.console
    let style = console.outputStyle
    // One container needs no name before its lines.
    let isNamed = if case .runners = source { true } else { false }
    let folding = LogFolding(isOn: isNamed && !allLines)
    let jobs = JobLogText()
    let isQuiet = session.verbosity == .quiet
    let write: @Sendable ([LogLine]) async throws -> Void = { lines in
      var text: PrintableText = ""
      let shown = folding.shown(lines)
      if shown.isFirstFold, !isQuiet {
        console.tell("The runner's own diagnostics are left out; --all-lines shows them.")
      }
      for line in shown.lines {
        guard let said = isNamed ? jobs.text(line, style) : "\(line.text)" else { continue }
        if isNamed { text += "\(style.paint(line.pod, .faint))  " }
        text += said + "\n"
      }
      try console.write(text)
    }
    let raw = RawLog(console, isNamed: isNamed)
    // A terminal shows text; a file or pipe is given what the containers wrote.
    let isText = console.output.isTerminal
    if follow {
      Interrupt.endWithReader()
      if session.verbosity > .quiet, try await follower.read(source, tail: 0, { _ in }) == 0 {
        console.tell("Nothing runs yet; lines appear as soon as something does. ctrl-C ends this.")
      }
      if isText {
        try await follower.follow(source, tail: tail, write)
      } else {
        try await follower.followPieces(source, tail: tail) { try raw.write($0, $1) }
      }
      return
    }
    let count =
      if isText { try await follower.read(source, tail: tail, write) } else {
        try await follower.readPieces(source, tail: tail) { try raw.write($0, $1) }
      }
    try raw.finish()
    if count == 0 {
      throw EngineError(
        .notFound,
        controller
          ? "The controller has no log" : "\(name ?? "") has no \(listener ? "listener" : "runner") with a log now",
        fix: "`deskrun status` shows what there is; a runner's log goes with its pod when the job ends")
    }
  }

  private func source(_ named: NamedInstallation?) -> LogFollower.Source {
    guard let named else { return .controller }
    return listener ? .listeners(scaleSets: named.scaleSets) : .runners(scaleSets: named.scaleSets)
  }
}
