import Testing
@testable import deskrun
@Test func links() { #expect(DurationText.short(seconds: 252) == "4m12") }
