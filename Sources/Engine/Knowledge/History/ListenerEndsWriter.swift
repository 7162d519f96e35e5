import Basics
import Installations
import Synchronization

/// Ends of listeners to be written to the file: a listener that cannot work ends every three seconds, and each write
/// waits for the disk.
package final class ListenerEndsWriter: Sendable {
  /// Time between writes.
  package static let interval: Duration = .seconds(10)

  private struct State {
    var ends: [String: [ListenerHealth.End]] = [:]
    var recovered: Set<String> = []
    var isEmpty: Bool { ends.isEmpty && recovered.isEmpty }
    var written: ContinuousClock.Instant?
  }

  private let file: ListenerEndsFile
  private let place: ClusterPlace
  private let state = Lock(State())

  /// Writes to this file, for this cluster.
  package init(path: String, place: ClusterPlace) {
    file = ListenerEndsFile(path: path)
    self.place = place
  }

  /// Adds ends to be written: all recent ones of each of these scale sets, none if a listener has worked since.
  ///
  /// - Returns: whether nothing was pending before.
  @discardableResult
  package func add(_ ends: [String: [ListenerHealth.End]]) -> Bool {
    state.withLock { state in
      let isFirst = state.isEmpty && !ends.isEmpty
      for (set, list) in ends {
        if list.isEmpty { state.recovered.insert(set) }
        state.ends[set] = list.isEmpty ? nil : list
      }
      return isFirst
    }
  }

  /// Whether something is not written yet.
  package var isWaiting: Bool { state.withLock { !$0.isEmpty } }

  /// The time until the next write is due.
  package var wait: Duration {
    state.withLock { $0.written.map { max(.zero, Self.interval - $0.duration(to: .now)) } ?? .zero }
  }

  /// Writes what is pending. It only helps other commands, so a failure is not reported.
  ///
  /// - Parameter now: seconds since 1970.
  package func write(now: Int64) {
    let (ends, recovered) = state.withLock { state in
      defer { (state.ends, state.recovered, state.written) = ([:], [], .now) }
      return (state.ends, state.recovered)
    }
    try? file.add(ends, recovered: recovered, in: place, now: now)
  }
}
