#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Time that only moves forward.
package enum MonotonicClock {
  /// Nanoseconds since an arbitrary point in the past.
  package static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// A time plus a duration; a duration that is too large means never.
  package static func time(_ nanoseconds: UInt64, after start: UInt64 = now()) -> UInt64 {
    let (sum, overflow) = start.addingReportingOverflow(nanoseconds)
    return overflow ? .max : sum
  }
}

extension Duration {
  /// Whole nanoseconds, clamped to 0 and the largest 64-bit value.
  package var nanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0 else { return 0 }
    let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carry) = product.addingReportingOverflow(UInt64(max(0, attoseconds) / 1_000_000_000))
    return overflow || carry ? .max : sum
  }
}
