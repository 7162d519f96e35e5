import Tools

/// What a scale set is called wherever it is kept by name: queues, listeners, runners, jobs, logs and events.
///
/// Two namespaces may have a scale set of one name. One in `ClusterTarget.namespace`, where deskrun deploys, is called by
/// its name alone, as it always was; every other one `NAMESPACE/NAME`. No name in Kubernetes has a slash, so the two
/// forms cannot be taken for each other. It is also what people type and read.
package enum ScaleSetID {
  private static let slash: Character = "/"

  /// - Parameter namespace: empty where an object does not say, which counts as deskrun's own.
  package static func text(_ name: String, in namespace: String) -> String {
    namespace.isEmpty || namespace == ClusterTarget.namespace ? name : "\(namespace)\(slash)\(name)"
  }

  /// The scale set's own name, which another one may have too.
  package static func name(_ id: String) -> String {
    id.firstIndex(of: slash).map { String(id[id.index(after: $0)...]) } ?? id
  }

  /// The namespace it is in.
  package static func namespace(_ id: String) -> String {
    id.firstIndex(of: slash).map { String(id[..<$0]) } ?? ClusterTarget.namespace
  }
}

/// What tells objects of one kind apart: two namespaces may have one of the same name. In order of names, so that lists
/// of them can be searched by name.
package struct ObjectKey: Sendable, Hashable, Comparable {
  package var name: String
  package var namespace: String

  package init(_ name: String, _ namespace: String) { (self.name, self.namespace) = (name, namespace) }

  package static func < (a: ObjectKey, b: ObjectKey) -> Bool {
    a.name == b.name ? a.namespace < b.namespace : a.name < b.name
  }
}
