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
  /// Output that waits for the consumer before the child is no longer read from. A full pipe then holds the child.
  static let highWater = 256 << 10
  /// Bytes of standard error that are kept: the last ones.
  static let errorTail = 16 << 10
  /// A read smaller than this means a trickle, which is gathered for a while instead of waking up for each line.
  static let trickle = 4 << 10
  /// How long a trickle is gathered. Below what an eye can see.
  static let gatherNanoseconds: UInt64 = 8_000_000

  struct State: Sendable {
    var output: Int32
    var error: Int32
    var input: Int32
    var unsent: ArraySlice<UInt8>
    var buffer: [UInt8] = []
    var errorBuffer: [UInt8] = []
    var errorLines = LineAssembler()
    var readAgainAt: UInt64 = 0
    var terminateAt: UInt64 = .max
    var killAt: UInt64 = .max
    var drainUntil: UInt64 = .max
    var isStopping = false
    var didTimeOut = false
    var hasEnded = false
    var exit: ToolExit?
    var reader: CheckedContinuation<Void, Never>?
    var waiter: CheckedContinuation<Void, Never>?
  }

  let pid: pid_t
  let grace: UInt64
  let onErrorLine: (@Sendable (String) -> Void)?
  let state: Mutex<State>

  init(pid: pid_t, grace: UInt64, onErrorLine: (@Sendable (String) -> Void)?, state: consuming State) {
    self.pid = pid
    self.grace = grace
    self.onErrorLine = onErrorLine
    self.state = Mutex(state)
  }

  /// TERM to the group now, KILL after the grace period. From any thread, any number of times.
  func stop() {
    state.withLock { state in
      // Until it is reaped the group's id cannot belong to anybody else.
      guard state.exit == nil, !state.isStopping else { return }
      state.isStopping = true
      state.terminateAt = .max
      state.killAt = MonotonicClock.now() &+ grace
      kill(-pid, SIGTERM)
    }
    ChildReactor.shared.wake()
  }

  /// The output that has come since the last call, nil at its end. For one consumer.
  func nextChunk() async -> [UInt8]? {
    while true {
      let (chunk, isOver) = state.withLock { state -> ([UInt8]?, Bool) in
        guard state.buffer.isEmpty else {
          defer { state.buffer = [] }
          return (state.buffer, false)
        }
        return (nil, state.output < 0)
      }
      if let chunk {
        if chunk.count >= Self.highWater { ChildReactor.shared.wake() }
        return chunk
      }
      if isOver { return nil }
      await withCheckedContinuation { continuation in
        let mustWait = state.withLock { state in
          guard state.buffer.isEmpty, state.output >= 0 else { return false }
          state.reader = continuation
          return true
        }
        if !mustWait { continuation.resume() }
      }
    }
  }

  /// How it ended, and the end of its standard error, once it has been reaped and its group is gone.
  func end() async -> (ToolExit, [UInt8]) {
    await withCheckedContinuation { continuation in
      let mustWait = state.withLock { state in
        guard state.exit == nil else { return false }
        state.waiter = continuation
        return true
      }
      if !mustWait { continuation.resume() }
    }
    return state.withLock { ($0.exit ?? .signal(SIGKILL), Array($0.errorBuffer.suffix(Self.errorTail))) }
  }
}

/// Time that only goes forward.
enum MonotonicClock {
  /// Nanoseconds since some point in the past.
  static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

extension Duration {
  /// Whole nanoseconds, not below 0 and not beyond what 64 bits hold.
  var nanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0 else { return 0 }
    let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max : product &+ UInt64(max(0, attoseconds) / 1_000_000_000)
  }
}
