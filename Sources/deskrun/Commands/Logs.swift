import ArgumentParser
import CommandOutput
import CommandSession
import Engine

struct Logs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the logs of runners, of a listener or of the controller.",
    discussion: """
      EXAMPLES:
        All runners of an installation, or one runner by its name:
          deskrun logs web-ci --follow
          deskrun logs web-ci-x7k2p-runner-9fk2c
        What ARC says:
          deskrun logs web-ci --listener
          deskrun logs --controller --tail 50

      On a terminal the runner's own diagnostics are left out, which the official image writes among its lines \
      (`[RUNNER …]`, `[WORKER …]` and the message of the job), and groups, errors and warnings of the job are shown as \
      GitHub shows them. A file or pipe is given every byte.
      """)

  @Argument(
    help: ArgumentHelp(
      "The installation, or one runner or job pod. Not needed with --controller.", valueName: "name"),
    completion: Completions.installationNames)
  var name: String?

  @Flag(name: .shortAndLong, help: "Keep printing new lines, also of runners that start later, until ctrl-C.")
  var follow = false

  @Flag(help: "Show the listener, which gets jobs from GitHub, instead of the runners.")
  var listener = false

  @Flag(help: "Show the controller, which creates listeners and runners, instead of the runners.")
  var controller = false

  @Option(
    help: ArgumentHelp("Start with this many of the last lines of each container. Default: all.", valueName: "lines"))
  var tail: Int?

  @Flag(help: "On a terminal, show the runner's own diagnostics too.")
  var allLines = false

  @OptionGroup var observing: ObservingOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func validate() throws {
    if listener, controller { throw ValidationError("--listener and --controller contradict each other.") }
    if controller, name != nil {
      throw ValidationError("--controller shows the one controller of all installations; leave out the name.")
    }
    if !controller, name == nil { throw ValidationError("Name an installation, or use --controller.") }
    if let tail, tail < 0 { throw ValidationError("--tail must be 0 or more.") }
  }

  func run() async throws {
    let asked = try Session(global).narrowed(observing, about: name)
    let session: Session
    switch name == nil ? .on(try asked.observing()) : try await asked.whereabouts(of: name, mayBeRunner: !listener) {
    case .on(let found), .nowhere(let found): session = found
    case .unknown(let some, let error):
      // The log of a deleted runner may be archived.
      guard let name, !follow, !listener, try some.writeKeptLog(of: name, lastLines: tail, allLines: allLines) else {
        throw error
      }
      return
    }
    let toolbox = follow ? session.watching : session.asking
    guard let (source, follower) = try await source(session, toolbox) else { return }
    let console = session.console
    let style = console.outputStyle
    // A single container needs no name in front of its lines.
    let isNamed = if case .runners = source { true } else { false }
    let isOfPod = if case .pod = source { true } else { false }
    let folding = LogFolding(isOn: (isNamed || isOfPod) && !allLines)
    let jobs = JobLogText()
    let isQuiet = session.verbosity == .quiet
    let write: @Sendable ([LogLine]) async throws -> Void = { lines in
      var text: PrintableText = ""
      let shown = folding.shown(lines)
      if shown.isFirstFold, !isQuiet {
        console.tell("The runner's own diagnostics are left out; --all-lines shows them.")
      }
      for line in shown.lines {
        guard let said = isNamed || isOfPod ? jobs.text(line, style) : "\(line.text)" else { continue }
        if isNamed { text += "\(style.paint(line.pod, .faint))  " }
        text += said + "\n"
      }
      try console.write(text)
    }
    let forget: @Sendable (String) -> Void = { pod in
      folding.forget(pod)
      jobs.forget(pod)
    }
    let raw = RawLog(console, isNamed: isNamed)
    // A terminal gets formatted text; a file or pipe gets the original output.
    let isText = console.output.isTerminal
    if follow {
      Interrupt.endWithReader()
      if session.verbosity > .quiet, try await follower.read(source, tail: 0, { _ in }) == 0 {
        if let other = try await session.otherCluster(of: name) {
          session.tellNote("\(other.what). \(other.fix ?? "")")
        }
        console.tell("Nothing is running yet; lines appear when something starts. Stop with ctrl-C.")
      }
      if isText {
        try await follower.follow(source, tail: tail, write, ended: forget)
      } else {
        try await follower.followPieces(source, tail: tail) { try raw.write($0, $1) }
      }
      return
    }
    let count =
      if isText { try await follower.read(source, tail: tail, write, ended: forget) } else {
        try await follower.readPieces(source, tail: tail) { try raw.write($0, $1) }
      }
    try raw.finish()
    if count == 0 {
      if var other = try await session.otherCluster(of: name) {
        other.kind = .notFound
        throw other
      }
      throw EngineError(
        .notFound,
        controller
          ? "The controller has no log" : "\(name ?? "") has no \(listener ? "listener" : "runner") with a log now",
        fix: "`deskrun status` shows the runners; a runner's pod is deleted with its log when the job ends")
    }
  }

  /// The log to read; nil if an archived log was printed instead.
  private func source(
    _ session: Session, _ toolbox: Toolbox
  ) async throws -> (LogFollower.Source, LogFollower)? {
    func follower() throws -> LogFollower {
      LogFollower(
        api: try toolbox.api(), places: toolbox.places, interval: max(.milliseconds(200), .seconds(2) / session.speed))
    }
    do {
      guard let named = try await session.find(name, toolbox) else { return (.controller, try follower()) }
      let sets = named.scaleSets
      return (listener ? .listeners(scaleSets: sets) : .runners(scaleSets: sets), try follower())
    } catch let error as EngineError {
      // The name may be a runner's: read its pod, or its archived log.
      guard let name, !listener, try session.store.load().target(named: name) == nil else { throw error }
      if error.kind == .notFound, try await session.clusterProblem(toolbox) == nil {
        let follower = try follower()
        if try await !follower.pods(of: .pod(name)).isEmpty { return (.pod(name), follower) }
      }
      if !follow, try session.writeKeptLog(of: name, lastLines: tail, allLines: allLines) { return nil }
      guard error.kind == .notFound else { throw error }
      throw EngineError(
        .notFound, "No installation and no runner \(Sanitizer.line(name)) found", why: error.why,
        fix: (error.fix.map { "\($0). " } ?? "") + "`deskrun status` lists the runners")
    }
  }
}

