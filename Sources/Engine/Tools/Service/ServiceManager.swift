import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The system's manager of user services.
package enum ServiceManager: Sendable, CaseIterable {
  case systemd, launchd

  /// A call of the service manager's program.
  package struct Step: Sendable, Equatable {
    package var arguments: [String]
    /// Whether a failure is expected, as when stopping what is not running.
    package var mayFail = false
  }

  /// The service manager of this system.
  package static var current: ServiceManager {
    #if canImport(Darwin)
    .launchd
    #else
    .systemd
    #endif
  }

  package var program: String {
    switch self {
    case .systemd: "systemctl"
    case .launchd: "launchctl"
    }
  }

  /// The file of a service.
  ///
  /// - Throws: `EngineError` of kind `configuration` if the location of the user's files is unknown.
  package func file(_ service: OwnService, _ environment: [String: String]) throws(EngineError) -> String {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
    if self == .systemd, let settings = value("XDG_CONFIG_HOME") { return "\(settings)/systemd/user/\(service.unit)" }
    guard let home = value("HOME") else {
      throw EngineError(
        .configuration, "No folder found for the service's file", why: "HOME is not set", fix: "Set HOME")
    }
    switch self {
    case .systemd: return "\(home)/.config/systemd/user/\(service.unit)"
    case .launchd: return "\(home)/Library/LaunchAgents/\(service.label).plist"
    }
  }

  /// The contents of that file.
  package func text(_ definition: ServiceDefinition) throws(EngineError) -> String {
    switch self {
    case .systemd: try definition.unit()
    case .launchd: try definition.propertyList()
    }
  }

  /// The steps that make the service start with the user's session once its file is written. One that keeps running is
  /// also started now, or restarted if it already runs with another file.
  package func starting(_ service: OwnService, _ file: String) -> [Step] {
    switch self {
    case .systemd:
      [
        Step(arguments: ["--user", "daemon-reload"]), Step(arguments: ["--user", "enable", service.unit]),
      ] + (service.isOneShot ? [] : [Step(arguments: ["--user", "restart", service.unit])])
    case .launchd:
      [
        Step(arguments: ["bootout", "\(domain)/\(service.label)"], mayFail: true),
        Step(arguments: ["bootstrap", domain, file]),
      ]
    }
  }

  /// The steps to stop it before its file is deleted, and those after that. A service that does its work and ends is
  /// not running, so its file can be deleted whatever the manager reports.
  package func stopping(_ service: OwnService) -> (before: [Step], after: [Step]) {
    switch self {
    case .systemd:
      (
        [Step(arguments: ["--user", "disable", "--now", service.unit], mayFail: service.isOneShot)],
        [Step(arguments: ["--user", "daemon-reload"], mayFail: true)]
      )
    case .launchd: ([Step(arguments: ["bootout", "\(domain)/\(service.label)"], mayFail: true)], [])
    }
  }

  /// What the manager leaves next to the file if it could not be asked to disable the service.
  package func link(_ service: OwnService, beside file: String) -> String? {
    self == .systemd ? "\(FileIO.split(file).folder)/default.target.wants/\(service.unit)" : nil
  }

  private var domain: String { "gui/\(getuid())" }

  /// What to do if its program fails.
  package func fix(_ environment: [String: String]) -> String? {
    guard self == .systemd else { return nil }
    guard environment["XDG_RUNTIME_DIR"]?.isEmpty != false else {
      return "Run it in a session of this user: after su or sudo the systemd of the user does not answer"
    }
    return
      "XDG_RUNTIME_DIR is not set, as after su: log in as this user, or export XDG_RUNTIME_DIR=/run/user/\(getuid())"
  }
}
