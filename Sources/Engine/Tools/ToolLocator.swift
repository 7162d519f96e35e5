import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Locates programs: an override variable first, then PATH, then what `deskrun setup` installed (see `ToolsFolder`).
package struct ToolLocator: Sendable {
  private let environment: [String: String]

  /// Searches PATH and the override variables of this environment.
  package init(environment: [String: String]) { self.environment = environment }

  /// The absolute path of a program.
  ///
  /// - Throws: `EngineError` of kind `toolMissing` with the command that installs it or, if an override variable does
  ///   not name a program, with that variable.
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

  /// A program in PATH or in the folder of `deskrun setup`.
  private func found(_ tool: ToolName) -> String? {
    let onPath = onPath(tool)
    guard let folder = ToolsFolder(environment: environment), PinnedTools.tools.contains(tool) else { return onPath }
    let own = folder.program(tool)
    guard onPath.map({ folder.replaces(tool, $0) }) ?? true, Self.isProgram(own) else { return onPath }
    return own
  }

  /// The program in PATH; nil if there is none.
  package func onPath(_ tool: ToolName) -> String? {
    names(of: tool).lazy.compactMap { inPath($0).first(where: Self.isProgram) }.first
  }

  /// Any other program in PATH; nil if there is none with that name.
  package func find(program name: String) -> String? { inPath(name).first(where: Self.isProgram) }

  /// The origin of a program.
  package enum Origin: Sendable, Equatable {
    /// The variable that names it.
    case override
    case path
    /// `deskrun setup`; with the outdated program in PATH that it is used instead of.
    case setup(inPlaceOf: String?)
  }

  /// The origin of the program that `locate` returns; nil if there is none.
  package func origin(_ tool: ToolName) -> Origin? {
    guard let path = try? locate(tool) else { return nil }
    if let override = environment[tool.overrideVariable], !override.isEmpty { return .override }
    guard path == ToolsFolder(environment: environment)?.program(tool) else { return .path }
    let other = onPath(tool)
    return .setup(inPlaceOf: other == path ? nil : other)
  }

  /// The possible names of a program. kind uses docker, podman or nerdctl, according to `KIND_EXPERIMENTAL_PROVIDER`.
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
