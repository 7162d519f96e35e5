import CommandOutput
import Demo
import Engine

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Prepares the embedded cluster for a call.
package enum DemoSession {
  /// The folder of the demo's state: `DESKRUN_DEMO_HOME`, or `deskrun/demo` in the user's state folder.
  package static func root(_ environment: [String: String]) throws(EngineError) -> String {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
    if let root = value("DESKRUN_DEMO_HOME") { return root }
    if let state = value("XDG_STATE_HOME") { return state + "/deskrun/demo" }
    if let home = value("HOME") { return home + "/.local/state/deskrun/demo" }
    throw EngineError(
      .configuration, "No folder for the demo found", why: "HOME is not set", fix: "Set HOME or DESKRUN_DEMO_HOME")
  }

  /// The environment in which kubectl, helm, kind and docker are simulated, and no real cluster is accessed.
  package static func environment(_ options: DemoOptions, over outer: [String: String]) throws -> [String: String] {
    let root = try root(outer)
    if options.resets { try DemoCluster.reset(root: root) }
    let changes = try DemoCluster.prepare(
      root: root, executable: try ExecutablePath.find(),
      options: Demo.DemoOptions(
        speed: options.speed, seed: options.seed, runners: options.runners, isEmpty: options.startsEmpty,
        trouble: options.trouble, hasOthers: options.hasOthers, clusters: options.clusters, outage: options.outage))
    var environment = outer
    // Variables that refer to real programs or clusters must not affect the demo.
    for name in ToolName.allCases.map(\.overrideVariable) + ["KIND_EXPERIMENTAL_PROVIDER", "KUBECONFIG"] {
      environment[name] = nil
    }
    for (name, value) in changes { environment[name] = value }
    return environment
  }
}

/// The path of the running executable.
package enum ExecutablePath {
  package static func find() throws(EngineError) -> String {
    if let around = Surroundings.current { return around.executable }
    #if canImport(Darwin)
    var size = UInt32(4096)
    var buffer = [CChar](repeating: 0, count: Int(size))
    if _NSGetExecutablePath(&buffer, &size) == 0, let real = realpath(buffer, nil) {
      defer { free(real) }
      return String(cString: real)
    }
    #else
    if let real = realpath("/proc/self/exe", nil) {
      defer { free(real) }
      return String(cString: real)
    }
    #endif
    #if canImport(Darwin)
    let (why, fix) = (String?.none, "Start it by its full path")
    #else
    let (why, fix) = ("/proc/self/exe: \(String(cString: strerror(errno)))", "mount -t proc proc /proc")
    #endif
    throw EngineError(.failed, "The program's own file cannot be found", why: why, fix: fix)
  }

  /// The path to write into files that outlive this version of the program: a symbolic link on PATH, such as
  /// Homebrew's, remains valid when the program is replaced.
  package static func lasting(_ environment: [String: String]) throws(EngineError) -> String {
    let own = try find()
    let folders = (environment["PATH"] ?? "").split(separator: ":").filter { $0.hasPrefix("/") }
    return folders.map { "\($0)/deskrun" }.first { FileIO.resolved($0) == own } ?? own
  }
}
