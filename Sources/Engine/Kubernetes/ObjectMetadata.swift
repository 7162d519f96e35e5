import Basics

/// The metadata that deskrun reads from Kubernetes objects.
package struct ObjectMetadata: Sendable, Equatable {
  package var name: String
  package var namespace: String
  /// Unique, unlike the name, which can be reused after deletion.
  package var uid: String
  /// The creation time, in seconds since 1970.
  package var created: Int64?
  /// When its deletion was requested, if it was, in seconds since 1970.
  package var deleted: Int64?
  /// The `ScaleSetID` of its scale set: a listener is in another namespace than its scale set.
  package var scaleSet: String?

  /// Its identity among objects of its kind.
  package var key: ObjectKey { ObjectKey(name, namespace) }

  /// Creates empty metadata.
  package init() {
    (name, namespace, uid) = ("", "", "")
  }

  /// Reads the `metadata` of an object.
  ///
  /// - Parameter labels: called with labels that are not read here.
  package init(_ scanner: inout JSONScanner, labels: (JSONScanner.Key, inout JSONScanner) -> Void = { _, _ in }) {
    self.init()
    var metadata = self
    var set: (name: String?, namespace: String?)
    scanner.object { key, value in
      switch key {
      case "name": metadata.name = value.string() ?? ""
      case "namespace": metadata.namespace = value.string() ?? ""
      case "uid": metadata.uid = value.string() ?? ""
      case "creationTimestamp": metadata.created = value.time()
      case "deletionTimestamp": metadata.deleted = value.time()
      case "labels":
        value.object { key, value in
          switch key {
          case "actions.github.com/scale-set-name": set.name = value.string()
          case "actions.github.com/scale-set-namespace": set.namespace = value.string()
          default: labels(key, &value)
          }
        }
      default: break
      }
    }
    metadata.scaleSet = set.name.map { ScaleSetID.text($0, in: set.namespace ?? metadata.namespace) }
    self = metadata
  }
}
