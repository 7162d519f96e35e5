import Foundation

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The built program, run like by a user: in another process, with its own environment and home.
enum DeskrunBinary {
  /// The result of a run.
  struct Outcome {
    /// The exit status, or 128 plus the signal.
    var status: Int32
    /// Standard output; on a terminal, everything that was shown.
    var output: String
    /// Standard error; empty on a terminal, where both are the same.
    var errors: String
  }

  /// The program next to the test bundle, where the build puts both.
  static let path: String = {
    #if os(Linux)
    let beside = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      .map { URL(fileURLWithPath: $0).deletingLastPathComponent().appendingPathComponent("deskrun").path }
    if let beside, FileManager.default.isExecutableFile(atPath: beside) { return beside }
    #endif
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
    return package.appendingPathComponent(".build/debug/deskrun").standardizedFileURL.path
  }()

  /// The environment of every run: a common terminal type, UTF-8, and nothing else of this machine.
  static func environment(_ additions: [String: String] = [:]) -> [String: String] {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let base = ["PATH": path, "HOME": "/nonexistent", "LANG": "C.UTF-8", "TERM": "xterm-256color"]
    return base.merging(additions) { $1 }
  }

  /// Runs the program to its end, with pipes.
  static func run(
    _ arguments: [String], environment: [String: String] = [:], input: String = "", name: String = "deskrun"
  ) throws -> Outcome {
    let session = try Session(path, [name] + arguments, environment: Self.environment(environment), terminal: nil)
    session.send(input)
    session.closeInput()
    return session.finish()
  }

  /// Starts the program on a pseudo-terminal of this size.
  static func onTerminal(
    _ arguments: [String], environment: [String: String] = [:], columns: UInt16 = 80, rows: UInt16 = 24
  ) throws -> Session {
    try Session(
      path, ["deskrun"] + arguments, environment: Self.environment(environment), terminal: (columns, rows))
  }

  /// Runs any program of this machine, with pipes.
  static func tool(
    _ path: String, _ arguments: [String], environment additions: [String: String] = [:], input: String = ""
  ) throws -> Outcome {
    let session = try Session(path, [path] + arguments, environment: environment(additions), terminal: nil)
    session.send(input)
    session.closeInput()
    return session.finish()
  }

  /// The program of this name on PATH, or nil.
  static func find(_ name: String) -> String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
