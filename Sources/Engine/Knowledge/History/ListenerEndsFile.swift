import ARC
import Basics
import Installations

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The recent ends of listeners on disk: a single command uses what `record` or a dashboard has seen in the last
/// minutes, since a listener's final error may exist for two seconds of eighteen.
package struct ListenerEndsFile: Sendable {
  /// How long an end is useful, in seconds.
  package static let freshness: Int64 = 600
  /// Maximum number of scale sets per cluster, and of clusters.
  private static let limit = 200
  package let path: String

  package init(path: String) { self.path = path }

  /// The recent ends in a cluster, by scale set. An unreadable file counts as empty: it is only an aid.
  package func read(_ place: ClusterPlace, now: Int64) -> [String: [ListenerHealth.End]] {
    guard let root = document() else { return [:] }
    return Self.ends(root[Self.key(place)], now)
  }

  /// Adds new ends and drops old ones. Several programs may do so at once.
  ///
  /// - Parameter recovered: scale sets with a listener that has worked since: their ends are dropped.
  package func add(
    _ ends: [String: [ListenerHealth.End]], recovered: Set<String> = [], in place: ClusterPlace, now: Int64
  ) throws(FileIO.Failure) {
    guard !ends.isEmpty || !recovered.isEmpty else { return }
    let (folder, _) = FileIO.split(path)
    try FileIO.makePrivateFolder(folder)
    let lock = try HistoryLock.take(path + ".lock")
    defer { close(lock) }
    var all: [(String, JSONValue)] = []
    var kept: [String: [ListenerHealth.End]] = [:]
    let key = Self.key(place)
    for (name, value) in document()?.objectValue?.members ?? [] {
      let fresh = Self.ends(value, now)
      if name == key { kept = fresh } else if !fresh.isEmpty { all.append((name, Self.encoded(fresh))) }
    }
    for set in recovered { kept[set] = nil }
    for (set, list) in ends {
      var health = ListenerHealth()
      for end in (kept[set] ?? []) + list { health.note(end) }
      kept[set] = health.ends
    }
    all.append((key, Self.encoded(kept)))
    let text = JSONValue.object(JSONObject(Array(all.suffix(Self.limit)))).encoded()
    try FileIO.replace(path, with: Array(text.utf8))
  }

  /// The name of a cluster in the file: its context, followed by its kubeconfig if it is not kubectl's default.
  private static func key(_ place: ClusterPlace) -> String {
    place.kubeconfig.map { "\(place.context) \($0)" } ?? place.context
  }

  private func document() -> JSONValue? {
    guard let bytes = try? FileIO.read(path, limit: 1 << 20) else { return nil }
    return try? JSONValue(parsing: bytes)
  }

  private static func ends(_ value: JSONValue?, _ now: Int64) -> [String: [ListenerHealth.End]] {
    var found: [String: [ListenerHealth.End]] = [:]
    for (set, list) in value?.objectValue?.members ?? [] {
      let ends = (list.arrayValue ?? []).prefix(ListenerHealth.limit).compactMap { end(SafeText.line(set), $0, now) }
      if !ends.isEmpty { found[set] = ends }
    }
    return found
  }

  private static func end(_ set: String, _ value: JSONValue, _ now: Int64) -> ListenerHealth.End? {
    // After the clock was set back, times are in the future; they are as unreliable as old ones.
    guard let at = value["at"]?.intValue.map(Int64.init), ((now + 6 - freshness)...(now + 5)).contains(at) else {
      return nil
    }
    var said: ListenerProblem?
    if let words = value["words"]?.stringValue, let name = value["failure"]?.stringValue {
      said = ListenerProblem(
        failure: ListenerFailure(rawValue: name) ?? .other, text: String(SafeText.line(words).prefix(400)),
        isLastWord: true)
    }
    return ListenerHealth.End(at: at, pod: value["podUid"]?.stringValue, code: value["exitCode"]?.intValue, said: said)
  }

  private static func encoded(_ ends: [String: [ListenerHealth.End]]) -> JSONValue {
    let newest = ends.sorted { ($0.value.last?.at ?? 0, $0.key) < ($1.value.last?.at ?? 0, $1.key) }.suffix(limit)
    return .object(
      JSONObject(
        newest.map { set, list in
          (
            set,
            .array(
              list.suffix(ListenerHealth.limit).map { end in
                var object: JSONObject = ["at": .int(Int(end.at))]
                if let pod = end.pod { object["podUid"] = .string(pod) }
                if let code = end.code { object["exitCode"] = .int(code) }
                if let said = end.said {
                  object["failure"] = .string(said.failure.rawValue)
                  object["words"] = .string(said.text)
                }
                return .object(object)
              })
          )
        }))
  }
}
