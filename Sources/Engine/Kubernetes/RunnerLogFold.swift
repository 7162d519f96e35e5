/// Tells the runner's own diagnostics from the lines of its terminal in a log of the official image, line by line. Most
/// have a head (`[WORKER 2026-11-25 15:17:19Z INFO Worker] …`); the message of a job follows such a line as JSON over many
/// lines, and so does the trace of an exception.
package struct RunnerLogFold: Sendable, Equatable {
  private enum Place: Sendable, Equatable {
    case outside
    /// Right behind a line with a head.
    case behindHead
    /// In a JSON value that follows such a line.
    case inJSON
  }

  private var place = Place.outside

  package init() {}

  /// Whether the next line of a container is one of the diagnostics.
  ///
  /// - Parameter text: the line without the API's time.
  package mutating func isDiagnostic(_ text: some StringProtocol) -> Bool {
    if RunnerLogLine.isDiagnostic(text) {
      if place == .outside { place = .behindHead }
      return true
    }
    if place == .outside { return false }
    // The runner writes to the same stream while its worker does.
    if RunnerLogLine.isOfTerminal(text) { return false }
    switch place {
    case .outside: return false
    case .behindHead:
      if text.hasPrefix("   at ") { return true }
      let opens = ["{", "["].contains(Self.trimmed(text))
      place = opens ? .inJSON : .outside
      return opens
    case .inJSON:
      // Only its own end is not indented.
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

  /// What an indented line of JSON begins with: a text, a bracket, `true`, `false`, `null`.
  private static let starts: Set<Character> = ["\"", "{", "}", "[", "]", "t", "f", "n", "-"]

  private static func trimmed(_ text: some StringProtocol) -> String {
    let head = text.drop { $0 == " " }
    var end = head.endIndex
    while end > head.startIndex, head[head.index(before: end)].isWhitespace { end = head.index(before: end) }
    return String(head[..<end])
  }
}
