import Basics
import Tools

/// What a running step is doing, and its progress if that can be counted.
package struct StepProgress: Sendable, Equatable, ExpressibleByStringInterpolation {
  /// A counted progress.
  package struct Count: Sendable, Equatable {
    package var done: Int
    package var total: Int

    package init(done: Int, total: Int) { (self.done, self.total) = (done, total) }

    /// The number of filled cells in a bar with this many cells.
    package func filled(of cells: Int) -> Int { total > 0 ? max(0, min(cells, done * cells / total)) : 0 }
    /// `3/7`.
    package var text: String { "\(done)/\(total)" }
  }

  /// For example `waiting for the API`.
  package var words: String
  package var count: Count?

  package init(_ words: String, _ count: Count? = nil) { (self.words, self.count) = (words, count) }
  package init(stringLiteral words: String) { self.init(words) }

  /// On one line, without a bar.
  package var text: String { count.map { "\($0.text) \(words)" } ?? words }
}

/// Determines the phase of a program from its output.
final class PhaseReader: Sendable {
  private let phases = Lock<[String]>([])

  /// Sets the phases, in order: a line that names one of them is progress.
  func expect(_ phases: [String]) { self.phases.withLock { $0 = phases } }

  func progress(_ line: String) -> StepProgress? {
    phases.withLock { phases in
      // The line that ends a phase names it too, after another symbol.
      guard let at = phases.firstIndex(where: { line.contains($0) }), !line.contains("✓"), !line.contains("✗") else {
        return nil
      }
      return StepProgress(phases[at], .init(done: at, total: phases.count))
    }
  }
}
