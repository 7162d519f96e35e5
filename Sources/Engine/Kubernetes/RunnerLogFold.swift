/// Distinguishes the runner's diagnostics from terminal lines in a log of the official image, line by line. Most
/// diagnostics have a prefix (`[WORKER 2026-11-25 15:17:19Z INFO Worker] …`); the message of a job follows such a line
/// as multi-line JSON, and so does the stack trace of an exception.
package struct RunnerLogFold: Sendable, Equatable {
  private enum Place: Sendable, Equatable {
    case outside
    /// After a line with a prefix.
    case behindHead
    /// In a JSON value after such a line.
    case inJSON
  }

  private var place = Place.outside

  package init() {}

  /// Whether the next line of a container is a diagnostic line.
  ///
  /// - Parameter text: the line without the API's timestamp.
  package mutating func isDiagnostic(_ text: some StringProtocol) -> Bool {
    if RunnerLogLine.isDiagnostic(text) {
      if place == .outside { place = .behindHead }
      return true
    }
    if place == .outside { return false }
    // The runner and its worker write to the same stream.
    if RunnerLogLine.isOfTerminal(text) { return false }
    switch place {
    case .outside: return false
    case .behindHead:
      if text.hasPrefix("   at ") { return true }
      let opens = ["{", "["].contains(Self.trimmed(text))
      place = opens ? .inJSON : .outside
      return opens
    case .inJSON:
      // Only the end of the JSON value is not indented.
      if text.hasPrefix("}") || text.hasPrefix("]") {
        place = .outside
        return true
      }
      if text.hasPrefix("  "), let first = Self.trimmed(text).first, Self.starts.contains(first) || first.isNumber {
        return true
      }
      place = .outside
      return false
    }
  }

  /// How an indented line of JSON starts: with a string, a bracket, `true`, `false`, `null` or a negative number.
  private static let starts: Set<Character> = ["\"", "{", "}", "[", "]", "t", "f", "n", "-"]

  private static func trimmed(_ text: some StringProtocol) -> String {
    let head = text.drop { $0 == " " }
    var end = head.endIndex
    while end > head.startIndex, head[head.index(before: end)].isWhitespace { end = head.index(before: end) }
    return String(head[..<end])
  }
}
