#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Output to the terminal.
package enum TerminalOutput {
  /// Writes all bytes, waiting if the terminal is slow.
  ///
  /// - Returns: false when the terminal is gone.
  @discardableResult
  package static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
        continue
      }
      if count < 0, errno == EINTR { continue }
      guard count < 0, errno == EAGAIN || errno == EWOULDBLOCK else { return false }
      var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      _ = poll(&wait, 1, 1000)
      if wait.revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { return false }
    }
    return true
  }

  /// A frame that the terminal shows atomically.
  static func synchronized(_ bytes: [UInt8]) -> [UInt8] {
    Array("\u{1B}[?2026h".utf8) + bytes + Array("\u{1B}[?2026l".utf8)
  }

  /// The sequences that turn reports on or off.
  package static func modes(mouse: Bool) -> String { mouse ? "\u{1B}[?1000h\u{1B}[?1002h\u{1B}[?1006h" : mouseOff }
  static let mouseOff = "\u{1B}[?1000l\u{1B}[?1002l\u{1B}[?1006l"
  static let reportsOn = "\u{1B}[?2004h\u{1B}[?1004h"
  static let reportsOff = "\u{1B}[?2004l\u{1B}[?1004l"

  /// Replaces palette indexes with true colors: `38;5;N` becomes `38;2;R;G;B`. Only inside SGR sequences: the text on
  /// the screen may contain the same characters.
  package static func exactColors(_ bytes: [UInt8], _ exact: [UInt8: UInt32]) -> [UInt8] {
    guard !exact.isEmpty else { return bytes }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + 256)
    bytes.withUnsafeBufferPointer { bytes in
      var at = 0
      while at < bytes.count {
        let byte = bytes[at]
        result.append(byte)
        at += 1
        guard byte == 0x1B, at < bytes.count, bytes[at] == UInt8(ascii: "[") else { continue }
        result.append(bytes[at])
        at += 1
        var end = at
        while end < bytes.count, (0x30...0x3B).contains(bytes[end]) { end += 1 }
        // The shortest parameters for a palette color are `38;5;0`.
        guard end - at >= 6, end < bytes.count, bytes[end] == UInt8(ascii: "m") else { continue }
        appendExact(UnsafeBufferPointer(rebasing: bytes[at..<end]), exact, to: &result)
        at = end
      }
    }
    return result
  }

  /// The parameters of an SGR sequence, with true colors.
  private static func appendExact(
    _ parameters: UnsafeBufferPointer<UInt8>, _ exact: [UInt8: UInt32], to result: inout [UInt8]
  ) {
    var at = 0
    while at < parameters.count {
      if let (index, end) = paletteColor(parameters, at) {
        if let rgb = exact[index] {
          result.append(parameters[at])
          result += Array("8;2;\(rgb >> 16 & 0xFF);\(rgb >> 8 & 0xFF);\(rgb & 0xFF)".utf8)
        } else {
          result += parameters[at..<end]
        }
        at = end
      }
      // The rest of this parameter, and the separator before the next one.
      while at < parameters.count {
        result.append(parameters[at])
        at += 1
        if parameters[at - 1] == 0x3B { break }
      }
    }
  }

  /// The index in `38;5;N` or `48;5;N` at this position, and its end.
  private static func paletteColor(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> (UInt8, Int)? {
    guard at + 5 < bytes.count, bytes[at] == UInt8(ascii: "3") || bytes[at] == UInt8(ascii: "4"),
      bytes[at + 1] == UInt8(ascii: "8"), bytes[at + 2] == 0x3B, bytes[at + 3] == UInt8(ascii: "5"),
      bytes[at + 4] == 0x3B
    else { return nil }
    var end = at + 5
    var number = 0
    // At most three digits: more are not an index, and could overflow.
    while end < bytes.count, end < at + 8, (0x30...0x39).contains(bytes[end]) {
      number = number * 10 + Int(bytes[end] - 0x30)
      end += 1
    }
    guard end > at + 5, end == bytes.count || bytes[end] == 0x3B, let index = UInt8(exactly: number) else { return nil }
    return (index, end)
  }

  /// The sequence that copies a text to the clipboard of the terminal's machine (OSC 52); nil if it is too long for
  /// terminals. In tmux it is written twice: plainly, for tmux with `set-clipboard` on, and wrapped for the outer
  /// terminal, to which tmux passes it with `allow-passthrough` on.
  package static func clipboard(_ base64: String, inTmux: Bool) -> String? {
    guard base64.utf8.count <= 74_994 else { return nil }
    let sequence = "\u{1B}]52;c;\(base64)\u{07}"
    return inTmux ? sequence + "\u{1B}Ptmux;\u{1B}\(sequence)\u{1B}\\" : sequence
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
