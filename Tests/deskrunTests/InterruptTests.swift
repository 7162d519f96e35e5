@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

#if compiler(>=6.2)
import Testing

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Each test runs in its own process, because signals affect the whole process.
@Suite struct InterruptTests {
  @Test func `a command that ends gives its own status`() async {
    await #expect(processExitsWith: .exitCode(7)) { exit(Interrupt.run { 7 }) }
  }

  @Test func `the first signal cancels, and what was begun is ended`() async {
    await #expect(processExitsWith: .exitCode(42)) {
      exit(
        Interrupt.run {
          kill(getpid(), SIGTERM)
          do {
            try await Task.sleep(for: .seconds(60))
            return 1
          } catch {
            return Interrupt.signal == SIGTERM && Interrupt.descriptor != nil ? 42 : 2
          }
        })
    }
  }

  @Test func `the second signal ends at once`() async {
    await #expect(processExitsWith: .exitCode(130)) {
      exit(
        Interrupt.run {
          kill(getpid(), SIGINT)
          while Interrupt.signal == nil { await Task.yield() }
          kill(getpid(), SIGINT)
          // A body that ignores cancellation.
          while true { await Task.yield() }
        })
    }
  }

  @Test func `what was ignored from the start stays ignored`() async {
    await #expect(processExitsWith: .exitCode(9)) {
      signal(SIGHUP, SIG_IGN)
      exit(
        Interrupt.run {
          kill(getpid(), SIGHUP)
          return Interrupt.signal == nil && !Task.isCancelled ? 9 : 1
        })
    }
  }
}
#endif
