import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Installs and removes services of this user: systemd units, or launchd agents on macOS.
package struct UserServices: Sendable {
  private let runner: any ToolRunner
  private let environment: [String: String]
  private let manager: ServiceManager

  /// - Parameter environment: determines the locations of the user's files and of the service manager's program.
  package init(runner: any ToolRunner, environment: [String: String], manager: ServiceManager = .current) {
    (self.runner, self.environment, self.manager) = (runner, environment, manager)
  }

  /// The path of a service's file, whether or not it exists.
  ///
  /// - Throws: `EngineError` of kind `configuration` if there is no home directory.
  package func file(_ service: OwnService) throws(EngineError) -> String {
    try manager.file(service, environment)
  }

  /// The services installed by deskrun.
  package func installed() -> [OwnService] {
    OwnService.allCases.filter { service in
      guard let file = try? file(service) else { return false }
      return (try? isOwn(file)) == true
    }
  }

  /// Writes the service's file and starts it, or restarts it with what has changed.
  ///
  /// If that fails, nothing of a new service is left.
  ///
  /// - Returns: the file.
  /// - Throws: `EngineError`: `toolMissing` without a service manager, `invalid` if the file was not written by
  ///   deskrun; `CancellationError`.
  package func install(_ definition: ServiceDefinition) async throws -> String {
    let service = definition.service
    guard let program else {
      let command = (["deskrun"] + service.arguments).joined(separator: " ")
      throw EngineError(
        .toolMissing, "\(manager.program) was not found in PATH, so the service cannot be installed",
        fix: "Have cron start it: `(crontab -l; echo '@reboot \(command)') | crontab -`")
    }
    let file = try file(service)
    let isNew = try !isOwn(file)
    let text = try manager.text(definition)
    do throws(FileIO.Failure) {
      try FileIO.makeFolders(FileIO.split(file).folder)
      try FileIO.replace(file, with: Array(text.utf8))
      chmod(file, 0o644)
    } catch {
      throw EngineError(
        .failed, "\(SafeText.line(file)) cannot be written", why: error.reason, fix: "Check who owns its folder")
    }
    do {
      for step in manager.starting(service, file) { try await run(program, step) }
    } catch {
      if isNew { remove(service, file) }
      throw error
    }
    return file
  }

  /// Stops a service and deletes its file.
  ///
  /// - Returns: the deleted file; nil if it did not exist.
  /// - Throws: `EngineError`: `invalid` if the file was not written by deskrun; `CancellationError`.
  package func uninstall(_ service: OwnService) async throws -> String? {
    let file = try file(service)
    guard try isOwn(file) else { return nil }
    let steps = manager.stopping(service)
    // Without the manager nothing is running, and only the file is left.
    if let program { for step in steps.before { try await run(program, step) } }
    guard remove(service, file) else {
      throw EngineError(
        .failed, "\(SafeText.line(file)) cannot be deleted", why: String(cString: strerror(errno)),
        fix: "Check who owns its folder")
    }
    if let program { for step in steps.after { try await run(program, step) } }
    return file
  }

  /// Whether systemd keeps the user's services running without a login (`loginctl enable-linger`); nil if unknown.
  package var outlivesLogin: Bool? {
    guard manager == .systemd, let user = environment["USER"] ?? environment["LOGNAME"], !user.contains("/") else {
      return nil
    }
    return FileIO.exists("/var/lib/systemd/linger/\(user)")
  }

  /// The service manager's program.
  private var program: String? { ToolLocator(environment: environment).find(program: manager.program) }

  /// Whether a file written by deskrun exists at this path; false if no file exists.
  private func isOwn(_ file: String) throws(EngineError) -> Bool {
    let bytes: [UInt8]?
    do throws(FileIO.Failure) { bytes = try FileIO.read(file, limit: 1 << 20) } catch {
      throw EngineError(
        .invalid, "\(SafeText.line(file)) exists and cannot be read", why: error.reason,
        fix: "Move it away, then run the same command again")
    }
    guard let bytes else { return false }
    guard !String(decoding: bytes, as: UTF8.self).contains(ServiceDefinition.mark) else { return true }
    throw EngineError(
      .invalid, "\(SafeText.line(file)) was not written by deskrun",
      fix: "Move it away, then run the same command again")
  }

  /// Whether the file is deleted; otherwise `errno` has the reason.
  @discardableResult
  private func remove(_ service: OwnService, _ file: String) -> Bool {
    if let link = manager.link(service, beside: file) { unlink(link) }
    return unlink(file) == 0 || errno == ENOENT
  }

  private func run(_ program: String, _ step: ServiceManager.Step) async throws {
    let result = try await runner.run(
      ToolCall(program, step.arguments, environment: environment, timeout: .seconds(60)))
    guard !result.exit.isSuccess, !step.mayFail else { return }
    let words = SecretMask.masked(SafeText.line(result.errorText.trimmingSpaces))
    throw EngineError(
      .failed, "\(manager.program) \(step.arguments.joined(separator: " ")) failed",
      why: words.isEmpty ? "It printed no reason" : words,
      fix: manager.fix(environment))
  }
}
