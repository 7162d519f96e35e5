import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// Changes of the service that runs `deskrun record`.
enum ServiceChange: String, CaseIterable, Sendable, EnumerableFlag {
  case installService, uninstallService

  static func help(for value: ServiceChange) -> ArgumentHelp? {
    switch value {
    case .installService:
      ArgumentHelp(
        "Install and start a service of this user that records instead.",
        discussion: "A user unit of systemd, or an agent of launchd. Options are kept; run it again to change them.")
    case .uninstallService: "Stop that service and delete its file. History and logs are kept."
    }
  }
}

extension Record {
  /// Installs or uninstalls the service.
  func change(_ change: ServiceChange, _ session: Session) async throws {
    let services = UserServices(runner: session.toolbox.runner, environment: session.environment)
    let lines: [PrintableText]
    switch change {
    case .installService:
      let file = try await services.install(
        ServiceDefinition(
          .record, executable: try ExecutablePath.lasting(session.environment), options: try serviceOptions,
          environment: session.environment))
      lines = Self.installed(file, outlivesLogin: services.outlivesLogin)
    case .uninstallService:
      if let file = try await services.uninstall(.record) {
        lines = ["The service deskrun-record is stopped and \(file) deleted."]
      } else {
        lines = ["The service is not installed: \(try services.file(.record)) does not exist."]
      }
    }
    guard session.verbosity > .quiet else { return }
    for line in lines { session.console.tell(line) }
  }

  /// The options to pass to the service: clusters, log file, output format and verbosity.
  private var serviceOptions: [String] {
    get throws {
      var options: [String] = []
      for context in global.contexts { options += ["--context", context] }
      if let kubeconfig = global.kubeconfig { options += ["--kubeconfig", try Session.absolute(kubeconfig)] }
      if let file = global.logFile { options += ["--log-file", try Session.absolute(file)] }
      if output.output != .table { options += ["--output", output.output.rawValue] }
      if global.quiet { options.append("--quiet") }
      if global.verbose { options.append("--verbose") }
      return options
    }
  }

  private static func installed(_ file: String, outlivesLogin: Bool?) -> [PrintableText] {
    var lines: [PrintableText] = ["The service deskrun-record is running. Its file: \(file)"]
    #if !canImport(Darwin)
    lines.append("Its log: journalctl --user -u deskrun-record -f")
    if outlivesLogin == false {
      lines.append("It stops when you log out. To keep it running: loginctl enable-linger")
    }
    #endif
    return lines
  }
}
