import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Finds programs: an override variable first, then PATH, then what `deskrun setup` installed (see `ToolsFolder`).
package struct ToolLocator: Sendable {
  private let environment: [String: String]

  /// Looks in this environment's PATH and override variables.
  package init(environment: [String: String]) { self.environment = environment }

  /// The absolute path of a program.
  ///
  /// - Throws: `EngineError` of kind `toolMissing` with the line that installs it, or, when an override variable names
  ///   something that is no program, with that variable.
  package func locate(_ tool: ToolName) throws(EngineError) -> String {
    if let override = environment[tool.overrideVariable], !override.isEmpty {
      let candidates = override.contains("/") ? [override] : inPath(override)
      guard let found = candidates.first(where: Self.isProgram) else {
        throw EngineError(
          .toolMissing, "\(tool.overrideVariable) names \(override), which is not a program that can be run",
          fix: "Set it to the path of \(tool.rawValue), or unset it to search PATH")
      }
      return found
    }
    if let found = found(tool) { return found }
    throw EngineError(
      .toolMissing, "\(tool.rawValue) is not installed", why: "not found in PATH",
      fix: ToolInstallation.hint(for: tool))
  }

  /// A program on PATH or in the folder of `deskrun setup`.
  private func found(_ tool: ToolName) -> String? {
    let onPath = onPath(tool)
    guard let folder = ToolsFolder(environment: environment), PinnedTools.tools.contains(tool) else { return onPath }
    let own = folder.program(tool)
    guard onPath.map({ folder.replaces(tool, $0) }) ?? true, Self.isProgram(own) else { return onPath }
    return own
  }

  /// The program that PATH has; nil when it has none.
  package func onPath(_ tool: ToolName) -> String? {
    names(of: tool).lazy.compactMap { inPath($0).first(where: Self.isProgram) }.first
  }

  /// Any other program on PATH; nil when there is none of that name.
  package func find(program name: String) -> String? { inPath(name).first(where: Self.isProgram) }

  /// Where a program that is used comes from.
  package enum Origin: Sendable, Equatable {
    /// The variable that names it.
    case override
    case path
    /// `deskrun setup`; with the program of PATH that is too old and that it is used in place of.
    case setup(inPlaceOf: String?)
  }

  /// Where the program that `locate` finds comes from; nil when it finds none.
  package func origin(_ tool: ToolName) -> Origin? {
    guard let path = try? locate(tool) else { return nil }
    if let override = environment[tool.overrideVariable], !override.isEmpty { return .override }
    guard path == ToolsFolder(environment: environment)?.program(tool) else { return .path }
    let other = onPath(tool)
    return .setup(inPlaceOf: other == path ? nil : other)
  }

  /// The names a program may have. kind drives docker, podman or nerdctl, and `KIND_EXPERIMENTAL_PROVIDER` chooses.
  private func names(of tool: ToolName) -> [String] {
    guard tool == .docker else { return [tool.rawValue] }
    switch environment["KIND_EXPERIMENTAL_PROVIDER"] {
    case let provider? where ["docker", "podman", "nerdctl"].contains(provider): return [provider]
    default: return ["docker", "nerdctl", "podman"]
    }
  }

  private func inPath(_ name: String) -> [String] {
    (environment["PATH"] ?? "").split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
  }

  private static func isProgram(_ path: String) -> Bool {
    var info = stat()
    guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return false }
    return access(path, X_OK) == 0
  }
}
