import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What the reactor's thread does with a child.
extension ChildProcess {
  /// The pipes of a child.
  package enum Pipe {
    case output, error, input
  }

  /// Reads or writes what is ready. Called only on the reactor's thread.
  package func service(_ pipe: Pipe, _ scratch: UnsafeMutableRawBufferPointer) {
    let reader = state.withLock { state -> CheckedContinuation<Void, Never>? in
      switch pipe {
      case .output: _ = state.output.read(scratch, leaderHasEnded: state.hasEnded)
      case .error: Self.readError(&state, scratch)
      case .input: Self.writeInput(&state)
      }
      return Self.takeReader(&state)
    }
    if pipe == .output { proveBond() }
    reader?.resume()
  }

  /// A child that has written output is its final program. If the kernel may not end it, the warden watches it.
  private func proveBond() {
    let program = state.withLock { state -> String? in
      guard case .unproved(let program) = state.bond, !state.output.pending.isEmpty, !state.hasEnded else { return nil }
      state.bond = .proved
      return program
    }
    guard let program, !ParentBond.holds(pid, program) else { return }
    ChildWarden.shared.prepare(path: nil)
    // Reaping is done on this thread too, so the id is still the child's.
    ChildWarden.shared.watch(pid)
  }

  private static func readError(_ state: inout State, _ scratch: UnsafeMutableRawBufferPointer) {
    guard case .bytes(let count) = state.error.read(scratch, leaderHasEnded: state.hasEnded) else { return }
    state.errorTail.append(contentsOf: scratch[..<count])
    if state.errorTail.count > 2 * errorTailLimit {
      state.errorTail.removeFirst(state.errorTail.count - errorTailLimit)
    }
  }

  /// The consumer, if it is waiting and there is something to read.
  private static func takeReader(_ state: inout State) -> CheckedContinuation<Void, Never>? {
    guard state.isReadable else { return nil }
    defer { state.reader = nil }
    return state.reader
  }

  private static func writeInput(_ state: inout State) {
    guard state.input >= 0 else { return }
    if !state.unsent.isEmpty {
      let count = state.unsent.withUnsafeBytes { write(state.input, $0.baseAddress, $0.count) }
      if count > 0 {
        state.unsent = state.unsent.dropFirst(count)
      } else if errno != EAGAIN, errno != EINTR {
        // The child closed its end: it does not need the rest. Its exit status tells whether that was right.
        state.unsent = []
      }
    }
    if state.unsent.isEmpty { closeInput(&state) }
  }

  private static func closeInput(_ state: inout State) {
    // Unsent input may be secret: it is not kept longer than needed.
    state.unsent = []
    if state.input >= 0 { close(state.input) }
    state.input = -1
  }

  /// Sends the signals that are due, and returns the time of the next one.
  func sendDueSignals(now: UInt64) -> UInt64 {
    state.withLock { state in
      guard !state.hasEnded else {
        // Nothing reports the end of a dying group: it is checked every millisecond, rarely more than once.
        return state.outcome == nil ? .max : now &+ 1_000_000
      }
      if now >= state.terminateAt {
        state.didTimeOut = !state.isStopping
        terminate(&state, now: now)
      }
      if now >= state.killAt {
        state.killAt = .max
        kill(-pid, SIGKILL)
      }
      return min(state.terminateAt, state.killAt)
    }
  }

  /// Processes the end of a child, as far as it has come.
  ///
  /// The leader is not reaped (`WNOWAIT`) until its group is dead and its pipes are drained, so that a signal to the
  /// group can never hit an unrelated process with a recycled id.
  ///
  /// - Returns: whether everything is done: the child reaped, its descriptors closed, its group gone.
  func reap(_ scratch: UnsafeMutableRawBufferPointer) -> Bool {
    guard state.withLock({ noticeEnd(&$0) }) else { return false }
    drain(scratch)
    let (isOver, reader, waiter) = state.withLock { state in
      let isOver = finish(&state)
      let waiter = isOver ? state.waiter : nil
      if isOver { state.waiter = nil }
      return (isOver, Self.takeReader(&state), waiter)
    }
    reader?.resume()
    waiter?.resume()
    return isOver
  }

  /// - Returns: whether the leader is reaped and its group is gone.
  private func finish(_ state: inout State) -> Bool {
    guard !state.output.isOpen, !state.error.isOpen else { return false }
    if state.outcome == nil {
      state.outcome = collectStatus(didTimeOut: state.didTimeOut)
      state.lingersUntil = MonotonicClock.time(Self.lingerNanoseconds)
    }
    // Signal 0 only checks. Processes take a moment to die after KILL, and callers that cancel rely on all having
    // ended.
    guard (kill(-pid, 0) < 0 && errno == ESRCH) || MonotonicClock.now() >= state.lingersUntil else { return false }
    state.exit = state.outcome
    return true
  }

  /// - Returns: whether the leader has ended. Its group is then dead.
  private func noticeEnd(_ state: inout State) -> Bool {
    guard !state.hasEnded else { return true }
    var info = siginfo_t()
    if waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 {
      guard info.si_signo == SIGCHLD else { return false }
      kill(-pid, SIGKILL)
    } else if errno != ECHILD {
      return false
    }
    // ECHILD: other code in this program has waited for all children. The group's id may have been reused.
    state.hasEnded = true
    state.terminateAt = .max
    state.killAt = .max
    Self.closeInput(&state)
    return true
  }

  private func collectStatus(didTimeOut: Bool) -> ToolExit {
    var status: Int32 = 0
    var waited: pid_t = 0
    ChildWarden.shared.forget(pid)
    repeat { waited = waitpid(pid, &status, 0) } while waited < 0 && errno == EINTR
    if didTimeOut { return .timedOut }
    // An unknown exit status must not count as success.
    return waited == pid ? ToolExit(waitStatus: status) : .signal(SIGKILL)
  }

  /// Reads what is left in the pipes, as far as the consumer has room.
  private func drain(_ scratch: UnsafeMutableRawBufferPointer) {
    while state.withLock({ $0.error.isOpen && !$0.error.isFull }) { service(.error, scratch) }
    while state.withLock({ $0.output.isOpen && !$0.output.isFull }) { service(.output, scratch) }
  }
}

extension ToolExit {
  /// Decodes a status of `waitpid` for a child that has ended. The C macros for this cannot be imported.
  package init(waitStatus status: Int32) {
    self = status & 0x7F == 0 ? .code((status >> 8) & 0xFF) : .signal(status & 0x7F)
  }
}