extension Session {
  /// Prints the archived log of a runner.
  ///
  /// - Parameters:
  ///   - lastLines: the number of lines from the end; nil for all.
  ///   - allLines: whether to include the runner's own diagnostics on a terminal.
  /// - Returns: false if there is no archived log.
  func writeKeptLog(of runner: String, lastLines: Int? = nil, allLines: Bool) throws -> Bool {
    let archive = LogArchive(folder: paths.logs)
    guard let entry = archive.entries().first(where: { $0.runner == runner }),
      let bytes = archive.read(scaleSet: entry.scaleSet, runner: runner)
    else { return false }
    let folding = LogFolding(isOn: console.output.isTerminal && !allLines)
    let all = bytes.split(separator: 0x0A)
    let lines = all.suffix(lastLines ?? all.count)
    guard console.output.isTerminal else {
      // A file or pipe gets the original output.
      let raw = RawLog(console, isNamed: false)
      try raw.write(runner, Array(lines))
      try raw.finish()
      return true
    }
    let jobs = JobLogText()
    let style = console.outputStyle
    for line in lines {
      let shown = folding.shown([LogLine(pod: runner, line, keepsColors: false)])
      if shown.isFirstFold, verbosity > .quiet {
        console.tell("The runner's own diagnostics are left out; --all-lines shows them.")
      }
      for line in shown.lines {
        if let said = jobs.text(line, style) { try console.write(said + "\n") }
      }
    }
    return true
  }
}
