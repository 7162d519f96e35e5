#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Bytes to the terminal.
enum TerminalOutput {
  /// Writes all of it, waiting where the terminal is slow.
  ///
  /// - Returns: false when the terminal is gone.
  @discardableResult
  static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
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

  /// A frame that the terminal shows at once or not at all.
  static func synchronized(_ bytes: [UInt8]) -> [UInt8] {
    Array("\u{1B}[?2026h".utf8) + bytes + Array("\u{1B}[?2026l".utf8)
  }

  /// The sequences that turn reports on or off.
  static func modes(mouse: Bool) -> String { mouse ? "\u{1B}[?1000h\u{1B}[?1002h\u{1B}[?1006h" : mouseOff }
  static let mouseOff = "\u{1B}[?1000l\u{1B}[?1002l\u{1B}[?1006l"
  static let reportsOn = "\u{1B}[?2004h\u{1B}[?1004h"
  static let reportsOff = "\u{1B}[?2004l\u{1B}[?1004l"

  /// Puts exact colours where palette indexes stand for them: `38;5;N` becomes `38;2;R;G;B`.
  static func exactColors(_ bytes: [UInt8], _ exact: [UInt8: UInt32]) -> [UInt8] {
    guard !exact.isEmpty else { return bytes }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + 256)
    var at = 0
    while at < bytes.count {
      let byte = bytes[at]
      // 38;5;N or 48;5;N, at the begin of a sequence's parameters or after another one.
      if byte == UInt8(ascii: "3") || byte == UInt8(ascii: "4"), at + 5 < bytes.count,
        bytes[at + 1] == UInt8(ascii: "8"), bytes[at + 2] == UInt8(ascii: ";"), bytes[at + 3] == UInt8(ascii: "5"),
        bytes[at + 4] == UInt8(ascii: ";"), at > 0, bytes[at - 1] == UInt8(ascii: "[") || bytes[at - 1] == 0x3B
      {
        var end = at + 5
        var number = 0
        while end < bytes.count, (0x30...0x39).contains(bytes[end]) {
          number = number * 10 + Int(bytes[end] - 0x30)
          end += 1
        }
        if let index = UInt8(exactly: number), let rgb = exact[index] {
          result += bytes[at...(at + 2)]
          result += Array("2;\(rgb >> 16 & 0xFF);\(rgb >> 8 & 0xFF);\(rgb & 0xFF)".utf8)
          at = end
          continue
        }
      }
      result.append(byte)
      at += 1
    }
    return result
  }

  /// The sequence that puts a text on the clipboard of the terminal's computer (OSC 52), wrapped for tmux where the
  /// program runs in it; nil when terminals would refuse it for its length.
  static func clipboard(_ base64: String, inTmux: Bool) -> String? {
    guard base64.utf8.count <= 74_994 else { return nil }
    let sequence = "\u{1B}]52;c;\(base64)\u{07}"
    return inTmux ? "\u{1B}Ptmux;\u{1B}\(sequence)\u{1B}\\" : sequence
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
