import Basics
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A running child with its pipes. The reactor's thread reads, writes and reaps; one task consumes its output.
///
/// The child leads a process group of its own, and signals go to the group, so that nothing it started outlives it.
final class ChildProcess: Sendable {
  /// Bytes of standard error that are kept: the last ones.
  static let errorTailLimit = 16 << 10
  /// How long a killed group is waited for. One that cannot die, or whose dead nobody collects, must not hold the call.
  static let lingerNanoseconds: UInt64 = 100_000_000

  /// What came since the consumer asked last.
  struct Piece: Sendable {
    /// Of standard output.
    package var output: [UInt8]
    /// Of standard error; empty when the consumer does not listen to it.
    package var error: [UInt8]
  }

  /// How the kernel ends it at the death of this program.
  package enum Bond: Sendable {
    /// It does not.
    case none
    /// It does, if nothing has undone it since its start; this is the program it was started as.
    case unproved(program: String)
    /// It does.
    case proved
  }

  package struct State: Sendable {
    package var output: OutputPipe
    package var error: OutputPipe
    var errorTail: [UInt8] = []
    package var input: Int32
    var unsent: ArraySlice<UInt8>
    var bond = Bond.none
    var terminateAt: UInt64 = .max
    var killAt: UInt64 = .max
    var isStopping = false
    var didTimeOut = false
    /// The leader has ended and its group was killed. It is still unreaped, so its id is its own.
    package var hasEnded = false
    /// How the leader ended, once it is reaped. Its group may still be dying.
    package var outcome: ToolExit?
    /// Until when members of the group are waited for that were killed and have not gone.
    var lingersUntil: UInt64 = .max
    /// Set when all is over.
    package var exit: ToolExit?
    package var reader: CheckedContinuation<Void, Never>?
    var waiter: CheckedContinuation<Void, Never>?

    /// Whether the consumer has something to take, or nothing to wait for.
    var isReadable: Bool { !output.pending.isEmpty || !error.pending.isEmpty || isOver }
    /// Whether nothing more will come for the consumer.
    package var isOver: Bool { !output.isOpen && !(error.isConsumed && error.isOpen) }
  }

  let pid: pid_t
  let grace: UInt64
  package let state: Lock<State>

  package init(pid: pid_t, grace: UInt64, state: consuming State) {
    self.pid = pid
    self.grace = grace
    self.state = Lock(state)
  }

  /// TERM to the group now, KILL after the grace period. From any thread, any number of times.
  package func stop() {
    state.withLock { state in
      // Reaping happens under this lock too, so the group's id cannot belong to anybody else here.
      guard !state.hasEnded, state.exit == nil, !state.isStopping else { return }
      terminate(&state, now: MonotonicClock.now())
    }
    ChildReactor.shared.wake()
  }

  /// TERM to the group; KILL is set to follow.
  func terminate(_ state: inout State, now: UInt64) {
    state.isStopping = true
    state.terminateAt = .max
    state.killAt = MonotonicClock.time(grace, after: now)
    kill(-pid, SIGTERM)
  }

  /// What has come since the last call, as soon as there is something; nil at the end. For one consumer.
  package func next() async -> Piece? {
    while true {
      let (piece, held, isOver) = state.withLock { state -> (Piece?, Bool, Bool) in
        guard !state.output.pending.isEmpty || !state.error.pending.isEmpty else { return (nil, false, state.isOver) }
        let held = state.output.isFull || state.error.isFull
        return (Piece(output: state.output.take(), error: state.error.take()), held, false)
      }
      if let piece {
        // The pipe was left alone until now.
        if held { ChildReactor.shared.wake() }
        return piece
      }
      if isOver { return nil }
      await withCheckedContinuation { continuation in
        let mustWait = state.withLock { state in
          guard !state.isReadable else { return false }
          state.reader = continuation
          return true
        }
        if !mustWait { continuation.resume() }
      }
    }
  }

  /// How it ended, and the end of its standard error, once it has been reaped and its group is gone.
  package func end() async -> (ToolExit, [UInt8]) {
    await withCheckedContinuation { continuation in
      let mustWait = state.withLock { state in
        guard state.exit == nil else { return false }
        state.waiter = continuation
        return true
      }
      if !mustWait { continuation.resume() }
    }
    return state.withLock { ($0.exit ?? .signal(SIGKILL), Array($0.errorTail.suffix(Self.errorTailLimit))) }
  }
}
