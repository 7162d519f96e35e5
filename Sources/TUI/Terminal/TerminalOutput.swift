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

  /// Puts exact colours where palette indexes stand for them: `38;5;N` becomes `38;2;R;G;B`. Only inside a sequence of
  /// SGR: the same signs may stand in the text that is shown.
  static func exactColors(_ bytes: [UInt8], _ exact: [UInt8: UInt32]) -> [UInt8] {
    guard !exact.isEmpty else { return bytes }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + 256)
    var at = 0
    while at < bytes.count {
      guard bytes[at] == 0x1B, at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "[") else {
        result.append(bytes[at])
        at += 1
        continue
      }
      let start = at + 2
      var end = start
      while end < bytes.count, (0x30...0x3B).contains(bytes[end]) { end += 1 }
      result += bytes[at..<start]
      // The shortest that names a colour of the palette is `38;5;0`.
      if end - start >= 6, end < bytes.count, bytes[end] == UInt8(ascii: "m") {
        appendExact(bytes[start..<end], exact, to: &result)
      } else {
        result += bytes[start..<end]
      }
      at = end
    }
    return result
  }

  /// The parameters of a sequence of SGR with exact colours.
  private static func appendExact(_ parameters: ArraySlice<UInt8>, _ exact: [UInt8: UInt32], to result: inout [UInt8]) {
    var codes = parameters.split(separator: 0x3B, omittingEmptySubsequences: false)[...]
    var isFirst = true
    while let code = codes.popFirst() {
      if !isFirst { result.append(0x3B) }
      isFirst = false
      result += code
      guard code.elementsEqual("38".utf8) || code.elementsEqual("48".utf8), codes.count >= 2,
        codes[codes.startIndex].elementsEqual("5".utf8),
        let index = UInt8(String(decoding: codes[codes.startIndex + 1], as: UTF8.self)), let rgb = exact[index]
      else { continue }
      result += Array(";2;\(rgb >> 16 & 0xFF);\(rgb >> 8 & 0xFF);\(rgb & 0xFF)".utf8)
      codes = codes.dropFirst(2)
    }
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
