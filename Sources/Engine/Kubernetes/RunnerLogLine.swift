/// How the official runner image writes its log: with `ACTIONS_RUNNER_PRINT_LOG_TO_STDOUT` the runner's own diagnostic
/// lines stand among those of the terminal (actions/runner, `[RUNNER 2026-11-25 15:17:19Z INFO Listener] …` and
/// `[WORKER …`), and each line of the terminal comes twice: once behind such a head and once as it is.
package enum RunnerLogLine {
  /// The head of a line of the terminal, behind the name of what wrote it.
  private static let terminal = "Terminal] WRITE LINE: "

  /// Whether a line is one of the runner's own diagnostics, which say nothing that is not said elsewhere.
  package static func isDiagnostic(_ text: some StringProtocol) -> Bool {
    text.utf8.first == UInt8(ascii: "[") && (text.hasPrefix("[RUNNER ") || text.hasPrefix("[WORKER "))
  }

  /// Whether a line is one of the terminal, as it is: `2026-11-25 15:17:19Z: …`.
  package static func isOfTerminal(_ text: some StringProtocol) -> Bool {
    guard let first = text.utf8.first, (0x30...0x39).contains(first) else { return false }
    return isTimed(Substring(text))
  }

  /// What a line of the runner's log says on the terminal, from either twin. Runner and worker write to one stream, so
  /// the head of one may be cut by a line of the other: the line counts all the same.
  ///
  /// - Returns: the text from its own time on (`2026-11-25 15:17:19Z: …`), or nil when it has none.
  package static func said(_ line: Substring) -> Substring? {
    if isTimed(line) { return line }
    guard isDiagnostic(line) else { return nil }
    if let head = line.firstRange(of: terminal) {
      let rest = line[head.upperBound...]
      return isTimed(rest) ? rest : nil
    }
    // A head that was cut is followed by the other's line at once.
    var rest = line.dropFirst(8)
    while let next = rest.firstRange(of: "Z: ") {
      let begin = rest.index(next.lowerBound, offsetBy: -19, limitedBy: rest.startIndex)
      if let begin, isTimed(rest[begin...]) { return rest[begin...] }
      rest = rest[next.upperBound...]
    }
    return nil
  }

  /// Whether a text begins as `2026-11-25 15:17:19Z: `.
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
