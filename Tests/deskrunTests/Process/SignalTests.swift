import Engine
import Foundation
import TestSupport
import Testing

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// After any signal that ends the program, the terminal is restored, and the exit status is that of the signal. Those
/// of the dashboard are in `DashboardEndTests`.
@Suite(.ownThreads) struct SignalTests {
  /// All signals, but only the first and the last real-time signal, which are handled alike.
  static let all: [Int32] =
    EndingSignals.requests.filter { $0 < 33 } + EndingSignals.requests.filter { $0 > 33 }.prefix(1)
    + EndingSignals.requests.filter { $0 > 33 }.suffix(1) + EndingSignals.crashes

  /// One signal for each way of ending, for tests that need a demo for each.
  static let kinds: [Int32] =
    [SIGTERM, SIGQUIT, SIGUSR1, SIGALRM, SIGXCPU, SIGSEGV] + all.filter { $0 > 33 }.prefix(1)

  /// Runs a command on a terminal, in a shell that reads the terminal's modes before and after.
  private func expectTerminalGivenBack(
    after signal: Int32, _ command: String, at stage: String, _ demo: DemoFolder, isDemo: Bool = true,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let note = "\(demo.path)-\(signal).pid"
    defer { try? FileManager.default.removeItem(atPath: note) }
    let session = try Session(
      "/bin/sh",
      [
        "sh", "-c",
        "stty -g; sh -c 'echo $$ >$NOTE; exec $BIN \(isDemo ? "--demo " : "")\(command)'; echo \"status $?\"; stty -g",
      ],
      environment: DeskrunBinary.environment([
        "DESKRUN_DEMO_HOME": demo.path, "DESKRUN_HOME": demo.path + "/config", "NOTE": note, "BIN": DeskrunBinary.path,
      ]), terminal: (200, 30))
    try session.wait(for: stage)
    let text = try String(contentsOfFile: note, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    kill(try #require(pid_t(text)), signal)
    let shown = session.finish().output
    #expect(shown.contains("status \(128 + signal)"), "signal \(signal): \(shown)", sourceLocation: sourceLocation)
    let lines = shown.split { $0.isNewline }
    let settings = lines.filter { $0.split(separator: ":").count > 30 }
    #expect(
      settings.count == 2 && settings.first == settings.last, "signal \(signal): \(shown)",
      sourceLocation: sourceLocation)
  }

  @Test func `at the question for a token`() async throws {
    let demo = DemoFolder()
    _ = try await demo.run(["list"])
    try await eachAtOnce(Self.all) { signal in
      try expectTerminalGivenBack(
        after: signal, "add typed -r https://github.com/acme/web --dry-run", at: "not shown", demo, isDemo: false)
    }
  }

  @Test func `while a plan runs`() async throws {
    // Slow, so that the plan is waiting when the signal arrives.
    try await eachAtOnce(Self.kinds) { signal in
      let demo = DemoFolder(speed: 1000)
      _ = try await demo.run(["--demo-speed", "1", "--demo-empty", "list"])
      try expectTerminalGivenBack(
        after: signal, "add typed -r https://github.com/acme/web --auth-value env:DESKRUN_DEMO_TOKEN", at: "[1/", demo)
    }
  }

  private func eachAtOnce(_ signals: [Int32], _ body: @escaping @Sendable (Int32) async throws -> Void)
    async throws
  {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for signal in signals { group.addTask { try await body(signal) } }
      try await group.waitForAll()
    }
  }

  @Test func `the table has every signal whose default action ends a process`() {
    #if os(Linux)
    // All signals of signal(7), except KILL, which cannot be handled, and PIPE, which is ignored.
    let ordinary: Set<Int32> = [
      SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGUSR1, SIGSEGV, SIGUSR2, SIGALRM, SIGTERM,
      SIGSTKFLT, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSYS,
    ]
    #expect(Set(EndingSignals.requests + EndingSignals.crashes) == ordinary.union(34...64))
    #endif
    #expect(Set(EndingSignals.requests).isDisjoint(with: EndingSignals.crashes))
  }
}
