import Basics
import Tools

/// Something Kubernetes reported about an object.
package struct KubeEvent: ScannedObject, Equatable {
  /// Its identity.
  package var uid: String
  /// `Normal` or `Warning`.
  package var type: String
  /// A word: `Pulling`, `FailedScheduling`, …
  package var reason: String
  /// A sentence.
  package var message: String
  /// What it is about: kind and name.
  package var kind: String
  /// The object's name.
  package var object: String
  /// How often it happened.
  package var count: Int
  /// When it happened last, in seconds since 1970.
  package var last: Int64?

  /// Whether somebody should look.
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
      // Called `note` and `regarding` in events.k8s.io/v1.
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
    self.type = type
    self.reason = SafeText.line(reason)
    self.message = SafeText.line(message.isEmpty ? note : message)
    (kind, object) = about
    self.count = seriesCount ?? count ?? 1
    last = seriesTime ?? lastTime ?? eventTime ?? metadata.created
  }

  /// The scale set its object belongs to, as far as its name tells; nil for none of these. `web` and `web-ci` may both
  /// be scale sets: the longest name that fits counts.
  package func scaleSet(among names: some Sequence<String>) -> String? {
    var longest: String?
    for name in names where object.hasPrefix(name) && name.utf8.count >= longest?.utf8.count ?? 0 {
      if object.utf8.count == name.utf8.count || object.dropFirst(name.count).first == "-" { longest = name }
    }
    return longest
  }

  /// The events of the namespace, oldest first.
  package static func read(_ api: any KubernetesAPI, timeout: Duration = .seconds(20)) async throws -> [KubeEvent] {
    let answer = try await api.get(
      "/api/v1/namespaces/\(ClusterTarget.namespace)/events?limit=5000", timeout: timeout)
    return try ScannedList<KubeEvent>(answer).items.sorted { ($0.last ?? 0, $0.uid) < ($1.last ?? 0, $1.uid) }
  }
}
