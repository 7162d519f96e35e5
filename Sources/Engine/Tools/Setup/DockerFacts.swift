import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What this machine and the client of its container engine report about the engine, to be evaluated by `DockerAdvice`.
package struct DockerFacts: Sendable, Equatable {
  /// `ID` and `ID_LIKE` of /etc/os-release: `ubuntu`, `debian`; `macos`; empty if unknown.
  package var distribution: [String] = []
  /// Whether it is Linux in WSL.
  package var isWSL = false
  /// The path of the client; nil if it is not installed.
  package var client: String?
  /// `DOCKER_HOST`.
  package var host: String?
  /// The name of docker's context: `default`, `desktop-linux`, `colima`, `rootless`.
  package var context: String?
  /// What the engine reports about itself; nil if it does not respond.
  package var engine: Engine?
  /// Why it does not respond.
  package var problem: EngineError?
  /// The client's message in that case.
  package var refusal = ""
  /// Whether the group docker exists and has this user as a member.
  package var isInGroup = false
  /// Whether this process is in that group, which takes effect at the next login.
  package var hasGroup = false

  /// An engine that responds.
  package struct Engine: Sendable, Equatable {
    package var version: String?
    /// `Docker Desktop`, `Ubuntu 24.04 LTS`.
    package var system = ""
    package var rootFolder = ""
    package var isRootless = false
    package var isPodman = false

    package init(_ info: JSONValue) {
      version = info["ServerVersion"]?.stringValue ?? info["version"]?["Version"]?.stringValue
      system = info["OperatingSystem"]?.stringValue ?? info["host"]?["distribution"]?["distribution"]?.stringValue ?? ""
      rootFolder = info["DockerRootDir"]?.stringValue ?? info["store"]?["graphRoot"]?.stringValue ?? ""
      let options = info["SecurityOptions"]?.arrayValue ?? []
      isRootless =
        options.contains { $0.stringValue?.contains("name=rootless") == true }
        || info["host"]?["security"]?["rootless"]?.boolValue == true
      isPodman = info["host"]?["buildahVersion"] != nil || info["BuildahVersion"] != nil
    }
  }

  package init() {}

  /// Asks the client and checks this machine; changes nothing.
  ///
  /// - Throws: only `CancellationError`.
  package init(_ toolbox: Toolbox) async throws {
    let environment = toolbox.environment
    distribution = Self.distribution()
    isWSL = Self.isWSL()
    host = environment["DOCKER_HOST"].flatMap { $0.isEmpty ? nil : $0 }
    (isInGroup, hasGroup) = Self.group(environment)
    let docker: Docker
    do throws(EngineError) { docker = try toolbox.docker() } catch {
      problem = error
      return
    }
    client = docker.program.path
    if client?.hasSuffix("/docker") == true {
      let shown = try? await docker.program.attempt(["context", "show"], timeout: .seconds(10))
      context = shown.flatMap { $0.exit.isSuccess ? $0.outputText.trimmingSpaces : nil }
      try Task.checkCancellation()
    }
    let arguments = ["info", "--format", "{{json .}}"]
    do {
      let result = try await docker.program.attempt(arguments, timeout: .seconds(30))
      guard result.exit.isSuccess else {
        refusal = result.errorText + result.outputText
        problem = docker.program.failure(arguments, result)
        return
      }
      let info = try docker.program.decode(result.output, of: arguments)
      // docker's client succeeds with what it knows itself if the engine denies access.
      let errors = (info["ServerErrors"]?.arrayValue ?? []).compactMap(\.stringValue)
      if !errors.isEmpty {
        refusal = errors.joined(separator: "\n")
        problem = docker.program.failure(
          arguments, ToolResult(exit: .code(1), errorOutput: Array(refusal.utf8)))
      } else {
        engine = Engine(info)
      }
    } catch let error as EngineError { problem = error }
  }

  private static func distribution() -> [String] {
    #if canImport(Darwin)
    return ["macos"]
    #else
    for path in ["/etc/os-release", "/usr/lib/os-release"] {
      if let bytes = (try? FileIO.read(path, limit: 64 << 10)) ?? nil {
        return distribution(osRelease: String(decoding: bytes, as: UTF8.self))
      }
    }
    return []
    #endif
  }

  /// The names in a file like /etc/os-release, most specific first.
  static func distribution(osRelease text: String) -> [String] {
    var values: [Substring: [String]] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let value = parts[1].filter { $0 != "\"" && $0 != "'" }
      values[parts[0]] = value.lowercased().split(separator: " ").map(String.init)
    }
    return (values["ID"] ?? []) + (values["ID_LIKE"] ?? [])
  }

  private static func isWSL() -> Bool {
    guard let bytes = (try? FileIO.read("/proc/version", limit: 4096)) ?? nil else { return false }
    return String(decoding: bytes, as: UTF8.self).lowercased().contains("microsoft")
  }

  /// Whether this user is a member of the group docker in /etc/group, and whether this process is in it.
  private static func group(_ environment: [String: String]) -> (isMember: Bool, isActive: Bool) {
    guard let bytes = (try? FileIO.read("/etc/group", limit: 4 << 20)) ?? nil else { return (false, false) }
    for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      guard fields.count >= 4, fields[0] == "docker", let id = gid_t(fields[2]) else { continue }
      let user = environment["USER"] ?? environment["LOGNAME"] ?? ""
      let isMember = !user.isEmpty && fields[3].split(separator: ",").contains { $0 == user }
      var groups = [gid_t](repeating: 0, count: 1024)
      let count = getgroups(Int32(groups.count), &groups)
      return (isMember, getegid() == id || groups.prefix(max(0, Int(count))).contains(id))
    }
    return (false, false)
  }
}
