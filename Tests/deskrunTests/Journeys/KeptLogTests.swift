import Foundation
import TestSupport
import Testing

/// The archived log of a runner, on a terminal.
@Suite(.ownThreads) struct KeptLogTests {
  @Test(arguments: [["jobs", "--log", "web-ci-x"], ["logs", "web-ci-x"]])
  func `it is shown as GitHub shows it, and what a job masks is hidden`(command: [String]) async throws {
    let demo = DemoFolder()
    _ = try await demo.run(["list"])
    let folder = demo.path + "/home/logs/web-ci"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data("##[group]Set up job\n::add-mask::S3cr3tVal\nusing S3cr3tVal here\n##[endgroup]\n##[error]it broke\n".utf8)
      .write(to: URL(fileURLWithPath: folder + "/web-ci-x.log"))
    let outcome = try demo.onTerminal(command).finish()
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.output.contains("Set up job") && !outcome.output.contains("##["), "\(outcome.output)")
    #expect(outcome.output.contains("Error: it broke"))
    #expect(outcome.output.contains("using *** here") && !outcome.output.contains("S3cr3tVal"))
  }

  @Test(arguments: ["inf", "1e308", "0"]) func `a speed that no clock can have is refused`(speed: String) async throws {
    let demo = DemoFolder()
    let refused = try await demo.run(["--demo-speed", speed, "status"])
    #expect(refused.status == 64, "\(refused.errors)")
    #expect(try await demo.run(["--demo-speed", "60", "status"]).status == 0)
  }
}
