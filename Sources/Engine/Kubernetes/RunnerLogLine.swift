/// The log format of the official runner image: with `ACTIONS_RUNNER_PRINT_LOG_TO_STDOUT` the runner's own diagnostics
/// are mixed with terminal lines (actions/runner, `[RUNNER 2026-11-25 15:17:19Z INFO Listener] …` and `[WORKER …`), and
/// each terminal line is written twice: with such a prefix and without.
package enum RunnerLogLine {
  /// The prefix of a terminal line, after the name of its writer.
  private static let terminal = "Terminal] WRITE LINE: "

  /// Whether a line is one of the runner's own diagnostics, which contain nothing that other lines do not.
  package static func isDiagnostic(_ text: some StringProtocol) -> Bool {
    text.utf8.first == UInt8(ascii: "[") && (text.hasPrefix("[RUNNER ") || text.hasPrefix("[WORKER "))
  }

  /// Whether a line is an unprefixed terminal line: `2026-11-25 15:17:19Z: …`.
  package static func isOfTerminal(_ text: some StringProtocol) -> Bool {
    guard let first = text.utf8.first, (0x30...0x39).contains(first) else { return false }
    return isTimed(Substring(text))
  }

  /// The terminal text of a log line, with or without the prefix. Runner and worker write to one stream, so a line of
  /// one may interrupt the prefix of the other: the line is recognized nevertheless.
  ///
  /// - Returns: the text starting with its own time (`2026-11-25 15:17:19Z: …`), or nil if it has none.
  package static func said(_ line: Substring) -> Substring? {
    if isTimed(line) { return line }
    guard isDiagnostic(line) else { return nil }
    if let head = line.firstRange(of: terminal) {
      let rest = line[head.upperBound...]
      return isTimed(rest) ? rest : nil
    }
    // An interrupted prefix is directly followed by the other line.
    var rest = line.dropFirst(8)
    while let next = rest.firstRange(of: "Z: ") {
      let begin = rest.index(next.lowerBound, offsetBy: -19, limitedBy: rest.startIndex)
      if let begin, isTimed(rest[begin...]) { return rest[begin...] }
      rest = rest[next.upperBound...]
    }
    return nil
  }

  /// Whether a text starts with a time such as `2026-11-25 15:17:19Z: `.
  private static func isTimed(_ text: Substring) -> Bool {
    let bytes = text.utf8.prefix(22)
    guard bytes.count == 22 else { return false }
    for (pattern, byte) in zip("0000-00-00 00:00:00Z: ".utf8, bytes) {
      let isDigit = (0x30...0x39).contains(byte)
      guard pattern == UInt8(ascii: "0") ? isDigit : pattern == byte else { return false }
    }
    return true
  }
}
