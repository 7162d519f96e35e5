import Basics

/// What deskrun reads of any Kubernetes object's metadata.
package struct ObjectMetadata: Sendable, Equatable {
  /// The object's name.
  package var name: String
  /// Its namespace.
  package var namespace: String
  /// Its identity, which a successor of the same name does not share.
  package var uid: String
  /// When it was made.
  package var created: Int64?
  /// When its deletion was asked for, if it was.
  package var deleted: Int64?
  /// The scale set it belongs to, by its `ScaleSetID`: a listener is in another namespace than its scale set.
  package var scaleSet: String?

  /// What tells it apart from others of its kind.
  package var key: ObjectKey { ObjectKey(name, namespace) }

  /// Of nothing.
  package init() {
    (name, namespace, uid) = ("", "", "")
  }

  /// Reads the `metadata` of an object.
  ///
  /// - Parameter labels: hears of the labels that are not read here.
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
