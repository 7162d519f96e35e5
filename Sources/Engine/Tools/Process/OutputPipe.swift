import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The read end of a child's standard output or error, and the bytes that wait for the consumer.
struct OutputPipe: Sendable {
  /// The number of bytes waiting for the consumer at which reading pauses. A full pipe then blocks the child.
  static let highWater = 256 << 10
  /// A smaller read is considered a trickle, which is collected for a while instead of waking up for each line.
  static let trickle = 4 << 10
  /// How long a trickle is collected. Too short to be visible.
  static let gatherNanoseconds: UInt64 = 8_000_000
  /// Maximum number of bytes to read after the child's end: the capacity of the largest pipe. More can only come from a
  /// process that has left the group and might write forever.
  static let lateLimit = 1 << 20

  /// The result of a read.
  enum Reading {
    /// Nothing yet.
    case nothing
    /// This many bytes, at the start of the scratch memory.
    case bytes(Int)
    /// End of file. The descriptor is closed.
    case end
  }

  package private(set) var descriptor: Int32
  /// Whether a consumer reads the output. Otherwise nothing is buffered or blocked for it.
  let isConsumed: Bool
  package private(set) var pending: [UInt8] = []
  private(set) var readAgainAt: UInt64 = 0
  private var lateBytes = 0

  package init(descriptor: Int32, isConsumed: Bool) {
    self.descriptor = descriptor
    self.isConsumed = isConsumed
  }

  /// Whether more output can come.
  var isOpen: Bool { descriptor >= 0 }
  /// Whether the consumer is so far behind that the pipe has to wait.
  package var isFull: Bool { pending.count >= Self.highWater }

  /// Reads once, without blocking.
  ///
  /// - Parameter leaderHasEnded: an empty pipe then counts as ended, even if another process still has its other end.
  package mutating func read(_ scratch: UnsafeMutableRawBufferPointer, leaderHasEnded: Bool) -> Reading {
    guard isOpen else { return .nothing }
    var count = 0
    repeat {
      #if canImport(Darwin)
      count = Darwin.read(descriptor, scratch.baseAddress, scratch.count)
      #else
      count = Glibc.read(descriptor, scratch.baseAddress, scratch.count)
      #endif
    } while count < 0 && errno == EINTR
    if count < 0, errno == EAGAIN, !leaderHasEnded { return .nothing }
    if leaderHasEnded { lateBytes += max(0, count) }
    guard count > 0, lateBytes <= Self.lateLimit else {
      close()
      return .end
    }
    if isConsumed { pending.append(contentsOf: scratch[..<count]) }
    readAgainAt = count < Self.trickle && !leaderHasEnded ? MonotonicClock.now() &+ Self.gatherNanoseconds : 0
    return .bytes(count)
  }

  /// Removes and returns the buffered bytes.
  package mutating func take() -> [UInt8] {
    defer { pending = [] }
    return pending
  }

  /// Stops reading.
  package mutating func close() {
    guard isOpen else { return }
    #if canImport(Darwin)
    Darwin.close(descriptor)
    #else
    Glibc.close(descriptor)
    #endif
    descriptor = -1
  }
}
