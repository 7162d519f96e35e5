import Basics
import Kubernetes
import Tools

/// The namespaces of events about runners, listeners and the controller, and a filter for these events: namespaces
/// other than deskrun's own may contain many unrelated events.
package struct EventScope: Sendable, Equatable {
  /// The namespaces of scale sets and of the controller, deskrun's own first.
  package let namespaces: [String]
  private let scaleSets: Set<String>
  /// The scale set of each listener by its pod's name.
  private let listeners: [String: String]
  private let controllerNamespace: String?

  /// The only namespace requested; nil for all.
  private let narrowedTo: String?

  /// Creates a scope from the contents of a snapshot.
  package init(_ snapshot: Snapshot) {
    scaleSets = Set(snapshot.scaleSets.map(\.id))
    listeners = Dictionary(snapshot.listenerNames.map { ($0.value, $0.key) }, uniquingKeysWith: { first, _ in first })
    controllerNamespace = snapshot.controllerNamespace
    namespaces = snapshot.eventNamespaces
    narrowedTo = snapshot.narrowedTo
  }

  /// Reads the necessary objects: scale sets, the controller and listeners, but no runners.
  ///
  /// - Throws: `EngineError` if the cluster does not respond or denies all reads.
  package init(_ toolbox: Toolbox) async throws { self.init(try await SnapshotReader(toolbox: toolbox).outline()) }

  /// The scale set that an event is about.
  ///
  /// - Parameter more: further scale sets, from the configuration.
  package func scaleSet(of event: KubeEvent, among more: Set<String> = []) -> String? {
    event.scaleSet(among: scaleSets.union(more), listeners: listeners)
  }

  /// Whether an event is about an ARC object. In deskrun's own namespace, all are.
  package func includes(_ event: KubeEvent) -> Bool {
    // Listeners are in the controller's namespace, whatever namespace their scale set is in.
    if let narrowedTo {
      return event.namespace == narrowedTo
        || scaleSet(of: event).map { ScaleSetID.namespace($0) == narrowedTo } ?? false
    }
    return event.namespace.isEmpty || event.namespace == ClusterTarget.namespace
      || event.namespace == controllerNamespace
      || scaleSet(of: event) != nil
  }
}

extension Snapshot {
  /// The namespaces with events about runners, listeners and the controller.
  package var eventNamespaces: [String] {
    var names = Set(scaleSets.map(\.metadata.namespace))
    if let controllerNamespace { names.insert(controllerNamespace) }
    // deskrun's own namespace is left out if it cannot be read or was not requested.
    let isSeen = limits?.namespaces.map { $0.contains(ClusterTarget.namespace) } ?? true
    if narrowedTo == nil, isSeen { names.insert(ClusterTarget.namespace) }
    func rank(_ name: String) -> Int { name == ClusterTarget.namespace ? 0 : 1 }
    // There may be more namespaces than can be watched.
    return names.filter { !$0.isEmpty }.sorted { (rank($0), $0) < (rank($1), $1) }
  }
}
