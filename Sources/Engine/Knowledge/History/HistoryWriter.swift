import Basics
import Synchronization

/// New information about jobs that is not in the history yet. What cannot be written, because the disk is full for
/// example, is kept and written later.
package final class HistoryWriter: Sendable {
  /// Maximum number of jobs kept for later; older ones are dropped, as the disk may stay full for days.
  package static let limit = 10_000
  private let history: JobHistory
  private let waiting = Lock<[JobRecord]>([])

  package init(_ history: JobHistory) { self.history = history }

  /// Whether something is not written yet.
  package var isWaiting: Bool { waiting.withLock { !$0.isEmpty } }

  /// Adds records to be written.
  ///
  /// - Returns: whether nothing was pending before.
  @discardableResult
  package func add(_ records: [JobRecord]) -> Bool {
    waiting.withLock { waiting in
      defer { waiting += records }
      return waiting.isEmpty
    }
  }

  /// Writes pending records.
  ///
  /// - Throws: `EngineError` if they cannot be written; they stay pending then.
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
