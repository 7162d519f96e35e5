import Basics
import Synchronization
import Tools

/// The events of the namespace, kept current while somebody looks at them.
package struct EventFeed: Sendable {
  /// How many are kept.
  package static let limit = 2000
  private let toolbox: Toolbox

  /// Watches through these programs.
  package init(toolbox: Toolbox) { self.toolbox = toolbox }

  private final class Store: Sendable {
    package let events = Lock<[String: KubeEvent]>([:])
  }

  /// Watches until the task is cancelled, trying again after failures.
  ///
  /// - Parameter publish: hears of all events, oldest first, at most four times a second.
  package func run(_ publish: @escaping @Sendable ([KubeEvent]) -> Void) async {
    let store = Store()
    let (changes, changed) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for await _ in changes {
          publish(
            store.events.withLock { Array($0.values) }.sorted { ($0.last ?? 0, $0.uid) < ($1.last ?? 0, $1.uid) })
          try? await Task.sleep(for: .milliseconds(250))
        }
      }
      group.addTask {
        var backoff = Backoff(first: .seconds(2))
        while !Task.isCancelled {
          let started = ContinuousClock.now
          do {
            let stream = WatchStream<KubeEvent>(
              api: try toolbox.api(), path: "/api/v1/namespaces/\(ClusterTarget.namespace)/events")
            try await stream.run { events in
              store.events.withLock { Self.apply(events, to: &$0) }
              changed.yield()
            }
          } catch {
            try? await Task.sleep(for: backoff.next(after: started.duration(to: .now)))
          }
        }
        changed.finish()
      }
    }
  }

  private static func apply(_ changes: [WatchEvent<KubeEvent>], to events: inout [String: KubeEvent]) {
    for change in changes {
      guard case .put(let event) = change else { continue }
      events[event.uid] = event
    }
    guard events.count > limit + limit / 4 else { return }
    let old = events.values.sorted { ($0.last ?? 0) < ($1.last ?? 0) }.prefix(events.count - limit)
    for event in old { events[event.uid] = nil }
  }
}
