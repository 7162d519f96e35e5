import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A unit of systemd that belongs to the user: text, place, switching on and off.
package struct UserService: Sendable, Equatable {
  /// `deskrun-up`.
  package var name: String
  /// What it does, in a few words.
  package var summary: String
  /// The program, absolute, and its arguments.
  package var command: [String]
  /// Variables the program gets.
  package var environment: [(name: String, value: String)] = []
  /// Whether the program does something and ends; else it goes on, and is started again when it fails.
  package var isOneShot = false

  package init(
    name: String, summary: String, command: [String], environment: [(name: String, value: String)] = [],
    isOneShot: Bool = false
  ) {
    (self.name, self.summary, self.command) = (name, summary, command)
    (self.environment, self.isOneShot) = (environment, isOneShot)
  }

  package static func == (a: UserService, b: UserService) -> Bool { a.name == b.name && a.unit == b.unit }

  /// What the first line of every unit of deskrun's is: by it deskrun knows its own.
  package static let mark = "# Written by deskrun; `deskrun uninstall` removes it."

  /// The variables of an environment that decide what deskrun works on. None of them is a secret.
  package static func kept(of environment: [String: String]) -> [(name: String, value: String)] {
    ["PATH", "DESKRUN_HOME", "KUBECONFIG", "DOCKER_HOST", "XDG_CACHE_HOME", "KIND_EXPERIMENTAL_PROVIDER"].compactMap {
      name in environment[name].flatMap { $0.isEmpty ? nil : (name, $0) }
    }
  }

  /// The unit file.
  package var unit: String {
    var lines = [
      Self.mark, "[Unit]", "Description=\(SafeText.line(summary).replacing("%", with: "%%"))", "", "[Service]",
    ]
    lines.append(isOneShot ? "Type=oneshot" : "Restart=on-failure")
    if !isOneShot { lines += ["RestartSec=30", "Nice=10"] }
    for (name, value) in environment {
      lines.append("Environment=\(Self.quoted("\(name)=\(value)", isCommand: false))")
    }
    lines.append("ExecStart=" + command.map { Self.quoted($0, isCommand: true) }.joined(separator: " "))
    lines += ["", "[Install]", "WantedBy=default.target"]
    return lines.joined(separator: "\n") + "\n"
  }

  /// A word as systemd reads it back (systemd.syntax(7), systemd.service(5)).
  static func quoted(_ word: String, isCommand: Bool) -> String {
    var text = word.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("%", with: "%%")
    if isCommand { text = text.replacing("$", with: "$$") }
    let isPlain = text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_./=:@+,%$".utf8.contains($0) }
    return isPlain && !text.isEmpty ? text : "\"\(text)\""
  }

  /// Where units of the user lie; nil where no home is known.
  package static func folder(_ environment: [String: String]) -> String? {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
    return (value("XDG_CONFIG_HOME") ?? value("HOME").map { $0 + "/.config" }).map { $0 + "/systemd/user" }
  }

  /// Where the unit of this name lies.
  package static func path(_ name: String, _ environment: [String: String]) -> String? {
    folder(environment).map { "\($0)/\(name).service" }
  }
}

