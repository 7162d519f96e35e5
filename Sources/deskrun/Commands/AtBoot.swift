import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// Options of `deskrun up` for starting the cluster at boot.
struct BootOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      "Start the stopped cluster and nothing else.",
      discussion: "Waits up to five minutes for Docker. Creates nothing and deletes nothing: what the service runs."))
  var atBoot = false

  @Flag(help: "Install a service of systemd that runs `deskrun up --at-boot` when your session starts.")
  var installService = false

  @Flag(help: "Remove that service.")
  var uninstallService = false

  func validate() throws {
    if [atBoot, installService, uninstallService].filter({ $0 }).count > 1 {
      throw ValidationError("--at-boot, --install-service and --uninstall-service exclude each other.")
    }
  }

  /// Whether one of them is set: then the rest of `up` does not run.
  var isGiven: Bool { atBoot || installService || uninstallService }

  func run(_ session: Session, _ plan: PlanOptions, _ output: OutputForm) async throws {
    let session = try session.onKindCluster()
    if installService { return try await install(session, plan) }
    if uninstallService { return try await remove(session, plan) }
    try await start(session, plan, output)
  }

  private func services(_ session: Session) -> UserServices {
    UserServices(runner: session.toolbox.runner, environment: session.environment)
  }

  private func install(_ session: Session, _ plan: PlanOptions) async throws {
    if session.isDemo {
      throw EngineError(.invalid, "The demo's cluster is not started with the computer", fix: "Leave out --demo")
    }
    guard session.target.kindCluster != nil else {
      throw EngineError(
        .invalid, "\(session.target.context) is no kind cluster, so deskrun does not start it",
        fix: "Start it the way it was created")
    }
    #if canImport(Darwin)
    throw EngineError(
      .invalid, "The service is a unit of systemd, which macOS does not have",
      fix: "Have Docker Desktop or Colima start with your session, and run `deskrun up` when the cluster is stopped")
    #else
    let definition = ServiceDefinition(
      .up, executable: try ExecutablePath.lasting(session.environment), environment: session.environment)
    let services = services(session)
    guard !plan.dryRun else {
      let (file, unit) = (try services.file(.up), try definition.unit())
      return try session.console.write("# \(file)\n\(PrintableText(lines: unit))")
    }
    let path = try await services.install(definition)
    guard session.verbosity > .quiet else { return }
    session.console.tell("\(path) is installed. It starts the cluster when your session starts.")
    if services.outlivesLogin != true {
      session.console.tell("To start it with the computer, before you log in: loginctl enable-linger")
    }
    #endif
  }

  private func remove(_ session: Session, _ plan: PlanOptions) async throws {
    let services = services(session)
    if plan.dryRun, services.installed().contains(.up) {
      return session.console.tell("Removes \(try services.file(.up)).")
    }
    guard !plan.dryRun, let path = try await services.uninstall(.up) else {
      session.tell("The service is not installed.")
      return
    }
    if session.verbosity > .quiet { session.console.tell("\(path) is removed.") }
  }

  private func start(_ session: Session, _ plan: PlanOptions, _ output: OutputForm) async throws {
    guard session.target.kindCluster != nil else {
      session.tell("\(session.target.context) is no kind cluster; nothing is started.")
      return
    }
    try await Self.waitForDocker(session)
    let state = try await ClusterInspector(toolbox: session.toolbox).state()
    switch state {
    case .ready:
      session.tell("\(session.target.context) is already running.")
      return
    case .absent, .halfCreated:
      session.console.tell("\(session.target.context) is \(state.words); `deskrun up` creates it.")
      return
    case .toolMissing(let error), .dockerUnavailable(let error): throw error
    case .stopped, .paused, .starting, .unreachable, .contextMissing: break
    }
    try await PlanRun(session: session, options: plan, output: output)("up", .createCluster)
  }

  /// The engine starts concurrently, and a user unit cannot be ordered after a system unit.
  private static func waitForDocker(_ session: Session) async throws {
    let docker = try session.toolbox.docker()
    let end = ContinuousClock.now + .seconds(300)
    try await session.waiting(for: "waiting for Docker") {
      while let problem = try await docker.state().problem {
        guard problem.kind == .unreachable, ContinuousClock.now < end else { throw problem }
        try await Task.sleep(for: .seconds(2))
      }
    }
  }
}
