#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Output on its way to the terminal. A terminal may accept nothing for hours, stopped with ctrl-S or at the other end
/// of a stalled connection, while the program must handle keys and signals. So nothing here waits for it except
/// `finish`, and that only briefly.
final class TerminalWriter {
  private let descriptor: Int32
  private var pending: ArraySlice<UInt8> = []

  /// How long `finish` waits for a terminal that accepts nothing, in milliseconds.
  package static let patience: Int32 = 250
  /// How long it waits for a slow terminal.
  private static let wholePatience: Int64 = 1000

  /// - Parameter descriptor: non-blocking.
  package init(descriptor: Int32) { self.descriptor = descriptor }

  /// Whether there are bytes that the terminal has not accepted. A new frame waits for them.
  package var isStalled: Bool { !pending.isEmpty }

  /// Writes what the terminal accepts now and keeps the rest.
  package func write(_ bytes: [UInt8]) {
    if pending.isEmpty { pending = bytes[...] } else { pending += bytes }
    goOn()
  }

  /// Writes more of what was kept.
  package func goOn() {
    while !pending.isEmpty {
      let count = pending.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        pending = pending.dropFirst(count)
      } else if count == 0 || errno != EINTR {
        // A terminal that is gone accepts nothing; reading from it reports that.
        if count < 0, errno != EAGAIN, errno != EWOULDBLOCK { pending = [] }
        return
      }
    }
  }

  /// Waits for the terminal to accept what was kept, before it is left to others. A stopped one is restarted and, if
  /// that does not help, what it has not shown is dropped and replaced by the reset.
  package func finish(reset: [UInt8]) {
    if empties(within: Self.wholePatience) { return }
    tcflow(descriptor, TCOON)
    if empties(within: Int64(Self.patience)) { return }
    tcflush(descriptor, TCOFLUSH)
    pending = reset[...]
    goOn()
    pending = []
  }

  /// - Returns: whether the terminal accepted everything in time, without too long a pause.
  private func empties(within milliseconds: Int64) -> Bool {
    let end = MillisecondClock.now() + milliseconds
    while !pending.isEmpty {
      var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      let left = min(Int64(Self.patience), end - MillisecondClock.now())
      guard left > 0 else { return false }
      let count = poll(&wait, 1, Int32(left))
      if count == 0 { return false }
      goOn()
    }
    return true
  }
}

/// Milliseconds since an arbitrary moment, for deadlines.
package enum MillisecondClock {
  package static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
