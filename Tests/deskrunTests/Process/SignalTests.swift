import Engine
import Foundation
import TestSupport
import Testing

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Every signal that ends a program leaves the terminal as it was, and the exit status is the signal's. The dashboard's
/// own are in `DashboardEndTests`.
@Suite(.ownThreads) struct SignalTests {
  /// Of the real-time signals, which are treated alike, the first and the last.
  static let all: [Int32] =
    EndingSignals.requests.filter { $0 < 33 } + EndingSignals.requests.filter { $0 > 33 }.prefix(1)
    + EndingSignals.requests.filter { $0 > 33 }.suffix(1) + EndingSignals.crashes

  /// One of each way of ending, where each needs a demo of its own.
  static let kinds: [Int32] =
    [SIGTERM, SIGQUIT, SIGUSR1, SIGALRM, SIGXCPU, SIGSEGV] + all.filter { $0 > 33 }.prefix(1)

  /// Runs a command on a terminal, in a shell that looks at the terminal before and after.
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
    // Slow, so that the plan waits for something when the signal comes.
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
    // As signal(7) has it, without KILL, which nobody can handle, and PIPE, which is ignored.
    let ordinary: Set<Int32> = [
      SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGUSR1, SIGSEGV, SIGUSR2, SIGALRM, SIGTERM,
      SIGSTKFLT, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSYS,
    ]
    #expect(Set(EndingSignals.requests + EndingSignals.crashes) == ordinary.union(34...64))
    #endif
    #expect(Set(EndingSignals.requests).isDisjoint(with: EndingSignals.crashes))
  }
}
