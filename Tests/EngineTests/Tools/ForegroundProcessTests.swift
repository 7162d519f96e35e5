import Foundation
import Synchronization
import TestSupport
import Testing
import ToolsTestSupport

@testable import Basics
@testable import Tools

/// A program that gets the terminal, which is a pseudo-terminal of the test.
@Suite(.serialized) struct ForegroundProcessTests {
  /// A pseudo-terminal: what is written to the slave can be read from the master.
  final class Terminal {
    let master: Int32
    let path: String

    init() throws {
      #if canImport(Darwin)
      master = posix_openpt(O_RDWR | O_NOCTTY)
      try #require(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0)
      path = String(cString: try #require(ptsname(master)))
      #else
      // The Glibc module's feature macros hide the functions for this; these are the equivalent calls.
      let unlock: UInt = 0x4004_5431  // TIOCSPTLCK
      let number: UInt = 0x8004_5430  // TIOCGPTN
      master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
      var zero: Int32 = 0
      var index: UInt32 = 0
      try #require(master >= 0 && ioctl(master, unlock, &zero) == 0 && ioctl(master, number, &index) == 0)
      path = "/dev/pts/\(index)"
      #endif
      _ = fcntl(master, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(master) }

    var modes: (input: tcflag_t, local: tcflag_t) {
      let slave = open(path, O_RDWR | O_NOCTTY)
      defer { close(slave) }
      var modes = termios()
      tcgetattr(slave, &modes)
      return (modes.c_iflag, modes.c_lflag)
    }
  }

  private func handlerIsIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    sigaction(signal, nil, &action)
    #if canImport(Darwin)
    return unsafeBitCast(action.__sigaction_u.__sa_handler, to: Int.self) == 1
    #else
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    #endif
  }

  @Test func `it tells how the program ended and takes its signals back`() async throws {
    // The tests may have been started in the background, where these are ignored.
    let signals = [SIGINT, SIGQUIT, SIGTSTP]
    let before = signals.map(handlerIsIgnored)
    #expect(try await ForegroundProcess.run(shell("exit 9")) == .code(9))
    #expect(try await ForegroundProcess.run(shell("kill -KILL $$")) == .signal(SIGKILL))
    #expect(signals.map(handlerIsIgnored) == before)
  }

  @Test func `the keys that end programs are the childs meanwhile`() async throws {
    let folder = try TemporaryFolder()
    let ready = "\(folder.path)/ready"
    let task = Task {
      try await ForegroundProcess.run(
        shell("trap 'exit 4' INT; echo $$ > \(ready).new; mv \(ready).new \(ready); while :; do sleep 0.05; done"))
    }
    #expect(try await eventually { FileManager.default.fileExists(atPath: ready) })
    #expect(handlerIsIgnored(SIGINT))
    let pid = try #require(
      Int32(String(contentsOfFile: ready, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(getpgid(pid) == getpgrp())
    kill(pid, SIGINT)
    #expect(try await task.value == .code(4))
  }

  @Test func `the terminals modes are what they were`() throws {
    let terminal = try Terminal()
    let before = terminal.modes
    let exit = try ForegroundChild(
      shell("stty raw -echo < \(terminal.path); kill -SEGV $$"), terminal: terminal.path
    ).run()
    #expect(exit == .signal(SIGSEGV))
    #expect(terminal.modes == before)
    #expect(before.local & tcflag_t(ECHO) != 0)
  }

  @Test func `stopped it gives the terminal back until it goes on`() throws {
    let terminal = try Terminal()
    let before = terminal.modes
    let modesWhileStopped = Lock<[(input: tcflag_t, local: tcflag_t)]>([])
    let child = ForegroundChild(
      shell("stty -echo < \(terminal.path); kill -STOP $$; stty -a < \(terminal.path) | grep -q -- -echo; exit $?"),
      terminal: terminal.path,
      suspend: { [path = terminal.path] in
        let slave = open(path, O_RDWR | O_NOCTTY)
        var modes = termios()
        tcgetattr(slave, &modes)
        close(slave)
        modesWhileStopped.withLock { $0.append((modes.c_iflag, modes.c_lflag)) }
      })
    // It exits with 0 if its own modes were restored when it continued.
    #expect(try child.run() == .code(0))
    let seen = modesWhileStopped.withLock { $0 }
    #expect(seen.count == 1)
    #expect(seen.first.map { $0 == before } == true)
  }

  @Test func `cancelled it ends the program`() async throws {
    let folder = try TemporaryFolder()
    let ready = "\(folder.path)/ready"
    let task = Task {
      try await ForegroundProcess.run(
        shell("trap '' TERM; echo $$ > \(ready).new; mv \(ready).new \(ready); while :; do sleep 0.05; done"))
    }
    #expect(try await eventually { FileManager.default.fileExists(atPath: ready) })
    let pid = try #require(
      Int32(String(contentsOfFile: ready, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)))
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(!isAlive(pid))
  }

  @Test func `a missing program is named`() async throws {
    let before = handlerIsIgnored(SIGINT)
    await #expect {
      try await ForegroundProcess.run(ToolCall("/nonexistent/vi", [], environment: [:]))
    } throws: { ($0 as? EngineError)?.kind == .toolMissing }
    #expect(handlerIsIgnored(SIGINT) == before)
  }
}
