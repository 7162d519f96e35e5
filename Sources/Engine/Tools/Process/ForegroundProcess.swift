import Basics
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Hands the terminal to a program and takes it back: `kubectl exec -it`, an editor.
///
/// The child stays in this program's process group, so it has the terminal without any transfer, and receives ctrl-C
/// and ctrl-Z, which this program ignores meanwhile. A full-screen front end leaves its screen before and redraws it
/// afterwards.
package enum ForegroundProcess {
  /// Runs a program with this program's standard input, output and error, and waits for it to end.
  ///
  /// `input`, `timeout` and `outputLimit` of the call are ignored. If the task is canceled, the program gets TERM and,
  /// after the grace period, KILL. If it is stopped by ctrl-Z, this program stops too, as a shell expects, and both
  /// continue together. When it returns, the terminal's modes are restored.
  ///
  /// - Throws: `EngineError` if the program cannot be started, `CancellationError` after it has ended.
  package static func run(_ call: ToolCall) async throws -> ToolExit {
    try Task.checkCancellation()
    let child = ForegroundChild(call)
    let exit = try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        // Waiting blocks, which a thread of the pool must not do.
        OwnThread.run { continuation.resume(with: Result { try child.run() }) }
      }
    } onCancel: {
      child.stop()
      Task.detached {
        try? await Task.sleep(for: call.gracePeriod)
        child.stop(with: SIGKILL)
      }
    }
    try Task.checkCancellation()
    return exit
  }
}

/// A program that has the terminal.
final class ForegroundChild: Sendable {
  private enum State {
    case unborn(isCancelled: Bool)
    case running(pid_t)
    case gone
  }

  private let call: ToolCall
  private let state = Lock(State.unborn(isCancelled: false))
  private let terminalPath: String
  private let suspend: @Sendable () -> Void

  /// - Parameters:
  ///   - terminal: the terminal whose modes are saved.
  ///   - suspend: called when the child was stopped; returns when it should continue.
  package init(
    _ call: ToolCall, terminal: String = "/dev/tty",
    suspend: @escaping @Sendable () -> Void = { ForegroundSignals.suspendThisProgram() }
  ) {
    self.call = call
    terminalPath = terminal
    self.suspend = suspend
  }

  /// Starts it and waits, blocking the thread.
  ///
  /// - Throws: `EngineError` if it cannot be started, `CancellationError` if it was stopped before that.
  package func run() throws -> ToolExit {
    let terminal = TerminalModes(path: terminalPath)
    terminal?.hold()
    let signals = ForegroundSignals.ignore()
    defer {
      TerminalGuard.setChild(0)
      terminal?.restore()
      terminal?.letGo()
      signals.restore()
    }
    // The lock is held during the start, so that a stop finds either nothing or a child.
    let started = state.withLock { state -> Result<pid_t, any Error> in
      if case .unborn(true) = state { return .failure(CancellationError()) }
      do throws(EngineError) {
        let pid = try SpawnRequest.alone { () throws(EngineError) in
          FilePipe.keepInheritedFromChildren()
          return try SpawnRequest(call: call, leadsGroup: false, pipes: nil).start()
        }
        state = .running(pid)
        TerminalGuard.setChild(pid)
        return .success(pid)
      } catch { return .failure(error) }
    }
    return wait(for: try started.get(), terminal)
  }

  private func wait(for pid: pid_t, _ terminal: TerminalModes?) -> ToolExit {
    while true {
      var info = siginfo_t()
      // The child is not reaped until nobody can send it a signal anymore.
      guard waitid(P_PID, id_t(pid), &info, WEXITED | WSTOPPED | WNOWAIT) == 0 else {
        if errno == EINTR { continue }
        state.withLock { $0 = .gone }
        return .signal(SIGKILL)
      }
      var status: Int32 = 0
      let isStopped = info.si_code == CLD_STOPPED
      state.withLock { state in
        while waitpid(pid, &status, WUNTRACED) < 0, errno == EINTR {}
        if !isStopped { state = .gone }
      }
      guard isStopped else { return ToolExit(waitStatus: status) }
      let modesOfChild = TerminalModes(path: terminalPath)
      terminal?.restore()
      suspend()
      modesOfChild?.restore()
      kill(pid, SIGCONT)
    }
  }

  /// Sends it a signal, unless it has ended. If it has not started yet, it will not start.
  package func stop(with signal: Int32 = SIGTERM) {
    state.withLock { state in
      switch state {
      case .unborn: state = .unborn(isCancelled: true)
      case .running(let pid):
        kill(pid, signal)
        // A stopped process does not receive TERM until it continues.
        kill(pid, SIGCONT)
      case .gone: break
      }
    }
  }
}
