import Testing

@testable import TUI

@Suite struct NcursesTests {
  @Test func theWideLibraryIsLinked() { #expect(ncursesVersion().hasPrefix("ncurses")) }
}
