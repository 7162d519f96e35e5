import Basics
import Synchronization

/// What was learned of jobs and is not in the history yet. What cannot be written, on a disk that is full for example,
/// is kept and written with what comes next.
package final class HistoryWriter: Sendable {
  /// Jobs that are kept for later; older ones are dropped beyond it, as the disk may stay full for days.
  package static let limit = 10_000
  private let history: JobHistory
  private let waiting = Lock<[JobRecord]>([])

  /// Writes to this history.
  package init(_ history: JobHistory) { self.history = history }

  /// Whether something is not written yet.
  package var isWaiting: Bool { waiting.withLock { !$0.isEmpty } }

  /// Keeps what was learned, to be written.
  ///
  /// - Returns: whether nothing waited before.
  @discardableResult
  package func add(_ records: [JobRecord]) -> Bool {
    waiting.withLock { waiting in
      defer { waiting += records }
      return waiting.isEmpty
    }
  }

  /// Writes what waits.
  ///
  /// - Throws: `EngineError` when it cannot be written; it waits on then.
  package func write() throws(EngineError) {
    let records = waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
    do throws(EngineError) { try history.append(records) } catch {
      waiting.withLock { waiting in
        waiting = records + waiting
        if waiting.count > Self.limit { waiting.removeFirst(waiting.count - Self.limit) }
      }
      throw error
    }
  }
}
