import Foundation
import Testing

@testable import TerminalKit

/// The built-in descriptions of terminals. Whether ncurses accepts them can only be tested where no others exist
/// (Scripts/try-in-bare-root).
@Suite struct BuiltInTerminalsTests {
  @Test(arguments: [
    "xterm", "xterm-256color", "screen", "screen-256color", "tmux", "tmux-256color", "linux", "vt100", "alacritty",
    "xterm-kitty", "foot", "wezterm",
  ])
  func `an entry is a compiled description of that name`(name: String) throws {
    let entry = try #require(BuiltInTerminals.entry(name))
    #expect(entry.hasPrefix("b64:"))
    let text = String(entry.dropFirst("b64:".count)).replacing("-", with: "+").replacing("_", with: "/")
    let data = try #require(Data(base64Encoded: text))
    let bytes = [UInt8](data)
    // term(5): the magic number for 16-bit or 32-bit numbers, then the size of the names.
    #expect(bytes.starts(with: [0x1A, 0x01]) || bytes.starts(with: [0x1E, 0x02]))
    let size = Int(bytes[2]) | Int(bytes[3]) << 8
    let names = String(decoding: bytes[12..<(12 + size - 1)], as: UTF8.self).split(separator: "|")
    #expect(names.contains(Substring(name)))
  }

  @Test func `there is none of a name that nobody has`() {
    #expect(BuiltInTerminals.entry("no-such-terminal") == nil)
    #expect(BuiltInTerminals.entry("") == nil)
  }
}
