/// Something Kubernetes reported about an object.
public struct KubeEvent: Sendable, Equatable {
  /// Its identity.
  public var uid: String
  /// `Normal` or `Warning`.
  public var type: String
  /// A word: `Pulling`, `FailedScheduling`, …
  public var reason: String
  /// A sentence.
  public var message: String
  /// What it is about: kind and name.
  public var kind: String
  /// The object's name.
  public var object: String
  /// How often it happened.
  public var count: Int
  /// When it happened last, in seconds since 1970.
  public var last: Int64?

  /// Whether somebody should look.
  public var isWarning: Bool { type == "Warning" }

  init(_ event: JSONValue) {
    let metadata = event["metadata"]
    uid = metadata?["uid"]?.stringValue ?? ""
    type = event["type"]?.stringValue ?? ""
    reason = SafeText.line(event["reason"]?.stringValue ?? "")
    message = SafeText.line(event["message"]?.stringValue ?? event["note"]?.stringValue ?? "")
    let about = event["involvedObject"] ?? event["regarding"]
    kind = about?["kind"]?.stringValue ?? ""
    object = about?["name"]?.stringValue ?? ""
    count = event["series"]?["count"]?.intValue ?? event["count"]?.intValue ?? 1
    let times = [
      event["series"]?["lastObservedTime"], event["lastTimestamp"], event["eventTime"],
      metadata?["creationTimestamp"],
    ]
    last = times.lazy.compactMap { $0?.stringValue }.compactMap(Timestamp.parse).first
  }

  /// The events of the namespace, oldest first; of these scale sets alone when they are named, told by the names of
  /// their objects.
  public static func read(_ api: any KubernetesAPI, scaleSets: Set<String>?) async throws -> [KubeEvent] {
    let answer = try JSONValue(
      parsing: try await api.get(
        "/api/v1/namespaces/\(ClusterTarget.namespace)/events?limit=5000", timeout: .seconds(20)))
    let events = (answer["items"]?.arrayValue ?? []).map(KubeEvent.init)
    return events.filter { event in
      guard let scaleSets else { return true }
      return scaleSets.contains { event.object == $0 || event.object.hasPrefix($0 + "-") }
    }.sorted { ($0.last ?? 0, $0.uid) < ($1.last ?? 0, $1.uid) }
  }
}
