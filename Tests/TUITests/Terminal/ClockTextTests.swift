import Engine
import Testing

@testable import Basics
@testable import TerminalKit

/// Times are distinguishable from those of other days.
@Suite struct ClockTextTests {
  /// A Tuesday, at 12:08:58.
  private let now = World.now

  init() {
    // Fixes the time zone.
    _ = Driver()
  }

  private func at(_ text: String) throws -> Int64 { try #require(Timestamp.parse(text)) }

  @Test(arguments: [
    ("2026-11-24T00:00:00Z", "00:00:00"), ("2026-11-24T23:59:59Z", "23:59:59"), ("2026-11-23T23:59:59Z", "Mon 23:59"),
    ("2026-11-18T14:05:33Z", "Wed 14:05"), ("2026-11-17T14:05:33Z", "Nov 17 14:05"),
    ("2026-01-02T03:04:05Z", "Jan 2 03:04"), ("2025-12-31T03:04:05Z", "Dec 31 2025 03:04"),
    ("2026-11-25T00:00:01Z", "Nov 25 00:00"),
  ]) func `a moment that is not of today has its day`(moment: String, text: String) throws {
    #expect(ClockText.moment(try at(moment), now: now) == text)
  }

  @Test func `a minute, a date and a span have their days too`() throws {
    let yesterday = try at("2026-11-23T23:58:00Z")
    #expect(ClockText.minute(now, now: now) == "12:08" && ClockText.minute(yesterday, now: now) == "Mon 23:58")
    #expect(ClockText.date(now, now: now) == nil && ClockText.date(yesterday, now: now) == "Mon Nov 23")
    #expect(ClockText.date(try at("2025-12-31T00:00:00Z"), now: now) == "Wed Dec 31 2025")
    #expect(ClockText.range(from: now - 60, to: now, now: now) == "12:07:58 to 12:08:58")
    #expect(ClockText.range(from: yesterday, to: yesterday + 60, now: now) == "Mon 23:58 to 23:59")
    #expect(ClockText.range(from: yesterday, to: yesterday + 300, now: now) == "Mon 23:58 to 00:03:00")
  }

  @Test func `spans take five cells at most, and change when they say so`() {
    for start in [0, 59, 60, 599, 600, 3599, 3600, 35_999, 36_000, 86_399, 86_400, 900_000] as [Int64] {
      let (text, changesIn) = ClockText.span(start)
      #expect(text.count <= 5 && changesIn > 0)
      #expect(ClockText.span(start + changesIn - 1).text == text && ClockText.span(start + changesIn).text != text)
    }
  }
}
