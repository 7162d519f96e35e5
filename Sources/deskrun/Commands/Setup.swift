import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// `deskrun setup`.
struct Setup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Install the programs deskrun needs, and show what to do for Docker.",
    discussion: """
      EXAMPLES:
          deskrun setup
        What is missing, without changing anything:
          deskrun setup --dry-run
        Remove what was installed this way:
          deskrun setup --remove

      Downloads kind, kubectl and Helm where PATH has none, or one that is too old, from their publishers over https with \
      curl, in supported versions. Each download must have the SHA-256 checksum that this program knows. \
      They are installed into ~/.deskrun/tools and used by deskrun alone; a program on PATH that is new enough always \
      counts first. A download that was interrupted continues. For Docker it prints the commands that install or start \
      it here; it never runs them. Ends with status 5 or 6 when something is still missing; with --dry-run always with 0.
      """)

  @Flag(help: "Delete what `deskrun setup` installed.")
  var remove = false

  @Flag(help: "Show what would be done, and change nothing.")
  var dryRun = false

  @Flag(name: .shortAndLong, help: "Do not ask for confirmation.")
  var yes = false

  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() async throws {
    let session = try Session(global)
    let source = try ToolSource(environment: session.environment)
    let survey = ToolSurvey(toolbox: session.toolbox)
    guard !session.isDemo, !remove else {
      if session.isDemo {
        session.tell("The demo needs no programs: its kubectl, helm, kind and docker are simulated.")
      } else {
        try removeTools(session)
      }
      guard output.form.isDocument else { return }
      return try SetupReport(
        tools: await survey.tools(), docker: DockerAdvice(try await DockerFacts(session.toolbox)), source: source
      ).write(output.form, to: session.console)
    }
    var tools = try await session.waiting(for: "looking for programs") { try await survey.tools() }
    let docker = DockerAdvice(
      try await session.waiting(for: "asking Docker") { try await DockerFacts(session.toolbox) })
    let wanted = tools.filter { $0.offer != nil }
    if output.form.format == .table || output.form.format == .wide {
      try SetupReport(tools: tools, docker: docker, source: source).write(output.form, to: session.console)
    }
    if !wanted.isEmpty, !dryRun {
      try confirm(wanted, session)
      try await install(wanted, source, session)
      tools = try await session.waiting(for: "looking for programs") { try await survey.tools() }
    }
    switch output.form.format {
    case .json, .yaml, .name:
      try SetupReport(tools: tools, docker: docker, source: source).write(output.form, to: session.console)
    case .table, .wide: break
    }
    tellDocker(docker, session)
    try end(tools, docker, session)
  }

  private func removeTools(_ session: Session) throws {
    let folder = session.paths.tools
    let contents = folder.contents
    guard FileIO.exists(folder.path) else {
      session.tell("Nothing is installed in \(folder.path).")
      return
    }
    guard !dryRun else {
      if output.form.isDocument { return }
      try session.console.write(contents.map { "\(folder.path)/\($0)\n" }.joined())
      return
    }
    let programs = PinnedTools.tools.map(\.rawValue).filter(contents.contains)
    try Prompt(console: session.console, assumesYes: yes).confirm(
      "Delete \(folder.path)?",
      losses: ["Removes: " + (programs.isEmpty ? "incomplete downloads" : programs.joined(separator: ", "))],
      refusal: "Nothing was deleted")
    try folder.delete()
    if session.verbosity > .quiet { session.console.tell("\(folder.path) is deleted.") }
  }

  private func confirm(_ wanted: [SurveyedTool], _ session: Session) throws {
    let lines = wanted.compactMap { tool in
      tool.offer.map { "\($0.tool.rawValue) \($0.version)  \($0.url)" }
    }
    let names = wanted.map(\.tool.rawValue).joined(separator: ", ")
    try Prompt(console: session.console, assumesYes: yes).confirm(
      "Install \(names) into \(session.paths.tools.path)?", losses: lines, refusal: "Nothing was installed")
  }

  private func install(_ wanted: [SurveyedTool], _ source: ToolSource, _ session: Session) async throws {
    let installer = ToolInstaller(
      runner: session.toolbox.runner, environment: session.environment, folder: session.paths.tools, source: source)
    try session.store.prepareFolder()
    let console = session.console
    for (at, tool) in wanted.enumerated() {
      guard let offer = tool.offer else { continue }
      let line = DownloadLine(
        console: console, label: "[\(at + 1)/\(wanted.count)] \(offer.tool.rawValue) \(offer.version)",
        isQuiet: session.verbosity == .quiet)
      do {
        let path = try await installer.install(offer, inPlaceOf: tool.replaced) { line.show($0) }
        // An archive for another platform, or a file system mounted noexec, is detected here.
        _ = try await session.toolbox.versionText(of: offer.tool)
        line.finish("installed as \(path)")
      } catch {
        line.fail()
        throw error
      }
    }
  }

  private func tellDocker(_ docker: DockerAdvice, _ session: Session) {
    guard session.verbosity > .quiet, output.form.format == .table || output.form.format == .wide else { return }
    let console = session.console
    if docker.kind != .ready, !docker.commands.isEmpty {
      console.tell("\n\(docker.title):")
      for command in docker.commands { console.tell("    \(command)") }
    }
    for note in docker.notes { console.tell("\(console.errorStyle.paint("note:", .faint)) \(note)") }
  }

  private func end(_ tools: [SurveyedTool], _ docker: DockerAdvice, _ session: Session) throws {
    let isMissing = tools.contains { !$0.isUsable } || docker.kind == .missing
    if !dryRun, !isMissing, docker.kind == .ready {
      guard session.verbosity > .quiet else { return }
      let isEmpty = ((try? session.store.load())?.installations.isEmpty) ?? true
      session.console.tell(
        isEmpty ? "Nothing is missing. `deskrun add` adds the first runners." : "Nothing is missing.")
      return
    }
    if dryRun { return }
    if isMissing { throw ExitCode(ExitStatus.toolMissing.rawValue) }
    throw ExitCode(ExitStatus.unreachable.rawValue)
  }
}

extension DockerAdvice {
  /// What the commands do.
  fileprivate var title: String {
    switch kind {
    case .ready: "Docker"
    case .missing: "Install Docker"
    case .notRunning: "Start Docker"
    case .notAllowed: "Allow this user to use Docker"
    case .failing: "Docker does not work"
    }
  }
}
