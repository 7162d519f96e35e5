import Foundation
import TestSupport
import Testing

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// `--auth-value -` and `@FILE` with a terminal.
@Suite(.ownThreads) struct SecretInputTests {
  private static let token = "ghp_typed000000000000000000000000000000"

  private func add(_ value: String, _ demo: DemoFolder) throws -> Session {
    try DeskrunBinary.onTerminal(
      ["--demo", "add", "typed", "-r", "https://github.com/acme/web", "--auth-value", value, "--dry-run"],
      environment: ["DESKRUN_DEMO_HOME": demo.path])
  }

  @Test(arguments: ["-", "@/dev/tty"]) func `a secret typed at a terminal is not shown`(value: String) throws {
    let session = try add(value, DemoFolder())
    try session.wait(for: "not shown")
    session.send(Self.token + "\n")
    let outcome = session.finish()
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(!outcome.output.contains("ghp_typed"), "\(outcome.output)")
  }

  @Test func `ctrl-C ends it at the first time, with the terminal as it was`() throws {
    let session = try add("-", DemoFolder())
    let before = try #require(session.terminalSettings)
    try session.wait(for: "not shown")
    #expect((session.terminalSettings?.c_lflag ?? 0) & tcflag_t(ECHO) == 0)
    session.send("\u{3}")
    try session.wait(for: "interrupted")
    #expect(session.terminalSettings.map { $0.c_lflag == before.c_lflag } ?? true)
    #expect(session.finish().status == 130)
  }

  @Test func `a FIFO nobody writes to is left at a signal`() throws {
    let folder = try TemporaryFolder()
    let fifo = folder.path + "/token"
    try #require(mkfifo(fifo, 0o600) == 0)
    let session = try add("@" + fifo, DemoFolder())
    // A FIFO can be opened for writing without blocking once it has a reader.
    var writer: Int32 = -1
    let end = Date().addingTimeInterval(testPatience)
    while writer < 0, Date() < end {
      writer = open(fifo, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
      usleep(10_000)
    }
    defer { close(writer) }
    try #require(writer >= 0)
    kill(session.process, SIGTERM)
    #expect(try session.waitForEnd() == 128 + SIGTERM)
  }
}
