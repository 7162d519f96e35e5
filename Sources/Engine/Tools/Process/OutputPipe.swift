import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The reading end of a child's standard output or error, and the bytes that wait for the consumer.
struct OutputPipe: Sendable {
  /// Bytes that may wait for the consumer before the child is no longer read from. A full pipe then holds the child.
  static let highWater = 256 << 10
  /// A read smaller than this means a trickle, which is gathered for a while instead of waking up for each line.
  static let trickle = 4 << 10
  /// How long a trickle is gathered. Below what an eye can see.
  static let gatherNanoseconds: UInt64 = 8_000_000
  /// Bytes that are read at most after the child's end: what the largest pipe holds. More can only come from a process
  /// that has left the group and would write for ever.
  static let lateLimit = 1 << 20

  /// What a look into the pipe brought.
  enum Reading {
    /// Nothing yet.
    case nothing
    /// So many bytes, now at the beginning of the scratch memory.
    case bytes(Int)
    /// Its end. The descriptor is closed.
    case end
  }

  package private(set) var descriptor: Int32
  /// Whether a consumer takes what comes. Otherwise nothing waits and nothing is held back.
  let isConsumed: Bool
  package private(set) var pending: [UInt8] = []
  private(set) var readAgainAt: UInt64 = 0
  private var lateBytes = 0

  package init(descriptor: Int32, isConsumed: Bool) {
    self.descriptor = descriptor
    self.isConsumed = isConsumed
  }

  /// Whether more can come.
  var isOpen: Bool { descriptor >= 0 }
  /// Whether the consumer is so far behind that the pipe has to wait.
  package var isFull: Bool { pending.count >= Self.highWater }

  /// Reads once, without waiting.
  ///
  /// - Parameter leaderHasEnded: an empty pipe then counts as ended, whoever else still holds its other side.
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

  /// Hands what waits to the consumer.
  package mutating func take() -> [UInt8] {
    defer { pending = [] }
    return pending
  }

  /// Reads no more.
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
