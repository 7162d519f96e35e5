import Basics
import Synchronization
import Tools

/// The events of some namespaces, updated while they are displayed.
package struct EventFeed: Sendable {
  /// The maximum number of events kept.
  package static let limit = 2000
  /// The maximum number of namespaces to watch: each is a stream.
  package static let namespaceLimit = 20
  private let toolbox: Toolbox
  private let namespaces: [String]

  /// Creates a feed for a toolbox's cluster.
  package init(toolbox: Toolbox, namespaces: [String]) {
    (self.toolbox, self.namespaces) = (toolbox, Array(namespaces.prefix(Self.namespaceLimit)))
  }

  private final class Store: Sendable {
    package let events = Lock<[String: KubeEvent]>([:])
  }

  /// Watches until the task is canceled, with retries after failures.
  ///
  /// - Parameter publish: called with all events, oldest first, at most four times a second.
  package func run(_ publish: @escaping @Sendable ([KubeEvent]) -> Void) async {
    let store = Store()
    let (changes, changed) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for await _ in changes {
          publish(store.events.withLock { Array($0.values) }.sorted(by: KubeEvent.isOlder))
          try? await Task.sleep(for: .milliseconds(250))
        }
      }
      group.addTask {
        await withTaskGroup(of: Void.self) { group in
          for namespace in namespaces { group.addTask { await watch(namespace, store, changed) } }
        }
        changed.finish()
      }
    }
  }

  private func watch(_ namespace: String, _ store: Store, _ changed: AsyncStream<Void>.Continuation) async {
    var backoff = Backoff(first: .seconds(2))
    while !Task.isCancelled {
      let started = ContinuousClock.now
      do {
        let stream = WatchStream<KubeEvent>(api: try toolbox.api(), path: KubeEvent.path(namespace))
        try await stream.run { events in
          store.events.withLock { Self.apply(events, to: &$0) }
          changed.yield()
        }
      } catch {
        let isForbidden = (error as? EngineError)?.isForbidden == true
        try? await Task.sleep(
          for: isForbidden ? WatchPatience().forbidden : backoff.next(after: started.duration(to: .now)))
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
