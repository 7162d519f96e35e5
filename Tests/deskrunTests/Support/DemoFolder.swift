import DemoTestSupport
import Engine
import Foundation
import TestSupport

/// A demo for a test, deleted with this value.
final class DemoFolder: Sendable {
  private let folder: TemporaryFolder
  var path: String { folder.path }
  /// The speed of its clock, as a multiple of real time.
  let speed: Double

  init(speed: Double = 30) {
    guard let folder = try? TemporaryFolder(isCreated: false) else { fatalError("no temporary folder") }
    self.folder = folder
    self.speed = speed
  }

  /// Runs a command in the demo, in the process of the tests.
  func run(
    _ arguments: [String], environment: [String: String] = [:], input: String = "", runner: any ToolRunner = DemoTools()
  ) async throws -> DeskrunBinary.Outcome {
    try await InProcess.run(
      ["--demo-speed", String(speed)] + arguments,
      environment: environment.merging(["DESKRUN_DEMO_HOME": path]) { $1 }, input: input, runner: runner)
  }

  /// Runs the built program in the demo.
  func runProgram(_ arguments: [String], environment: [String: String] = [:], input: String = "") throws
    -> DeskrunBinary.Outcome
  {
    try DeskrunBinary.run(
      ["--demo-speed", String(speed)] + arguments,
      environment: environment.merging(["DESKRUN_DEMO_HOME": path]) { $1 }, input: input)
  }

  /// Starts deskrun in the demo on a terminal.
  func onTerminal(_ arguments: [String]) throws -> Session {
    try DeskrunBinary.onTerminal(
      ["--demo-speed", String(speed)] + arguments, environment: ["DESKRUN_DEMO_HOME": path])
  }

  /// The output of `status` as a document.
  func status() async throws -> JSONValue { try JSONValue(parsing: await run(["status", "-o", "json"]).output) }

  /// All files in it with their texts, except links to the program.
  func files() throws -> [(path: String, text: String)] {
    let all = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    return all.compactMap { name in
      guard !name.hasPrefix("bin/"), let data = FileManager.default.contents(atPath: "\(path)/\(name)") else {
        return nil
      }
      return (name, String(decoding: data, as: UTF8.self))
    }
  }
}
