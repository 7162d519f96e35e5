import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// `deskrun record` as a service of this user: a unit of systemd, or an agent of launchd on macOS.
package struct RecordService: Sendable {
  private let runner: any ToolRunner
  private let environment: [String: String]

  /// - Parameter environment: says where the user's files are, and what the service needs to have of it.
  package init(runner: any ToolRunner, environment: [String: String]) {
    self.runner = runner
    self.environment = environment
  }

  /// What `install` and `uninstall` did.
  package enum Outcome: Sendable, Equatable {
    /// The service runs. `outlivesLogin` is nil where the system does not say whether it goes on after the logout.
    case installed(file: String, outlivesLogin: Bool?)
    case uninstalled(file: String)
    /// There was nothing to uninstall.
    case absent(file: String)
  }

  private var manager: ServiceManager {
    #if canImport(Darwin)
    .launchd
    #else
    .systemd
    #endif
  }

  /// Writes the service's file and starts it, or starts it again with what has changed.
  ///
  /// - Parameters:
  ///   - executable: the program.
  ///   - options: what it is given besides `record`.
  /// - Throws: `EngineError`: `toolMissing` without a service manager, `invalid` when the file belongs to somebody else.
  package func install(executable: String, options: [String]) async throws -> Outcome {
    let program = try locate()
    let file = try manager.file(environment)
    try refuseForeign(file)
    let definition = ServiceDefinition(
      command: [executable, "record"] + options, variables: ServiceDefinition.variables(of: environment))
    let text = try manager.text(definition)
    do throws(FileIO.Failure) {
      try FileIO.makeFolders(FileIO.split(file).folder)
      try FileIO.replace(file, with: Array(text.utf8))
    } catch {
      throw EngineError(.failed, "\(SafeText.line(file)) cannot be written", why: error.reason)
    }
    for step in manager.starting(file) { try await run(program, step, file) }
    return .installed(file: file, outlivesLogin: outlivesLogin)
  }

  /// Stops the service and deletes its file.
  package func uninstall() async throws -> Outcome {
    let file = try manager.file(environment)
    guard FileIO.exists(file) else { return .absent(file: file) }
    try refuseForeign(file)
    let program = try locate()
    let steps = manager.stopping(file)
    for step in steps.before { try await run(program, step, file) }
    guard unlink(file) == 0 || errno == ENOENT else {
      throw EngineError(
        .failed, "\(SafeText.line(file)) cannot be deleted", why: String(cString: strerror(errno)))
    }
    for step in steps.after { try await run(program, step, file) }
    return .uninstalled(file: file)
  }

  /// The service manager's program.
  private func locate() throws -> String {
    let name = manager.program
    let folders = (environment["PATH"] ?? "").split(separator: ":").filter { $0.hasPrefix("/") }
    let candidates: [String] = folders.map { "\($0)/\(name)" }
    guard let path = candidates.first(where: { access($0, X_OK) == 0 }) else {
      throw EngineError(
        .toolMissing, "\(name) was not found in PATH, so nothing can start a service here",
        fix: "Have whatever starts programs on this computer run `deskrun record`")
    }
    return path
  }

  private func refuseForeign(_ file: String) throws {
    guard let bytes = try? FileIO.read(file, limit: 1 << 20) else {
      guard FileIO.exists(file) else { return }
      throw EngineError(.invalid, "\(SafeText.line(file)) exists and cannot be read")
    }
    guard !String(decoding: bytes, as: UTF8.self).contains(ServiceDefinition.mark) else { return }
    throw EngineError(
      .invalid, "\(SafeText.line(file)) was not written by deskrun",
      fix: "Move it away, then run the same command again")
  }

  private func run(_ program: String, _ step: ServiceManager.Step, _ file: String) async throws {
    let result = try await runner.run(
      ToolCall(program, step.arguments, environment: environment, timeout: .seconds(60)))
    guard !result.exit.isSuccess, !step.mayFail else { return }
    let words = SecretMask.masked(SafeText.line(result.errorText.trimmingSpaces))
    throw EngineError(
      .failed, "\(manager.program) \(step.arguments.joined(separator: " ")) failed",
      why: words.isEmpty ? "It said nothing" : words,
      fix: manager.fix(environment))
  }

  /// Whether systemd keeps the user's services without a login (`loginctl enable-linger`).
  private var outlivesLogin: Bool? {
    guard manager == .systemd, let user = environment["USER"] ?? environment["LOGNAME"], !user.contains("/") else {
      return nil
    }
    return FileIO.exists("/var/lib/systemd/linger/\(user)")
  }
}
