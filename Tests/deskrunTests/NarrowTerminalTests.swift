import Testing

/// What a terminal of 80 columns shows of a status.
@Suite(.ownThreads) struct NarrowTerminalTests {
  @Test func `why runners fail is told in place of the job, and sentences end at words`() throws {
    let demo = DemoFolder(speed: 1)
    let session = try demo.onTerminal(["status"])
    let outcome = session.finish()
    #expect(outcome.status == 0, "\(outcome.output)")
    let lines = outcome.output.split(whereSeparator: \.isNewline).map(String.init)
    let failing = lines.filter { $0.contains("tools-dind-runner-") }
    #expect(failing.count == 3 && failing.allSatisfy { $0.contains("image not found: ghcr") }, "\(outcome.output)")
    #expect(!outcome.output.contains("REASON"), "\(outcome.output)")
    // The command to copy has a line of its own.
    #expect(lines.contains { $0.contains("fix:") && $0.contains("Use an image that") && !$0.contains("deskrun") })
  }
}
