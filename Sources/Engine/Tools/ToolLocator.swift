import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Finds programs: an override variable first, then PATH.
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
    for name in names(of: tool) {
      if let found = inPath(name).first(where: Self.isProgram) { return found }
    }
    throw EngineError(
      .toolMissing, "\(tool.rawValue) is not installed", why: "It was not found in PATH",
      fix: ToolInstallation.hint(for: tool))
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
