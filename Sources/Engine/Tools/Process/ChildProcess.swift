import Basics
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A running child with its pipes. The reactor's thread reads, writes and reaps; one task consumes its output.
///
/// The child leads its own process group and signals go to the group, so that nothing it started outlives it.
final class ChildProcess: Sendable {
  /// The number of bytes kept from the end of standard error.
  static let errorTailLimit = 16 << 10
  /// How long to wait for a killed group. A process that cannot die, or that nobody reaps, must not block the call.
  static let lingerNanoseconds: UInt64 = 100_000_000

  /// What has arrived since the last call.
  struct Piece: Sendable {
    /// Standard output.
    package var output: [UInt8]
    /// Standard error; empty if the consumer does not read it.
    package var error: [UInt8]
  }

  /// How the kernel ends the child when this program dies.
  package enum Bond: Sendable {
    /// Not at all.
    case none
    /// Requested, but may have been undone since the start; the program that was started.
    case unproved(program: String)
    /// Requested and in effect.
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
    /// The leader has ended and its group was killed. It is not reaped yet, so its id is not reused.
    package var hasEnded = false
    /// How the leader ended, once it is reaped. Its group may still be dying.
    package var outcome: ToolExit?
    /// Until when to wait for group members that were killed but still exist.
    var lingersUntil: UInt64 = .max
    /// Set when everything has ended.
    package var exit: ToolExit?
    package var reader: CheckedContinuation<Void, Never>?
    var waiter: CheckedContinuation<Void, Never>?

    /// Whether there is something to consume, or nothing more to wait for.
    var isReadable: Bool { !output.pending.isEmpty || !error.pending.isEmpty || isOver }
    /// Whether no more output will come.
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

  /// Sends TERM to the group now, KILL after the grace period. May be called from any thread, any number of times.
  package func stop() {
    state.withLock { state in
      // Reaping is done under this lock too, so the group's id cannot have been reused here.
      guard !state.hasEnded, state.exit == nil, !state.isStopping else { return }
      terminate(&state, now: MonotonicClock.now())
    }
    ChildReactor.shared.wake()
  }

  /// Sends TERM to the group and schedules KILL.
  func terminate(_ state: inout State, now: UInt64) {
    state.isStopping = true
    state.terminateAt = .max
    state.killAt = MonotonicClock.time(grace, after: now)
    kill(-pid, SIGTERM)
  }

  /// What has arrived since the last call, as soon as there is something; nil at the end. For a single consumer.
  package func next() async -> Piece? {
    while true {
      let (piece, held, isOver) = state.withLock { state -> (Piece?, Bool, Bool) in
        guard !state.output.pending.isEmpty || !state.error.pending.isEmpty else { return (nil, false, state.isOver) }
        let held = state.output.isFull || state.error.isFull
        return (Piece(output: state.output.take(), error: state.error.take()), held, false)
      }
      if let piece {
        // The pipe was not read until now.
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
