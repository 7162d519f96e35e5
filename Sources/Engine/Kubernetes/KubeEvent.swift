import Basics
import Tools

/// An event that Kubernetes reported about an object.
package struct KubeEvent: ScannedObject, Equatable {
  /// The event's uid.
  package var uid: String
  /// `Normal` or `Warning`.
  package var type: String
  /// The reason as one word: `Pulling`, `FailedScheduling`, …
  package var reason: String
  package var message: String
  /// The kind of the object it is about.
  package var kind: String
  package var object: String
  /// The namespace of the event and its object.
  package var namespace: String
  /// The number of occurrences.
  package var count: Int
  /// The last occurrence, in seconds since 1970.
  package var last: Int64?

  /// The order of events of the same second: names end with the nanosecond of the first occurrence, in hexadecimal.
  private var place: UInt64

  /// Whether an event is older than another: times have only seconds.
  package static func isOlder(_ a: KubeEvent, _ b: KubeEvent) -> Bool {
    (a.last ?? 0, a.place, a.uid) < (b.last ?? 0, b.place, b.uid)
  }

  package var isWarning: Bool { type == "Warning" }

  package init(_ scanner: inout JSONScanner) {
    var metadata = ObjectMetadata()
    var (type, reason, message, note) = ("", "", "", "")
    var about = (kind: "", name: "")
    var (count, seriesCount) = (Int?.none, Int?.none)
    var (seriesTime, lastTime, eventTime) = (Int64?.none, Int64?.none, Int64?.none)
    scanner.object { key, value in
      switch key {
      case "metadata": metadata = ObjectMetadata(&value)
      case "type": type = value.string() ?? ""
      case "reason": reason = value.string() ?? ""
      case "message": message = value.string() ?? ""
      // Named `note` and `regarding` in events.k8s.io/v1.
      case "note": note = value.string() ?? ""
      case "involvedObject", "regarding":
        value.object { key, value in
          switch key {
          case "kind": about.kind = value.string() ?? ""
          case "name": about.name = value.string() ?? ""
          default: break
          }
        }
      case "count": count = value.amount()
      case "series":
        value.object { key, value in
          switch key {
          case "count": seriesCount = value.amount()
          case "lastObservedTime": seriesTime = value.time()
          default: break
          }
        }
      case "lastTimestamp": lastTime = value.time()
      case "eventTime": eventTime = value.time()
      default: break
      }
    }
    uid = metadata.uid
    place = metadata.name.split(separator: ".").last.flatMap { UInt64($0, radix: 16) } ?? 0
    namespace = metadata.namespace
    self.type = type
    self.reason = SafeText.line(reason)
    self.message = SafeText.line(message.isEmpty ? note : message)
    (kind, object) = about
    self.count = seriesCount ?? count ?? 1
    last = seriesTime ?? lastTime ?? eventTime ?? metadata.created
  }

  /// The `ScaleSetID` of the object's scale set, as far as its name shows; nil if none matches. Both `web` and `web-ci`
  /// may be scale sets: the longest matching name is used.
  ///
  /// - Parameters:
  ///   - ids: the scale sets.
  ///   - listeners: the scale set of each listener by its pod's name. Listeners are in the controller's namespace,
  ///     where another scale set may have the same name.
  package func scaleSet(among ids: some Sequence<String>, listeners: [String: String] = [:]) -> String? {
    if let known = listeners[object] { return known }
    var longest: (id: String, length: Int)?
    for id in ids {
      let name = ScaleSetID.name(id)
      guard object.hasPrefix(name), name.utf8.count >= longest?.length ?? 0,
        object.utf8.count == name.utf8.count || object.dropFirst(name.count).first == "-",
        isIn(ScaleSetID.namespace(id))
      else { continue }
      longest = (id, name.utf8.count)
    }
    return longest?.id
  }

  private func isIn(_ namespace: String) -> Bool {
    self.namespace == namespace || self.namespace.isEmpty && namespace == ClusterTarget.namespace
  }

  /// Reads the events of some namespaces, oldest first. Namespaces that cannot be read are skipped, as long as one can
  /// be.
  ///
  /// - Throws: `EngineError` if none can be read.
  package static func read(
    _ api: any KubernetesAPI, in namespaces: [String], timeout: Duration = .seconds(20)
  ) async throws -> [KubeEvent] {
    let results = try await withThrowingTaskGroup(of: Result<[KubeEvent], EngineError>.self) { group in
      for namespace in namespaces {
        group.addTask {
          do {
            let answer = try await api.get("\(path(namespace))?limit=5000", timeout: timeout)
            return .success(try ScannedList<KubeEvent>(answer).items)
          } catch let error as EngineError { return .failure(error) }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    var events: [KubeEvent] = []
    var failures: [EngineError] = []
    for result in results {
      switch result {
      case .success(let some): events += some
      case .failure(let error): failures.append(error)
      }
    }
    if failures.count == results.count, let error = failures.first { throw error }
    return events.sorted(by: KubeEvent.isOlder)
  }

  static func path(_ namespace: String) -> String {
    "/api/v1/namespaces/\(PercentEncoding.escaped(namespace))/events"
  }
}

extension KubeEvent {
  /// The events of several clusters, without those that an earlier one has: two contexts can lead to one cluster.
  package static func once(_ clusters: [[KubeEvent]]) -> [[KubeEvent]] {
    var seen: Set<String> = []
    return clusters.map { events in
      let new = events.filter { $0.uid.isEmpty || !seen.contains($0.uid) }
      seen.formUnion(events.map(\.uid))
      return new
    }
  }
}
