/// What deskrun reads of any Kubernetes object's metadata.
public struct ObjectMetadata: Sendable, Equatable {
  /// The object's name.
  public var name: String
  /// Its namespace.
  public var namespace: String
  /// Its identity, which a successor of the same name does not share.
  public var uid: String
  /// When it was made.
  public var created: Int64?
  /// When its deletion was asked for, if it was.
  public var deleted: Int64?
  /// The scale set it belongs to.
  public var scaleSet: String?

  init(_ object: JSONValue) {
    let metadata = object["metadata"]
    name = metadata?["name"]?.stringValue ?? ""
    namespace = metadata?["namespace"]?.stringValue ?? ""
    uid = metadata?["uid"]?.stringValue ?? ""
    created = metadata?["creationTimestamp"]?.stringValue.flatMap(Timestamp.parse)
    deleted = metadata?["deletionTimestamp"]?.stringValue.flatMap(Timestamp.parse)
    scaleSet = metadata?["labels"]?["actions.github.com/scale-set-name"]?.stringValue
  }
}
