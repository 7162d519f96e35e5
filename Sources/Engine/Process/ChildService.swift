#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What the reactor's thread does with one child.
extension ChildProcess {
  /// One of a child's pipes.
  enum Pipe {
    case output, error, input
  }

  /// Reads or writes what is ready. Called on the reactor's thread alone.
  func service(_ pipe: Pipe, _ scratch: UnsafeMutableRawBufferPointer) {
    var lines: [String] = []
    let reader = state.withLock { state -> CheckedContinuation<Void, Never>? in
      switch pipe {
      case .output:
        guard readOutput(&state, scratch) else { return nil }
        defer { state.reader = nil }
        return state.reader
      case .error: lines = readError(&state, scratch)
      case .input: writeInput(&state)
      }
      return nil
    }
    reader?.resume()
    if let onErrorLine { for line in lines { onErrorLine(line) } }
  }

  /// - Returns: whether the consumer has something to hear: bytes or the end.
  private func readOutput(_ state: inout State, _ scratch: UnsafeMutableRawBufferPointer) -> Bool {
    guard state.output >= 0 else { return false }
    let count = read(state.output, scratch.baseAddress, scratch.count)
    if count > 0 {
      state.buffer.append(contentsOf: scratch[..<count])
      state.readAgainAt =
        count < Self.trickle && !state.hasEnded ? MonotonicClock.now() &+ Self.gatherNanoseconds : 0
      return true
    }
    if count < 0, errno == EINTR || (errno == EAGAIN && !state.hasEnded) { return false }
    close(state.output)
    state.output = -1
    return true
  }

  private func readError(_ state: inout State, _ scratch: UnsafeMutableRawBufferPointer) -> [String] {
    guard state.error >= 0 else { return [] }
    let count = read(state.error, scratch.baseAddress, scratch.count)
    if count > 0 {
      let chunk = Array(scratch[..<count])
      state.errorBuffer.append(contentsOf: chunk)
      if state.errorBuffer.count > 2 * Self.errorTail {
        state.errorBuffer.removeFirst(state.errorBuffer.count - Self.errorTail)
      }
      return onErrorLine == nil ? [] : state.errorLines.append(chunk)
    }
    if count < 0, errno == EINTR || (errno == EAGAIN && !state.hasEnded) { return [] }
    close(state.error)
    state.error = -1
    return state.errorLines.finish().map { [$0] } ?? []
  }

  private func writeInput(_ state: inout State) {
    guard state.input >= 0 else { return }
    if !state.unsent.isEmpty {
      let count = state.unsent.withUnsafeBytes { write(state.input, $0.baseAddress, $0.count) }
      if count > 0 {
        state.unsent = state.unsent.dropFirst(count)
      } else if errno != EAGAIN, errno != EINTR {
        // The child closed its end: it does not want the rest. How it ends says whether that was right.
        state.unsent = []
      }
    }
    if state.unsent.isEmpty {
      close(state.input)
      state.input = -1
    }
  }

  /// Sends what is due, and says when something will be due next.
  func sendDueSignals(now: UInt64) -> UInt64 {
    state.withLock { state in
      guard state.exit == nil else { return .max }
      if now >= state.terminateAt {
        state.terminateAt = .max
        state.didTimeOut = true
        state.isStopping = true
        state.killAt = now &+ grace
        kill(-pid, SIGTERM)
      }
      if now >= state.killAt {
        state.killAt = .max
        kill(-pid, SIGKILL)
      }
      return min(state.terminateAt, state.killAt)
    }
  }

  /// Takes in the end of a child, as far as it has come.
  ///
  /// The leader stays unreaped (`WNOWAIT`) until its group is dead and its pipes are drained, so that a signal to the
  /// group can never reach a stranger with a recycled id.
  ///
  /// - Returns: whether the child is reaped and its descriptors are closed.
  func reap(_ scratch: UnsafeMutableRawBufferPointer) -> Bool {
    if !state.withLock({ $0.hasEnded }) {
      var info = siginfo_t()
      guard waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0, info.si_signo == SIGCHLD else {
        return false
      }
      kill(-pid, SIGKILL)
      state.withLock { state in
        state.hasEnded = true
        state.readAgainAt = 0
        // Something that left the group may still hold the pipes and write: it is listened to for this long.
        state.drainUntil = MonotonicClock.now() &+ 1_000_000_000
        if state.input >= 0 {
          close(state.input)
          state.input = -1
        }
      }
    }
    drain(scratch)
    guard state.withLock({ $0.output < 0 && $0.error < 0 }) else { return false }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
      let ended: ToolExit = status & 0x7F == 0 ? .code((status >> 8) & 0xFF) : .signal(status & 0x7F)
      state.exit = state.didTimeOut ? .timedOut : ended
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
    return true
  }

  /// Reads what is left in the pipes. After the child's end an empty pipe counts as closed, whoever still holds it.
  private func drain(_ scratch: UnsafeMutableRawBufferPointer) {
    for pipe in [Pipe.error, .output] {
      while true {
        let goesOn = state.withLock { state in
          if MonotonicClock.now() > state.drainUntil { closeOutputs(&state) }
          switch pipe {
          case .error: return state.error >= 0
          default: return state.output >= 0 && state.buffer.count < Self.highWater
          }
        }
        guard goesOn else { break }
        service(pipe, scratch)
      }
    }
    let reader = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard state.output < 0 else { return nil }
      defer { state.reader = nil }
      return state.reader
    }
    reader?.resume()
  }

  private func closeOutputs(_ state: inout State) {
    // While the consumer is behind, the time for draining does not run.
    guard state.buffer.count < Self.highWater else {
      state.drainUntil = MonotonicClock.now() &+ 1_000_000_000
      return
    }
    for descriptor in [state.output, state.error] where descriptor >= 0 { close(descriptor) }
    state.output = -1
    state.error = -1
  }
}
