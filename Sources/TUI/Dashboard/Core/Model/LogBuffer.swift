import Engine

/// The lines of a log that are kept, bounded by number and bytes. Lines are known by numbers that never change.
package struct LogBuffer: Sendable, Equatable {
  package static let lineLimit = 10_000
  package static let byteLimit = 8 << 20

  private var lines: [LogLine] = []
  /// Of each line, whether it is one of the runner's own diagnostics.
  private var diagnostic: [Bool] = []
  /// Where the lines of each pod are in its diagnostics.
  private var folds: [String: RunnerLogFold] = [:]
  /// Lines at the begin of the array that are gone already; they go in bulk.
  private var dead = 0
  package private(set) var bytes = 0
  /// How many lines were dropped to stay within the limits.
  package private(set) var dropped = 0
  /// The number of the first line.
  package private(set) var first = 0

  package init() {}

  package var count: Int { lines.count - dead }
  /// One more than the number of the last line.
  package var end: Int { first + count }
  package var isEmpty: Bool { count == 0 }

  /// A line by its number.
  package subscript(number: Int) -> LogLine { lines[dead + number - first] }

  /// Whether a line is one of the runner's own diagnostics.
  package func isDiagnostic(_ number: Int) -> Bool { diagnostic[dead + number - first] }

  package mutating func append(_ new: [LogLine]) {
    for line in new {
      lines.append(line)
      diagnostic.append(folds[line.pod, default: RunnerLogFold()].isDiagnostic(line.text))
      bytes += line.text.utf8.count
    }
    while count > Self.lineLimit || (bytes > Self.byteLimit && count > 1) {
      bytes -= lines[dead].text.utf8.count
      dead += 1
      first += 1
      dropped += 1
    }
    if dead > 2048 {
      lines.removeFirst(dead)
      diagnostic.removeFirst(dead)
      dead = 0
    }
  }

  /// Forgets all lines; those to come go on in their numbers.
  package mutating func clear() {
    first = end
    lines = []
    diagnostic = []
    folds = [:]
    dead = 0
    bytes = 0
    dropped = 0
  }
}
