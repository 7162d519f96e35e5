import Foundation
import Testing

@testable import Basics

@Suite struct TimestampTests {
  @Test func `reads and writes what foundation does`() {
    let formatter = ISO8601DateFormatter()
    for seconds in stride(from: Int64(-5_000_000_000), to: 8_000_000_000, by: 86_399_983) {
      let text = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
      #expect(Timestamp.text(seconds) == text)
      #expect(Timestamp.parse(text) == seconds)
    }
  }

  @Test(arguments: [
    "", "2026-11-24", "2026-11-24T00:00:00", "2026-13-24T00:00:00Z", "yyyy-11-24T00:00:00Z",
    "2026-11-24T00:00:00+01:00", "2026-11-24T24:00:00Z", "2026-11-24T00:60:00Z", "2026-11-24T00:00:00.Q9Z",
    "2026-11-24T00:00:00Z\tERROR\tZ", "999999-11-24T00:00:00Z",
  ])
  func `what is no time`(text: String) { #expect(Timestamp.parse(text) == nil) }

  @Test(arguments: [Int64.min, -62_167_219_200, -1, 0, 253_402_300_799, .max])
  func `every number of seconds can be written and read back`(seconds: Int64) {
    #expect(Timestamp.parse(Timestamp.text(seconds)) == seconds.clamped(to: Bounds.moment))
  }

  @Test func `fractions are dropped`() { #expect(Timestamp.parse("1970-01-01T00:00:07.999999999Z") == 7) }
}
