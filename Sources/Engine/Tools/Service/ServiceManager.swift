import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What starts services for a user.
package enum ServiceManager: Sendable, CaseIterable {
  case systemd, launchd

  /// One call of its program.
  package struct Step: Sendable, Equatable {
    package var arguments: [String]
    /// Whether a failure is expected: to stop what does not run.
    package var mayFail = false
  }

  /// The service's name for systemd.
  package static let unit = "deskrun-record.service"
  /// The service's name for launchd.
  package static let label = "deskrun.record"

  /// Its program.
  package var program: String {
    switch self {
    case .systemd: "systemctl"
    case .launchd: "launchctl"
    }
  }

  /// The file of the service.
  ///
  /// - Throws: `EngineError` of kind `configuration` where nothing says where the user's files are.
  package func file(_ environment: [String: String]) throws(EngineError) -> String {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
    if self == .systemd, let settings = value("XDG_CONFIG_HOME") { return "\(settings)/systemd/user/\(Self.unit)" }
    guard let home = value("HOME") else {
      throw EngineError(
        .configuration, "There is no place for the service's file", why: "HOME is not set", fix: "Set HOME")
    }
    switch self {
    case .systemd: return "\(home)/.config/systemd/user/\(Self.unit)"
    case .launchd: return "\(home)/Library/LaunchAgents/\(Self.label).plist"
    }
  }

  /// The text of that file.
  package func text(_ definition: ServiceDefinition) throws(EngineError) -> String {
    switch self {
    case .systemd: try definition.unit()
    case .launchd: try definition.propertyList()
    }
  }

  /// What starts the service once its file is written; also when it runs already, with another file.
  package func starting(_ file: String) -> [Step] {
    switch self {
    case .systemd:
      [
        Step(arguments: ["--user", "daemon-reload"]), Step(arguments: ["--user", "enable", Self.unit]),
        Step(arguments: ["--user", "restart", Self.unit]),
      ]
    case .launchd:
      [
        Step(arguments: ["bootout", "\(domain)/\(Self.label)"], mayFail: true),
        Step(arguments: ["bootstrap", domain, file]),
      ]
    }
  }

  /// What stops it before its file is deleted, and what is left to do after that.
  package func stopping(_ file: String) -> (before: [Step], after: [Step]) {
    switch self {
    case .systemd:
      (
        [Step(arguments: ["--user", "disable", "--now", Self.unit])],
        [Step(arguments: ["--user", "daemon-reload"])]
      )
    case .launchd: ([Step(arguments: ["bootout", "\(domain)/\(Self.label)"], mayFail: true)], [])
    }
  }

  private var domain: String { "gui/\(getuid())" }

  /// What to do when its program fails.
  package func fix(_ environment: [String: String]) -> String? {
    guard self == .systemd, environment["XDG_RUNTIME_DIR"]?.isEmpty != false else { return nil }
    return
      "XDG_RUNTIME_DIR is not set, as after su: log in as this user, or export XDG_RUNTIME_DIR=/run/user/\(getuid())"
  }
}
