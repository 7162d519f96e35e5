import Tools

/// The identifier of a scale set for queues, listeners, runners, jobs, logs and events.
///
/// Two namespaces may have a scale set with the same name. The id of a scale set in `ClusterTarget.namespace`, where
/// deskrun deploys, is its name, as in earlier versions; all others are `NAMESPACE/NAME`. Kubernetes names contain no
/// slash, so the two forms cannot be confused. Users also see and enter this form.
package enum ScaleSetID {
  private static let slash: Character = "/"

  /// - Parameter namespace: an empty namespace means deskrun's own.
  package static func text(_ name: String, in namespace: String) -> String {
    namespace.isEmpty || namespace == ClusterTarget.namespace ? name : "\(namespace)\(slash)\(name)"
  }

  /// The scale set's name, which may not be unique.
  package static func name(_ id: String) -> String {
    id.firstIndex(of: slash).map { String(id[id.index(after: $0)...]) } ?? id
  }

  /// The namespace of the scale set.
  package static func namespace(_ id: String) -> String {
    id.firstIndex(of: slash).map { String(id[..<$0]) } ?? ClusterTarget.namespace
  }
}

/// The identity of an object of a kind: two namespaces may have objects with the same name. Sorted by name first, so
/// that lists can be searched by name.
package struct ObjectKey: Sendable, Hashable, Comparable {
  package var name: String
  package var namespace: String

  package init(_ name: String, _ namespace: String) { (self.name, self.namespace) = (name, namespace) }

  package static func < (a: ObjectKey, b: ObjectKey) -> Bool {
    a.name == b.name ? a.namespace < b.namespace : a.name < b.name
  }
}