/// Installs and removes units of the user.
package struct UserServices: Sendable {
  package let runner: any ToolRunner
  package let environment: [String: String]

  package init(runner: any ToolRunner, environment: [String: String]) {
    (self.runner, self.environment) = (runner, environment)
  }

  /// Writes a unit and has systemd start it with the next session of the user.
  ///
  /// - Parameter now: whether it is started at once, too.
  /// - Returns: the unit's file.
  /// - Throws: `EngineError`, `CancellationError`.
  package func install(_ service: UserService, now: Bool = false) async throws -> String {
    let systemctl = try systemctl()
    guard let path = UserService.path(service.name, environment) else { throw Self.homeless }
    if FileIO.exists(path), !Self.isOurs(path) {
      throw EngineError(
        .invalid, "\(path) exists, and deskrun did not write it", fix: "Move it away, then run the same command again")
    }
    let isNew = !FileIO.exists(path)
    do throws(FileIO.Failure) {
      try Self.makeFolder(FileIO.split(path).folder)
      try FileIO.replace(path, with: Array(service.unit.utf8))
      chmod(path, 0o644)
    } catch {
      throw EngineError(.failed, "\(path) cannot be written", why: error.reason, fix: "Check who owns its folder")
    }
    do {
      try await call(systemctl, ["daemon-reload"])
      try await call(systemctl, ["enable"] + (now ? ["--now"] : []) + ["\(service.name).service"])
    } catch {
      if isNew { unlink(path) }
      throw error
    }
    return path
  }

  /// Switches a unit off and deletes it; one that does not exist, or that deskrun did not write, is left alone.
  ///
  /// - Returns: the file that was deleted; nil when there was none of deskrun's.
  /// - Throws: `EngineError`, `CancellationError`.
  package func remove(_ name: String) async throws -> String? {
    guard let path = UserService.path(name, environment), FileIO.exists(path), Self.isOurs(path) else { return nil }
    // Without systemd nothing of it runs, and the file alone is what is left.
    let systemctl = try? systemctl()
    if let systemctl { try await call(systemctl, ["disable", "--now", "\(name).service"], mayFail: true) }
    guard unlink(path) == 0 || errno == ENOENT else {
      throw EngineError(.failed, "\(path) cannot be deleted", why: String(cString: strerror(errno)))
    }
    unlink("\(FileIO.split(path).folder)/default.target.wants/\(name).service")
    if let systemctl { try await call(systemctl, ["daemon-reload"], mayFail: true) }
    return path
  }

  /// The names of the units that deskrun wrote.
  package func installed() -> [String] {
    guard let folder = UserService.folder(environment) else { return [] }
    return DirectoryTree.names(in: folder).filter { $0.hasPrefix("deskrun-") && $0.hasSuffix(".service") }
      .filter { Self.isOurs("\(folder)/\($0)") }.map { String($0.dropLast(".service".count)) }
  }

  private static func isOurs(_ path: String) -> Bool {
    guard let bytes = (try? FileIO.read(path, limit: 64 << 10)) ?? nil else { return false }
    return String(decoding: bytes, as: UTF8.self).hasPrefix(UserService.mark)
  }

  /// Makes the folder of the units, which is not deskrun's: with the permissions that others expect.
  private static func makeFolder(_ path: String) throws(FileIO.Failure) {
    var folder = ""
    for part in path.split(separator: "/") {
      folder += "/" + part
      guard mkdir(folder, 0o755) == 0 || FileIO.exists(folder) else {
        throw FileIO.Failure(operation: "make folder", code: errno)
      }
    }
  }

  private static let homeless = EngineError(
    .configuration, "There is no place for the service", why: "HOME is not set", fix: "Set HOME")

  private func systemctl() throws(EngineError) -> String {
    guard let path = ToolLocator(environment: environment).find(program: "systemctl") else {
      throw EngineError(
        .toolMissing, "This system has no systemd, so the service cannot be installed",
        fix: "Have cron do it: (crontab -l; echo '@reboot deskrun up --at-boot') | crontab -")
    }
    return path
  }

  private func call(_ systemctl: String, _ arguments: [String], mayFail: Bool = false) async throws {
    let result = try await runner.run(
      ToolCall(systemctl, ["--user"] + arguments, environment: environment, timeout: .seconds(60)))
    guard !result.exit.isSuccess, !mayFail else { return }
    throw EngineError(
      .failed, "systemctl --user \(arguments.joined(separator: " ")) failed",
      why: result.errorText.split(whereSeparator: \.isNewline).last.map { SafeText.line($0) },
      fix: "Run it by hand in a session of your own: over `su` or `sudo` there is no systemd of the user")
  }
}
