import Basics
import Kubernetes
import Tools

/// Where events about runners, listeners and the controller are, and which of those there are about them: another
/// namespace than deskrun's own may have much else.
package struct EventScope: Sendable, Equatable {
  /// The namespaces with scale sets, and the controller's. deskrun's own is the first.
  package let namespaces: [String]
  private let scaleSets: Set<String>
  /// The scale set of each listener by its pod's name.
  private let listeners: [String: String]
  private let controllerNamespace: String?

  /// The one namespace that was asked for; nil for all.
  private let narrowedTo: String?

  /// What a snapshot knows of.
  package init(_ snapshot: Snapshot) {
    scaleSets = Set(snapshot.scaleSets.map(\.id))
    listeners = Dictionary(snapshot.listenerNames.map { ($0.value, $0.key) }, uniquingKeysWith: { first, _ in first })
    controllerNamespace = snapshot.controllerNamespace
    namespaces = snapshot.eventNamespaces
    narrowedTo = snapshot.narrowedTo
  }

  /// Reads what is needed: scale sets, the controller and listeners, and no runner.
  ///
  /// - Throws: `EngineError` when the cluster does not answer, or lets nothing be read.
  package init(_ toolbox: Toolbox) async throws { self.init(try await SnapshotReader(toolbox: toolbox).outline()) }

  /// The scale set that an event is about.
  ///
  /// - Parameter more: scale sets that the configuration wants.
  package func scaleSet(of event: KubeEvent, among more: Set<String> = []) -> String? {
    event.scaleSet(among: scaleSets.union(more), listeners: listeners)
  }

  /// Whether an event is about something of ARC's. Where deskrun deploys, everything is.
  package func includes(_ event: KubeEvent) -> Bool {
    // Listeners are in the controller's namespace, whosever they are.
    if let narrowedTo { return event.namespace == narrowedTo || scaleSet(of: event) != nil }
    return event.namespace.isEmpty || event.namespace == ClusterTarget.namespace
      || event.namespace == controllerNamespace
      || scaleSet(of: event) != nil
  }
}

extension Snapshot {
  /// Where events about runners, listeners and the controller are.
  package var eventNamespaces: [String] {
    var names = Set(scaleSets.map(\.metadata.namespace))
    if let controllerNamespace { names.insert(controllerNamespace) }
    // One that may not be read, or is not wanted, is not asked for.
    let isSeen = limits?.namespaces.map { $0.contains(ClusterTarget.namespace) } ?? true
    if narrowedTo == nil, isSeen { names.insert(ClusterTarget.namespace) }
    func rank(_ name: String) -> Int { name == ClusterTarget.namespace ? 0 : 1 }
    // There may be more than are watched.
    return names.filter { !$0.isEmpty }.sorted { (rank($0), $0) < (rank($1), $1) }
  }
}
