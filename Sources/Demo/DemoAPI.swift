import Engine

/// The simulated API server, used through `kubectl get --raw`.
struct DemoAPI {
  let call: DemoCall

  /// The response for a path.
  enum Answer {
    /// A complete response.
    case text(String)
    /// Changes of a kind.
    case watch(plural: String, query: [String: String])
    case log(DemoLogRequest)
  }

  /// Writes the response to standard output until it is complete or the reader closes the stream.
  func answer(_ target: String) throws {
    switch try resolve(target) {
    case .text(let text): call.say(text)
    case .watch(let plural, let query): try watch(plural, query)
    case .log(let request): try request.write(call)
    }
  }

  /// - Throws: `DemoError` with kubectl's message.
  func resolve(_ target: String) throws -> Answer {
    let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
    let path = parts[0].split(separator: "/").map(String.init)
    var query = Self.query(parts.count > 1 ? parts[1] : "")
    switch path.first {
    case "readyz", "livez", "healthz": return .text("ok")
    case "version":
      return .text(
        "{\"major\":\"1\",\"minor\":\"36\",\"gitVersion\":\"v1.36.1\",\"platform\":\"linux/amd64\"}")
    default: break
    }
    if path == ["apis", "actions.github.com", "v1alpha1"], hasDefinitions {
      return .text("{\"kind\":\"APIResourceList\",\"groupVersion\":\"actions.github.com/v1alpha1\",\"resources\":[]}")
    }
    if path.last == "storageclasses", call.state().trouble == FindingRule.clusterHalfCreated.rawValue {
      return .text("{\"kind\":\"StorageClassList\",\"apiVersion\":\"storage.k8s.io/v1\",\"items\":[]}")
    }
    // /api/v1/… or /apis/GROUP/VERSION/…
    var rest = path.dropFirst(path.first == "api" ? 2 : 3)
    if rest.first == "namespaces", rest.count > 2 {
      query[Self.namespace] = rest.dropFirst().first
      rest = rest.dropFirst(2)
    }
    guard let kind = rest.first, let plural = try? DemoKubectl.plural(kind) else {
      throw DemoError("Error from server (NotFound): the server could not find the requested resource")
    }
    let isOurs = path.dropFirst(path.first == "api" ? 2 : 3).first == "apis" || path.first == "apis"
    if isOurs, path.dropFirst().first == "actions.github.com", !hasDefinitions {
      throw DemoError("Error from server (NotFound): the server could not find the requested resource")
    }
    rest = rest.dropFirst()
    if plural == "pods", rest.dropFirst().first == "log", let pod = rest.first { return .log(log(pod, query)) }
    if query["watch"] == "1" || query["watch"] == "true" { return .watch(plural: plural, query: query) }
    let objects = filtered(call.world().objects(plural), query)
    if let name = rest.first {
      guard let object = objects.first(where: { $0["metadata"]?["name"]?.stringValue == name }) else {
        throw DemoError("Error from server (NotFound): \(plural) \"\(name)\" not found")
      }
      return .text(object.encoded())
    }
    return .text(
      JSONValue.object([
        "kind": "List", "apiVersion": "v1", "metadata": ["resourceVersion": .string(Self.version(call.world()))],
        "items": .array(objects),
      ]).encoded())
  }

  /// The controller's chart installs ARC's kinds, and they remain after it is uninstalled.
  private var hasDefinitions: Bool {
    let state = call.state()
    return state.definitions != nil || !state.releases.isEmpty || !state.leaving.isEmpty
  }

  /// The key under which a query holds the namespace from its path. No API parameter has this name.
  private static let namespace = "/namespace"

  private static func version(_ world: DemoWorld) -> String { String(Int(world.now * 10) % 1_000_000_000) }

  func filtered(_ objects: [JSONValue], _ query: [String: String]) -> [JSONValue] {
    var objects = objects
    if let namespace = query[Self.namespace] {
      objects = objects.filter { $0["metadata"]?["namespace"] == .string(namespace) }
    }
    if let selector = query["labelSelector"] { objects = objects.filter { DemoSelector(selector).matches($0) } }
    for term in (query["fieldSelector"] ?? "").split(separator: ",") {
      let sides = term.split(separator: "=").map(String.init)
      guard sides.count == 2 else { continue }
      let keys = sides[0].split(separator: ".").map(String.init)
      objects = objects.filter { object in
        keys.reduce(Optional(object)) { $0?[$1] }?.stringValue == sides[1]
      }
    }
    return objects
  }

  static func query(_ text: String) -> [String: String] {
    var query: [String: String] = [:]
    for pair in text.split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1).map { unescaped(String($0)) }
      if let key = sides.first { query[key] = sides.count > 1 ? sides[1] : "" }
    }
    return query
  }

  private static func unescaped(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(code)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func log(_ pod: String, _ query: [String: String]) -> DemoLogRequest {
    DemoLogRequest(
      pod: pod, container: query["container"] ?? "runner", follows: query["follow"] == "true",
      hasTimestamps: query["timestamps"] == "true", tail: query["tailLines"].flatMap(Int.init),
      since: query["sinceTime"].flatMap(Timestamp.parse))
  }

  /// Seconds between bookmarks. A real server sends about one a minute.
  static let bookmarkInterval: Double = 50

  /// A watch event as a line, including the newline.
  static func event(_ type: String, _ object: JSONValue) -> String {
    JSONValue.object(["type": .string(type), "object": object]).encoded() + "\n"
  }

  static func bookmark(_ world: DemoWorld, endsList: Bool) -> String {
    var metadata: JSONObject = ["resourceVersion": .string(version(world))]
    if endsList { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
    return event("BOOKMARK", ["metadata": .object(metadata)])
  }

  static func tooOld() -> String {
    event("ERROR", ["kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"])
  }

  /// The watch events for the difference between two lists of objects, by key.
  static func changes(
    from known: [String: JSONValue], to now: [String: JSONValue], _ world: DemoWorld
  ) -> [(type: String, object: JSONValue)] {
    func versioned(_ object: JSONValue) -> JSONValue {
      guard var whole = object.objectValue, var metadata = whole["metadata"]?.objectValue else { return object }
      metadata["resourceVersion"] = .string(version(world))
      whole["metadata"] = .object(metadata)
      return .object(whole)
    }
    var changes: [(type: String, object: JSONValue)] = []
    for (key, object) in now.sorted(by: { $0.key < $1.key }) where known[key] != object {
      changes.append((known[key] == nil ? "ADDED" : "MODIFIED", versioned(object)))
    }
    for (key, object) in known.sorted(by: { $0.key < $1.key }) where now[key] == nil {
      changes.append(("DELETED", versioned(object)))
    }
    return changes
  }

  /// Objects by key.
  static func keyed(_ objects: [JSONValue]) -> [String: JSONValue] {
    Dictionary(objects.map { (key($0), $0) }, uniquingKeysWith: { $1 })
  }

  /// Sends the list, or starts at a resource version, then sends changes, one event per line, until the watch times out
  /// or the reader closes the stream.
  private func watch(_ plural: String, _ query: [String: String]) throws {
    guard let world = world(at: query["resourceVersion"]) else { return call.say(Self.tooOld()) }
    var known = Self.keyed(filtered(world.objects(plural), query))
    if query["sendInitialEvents"] == "true" {
      for (_, object) in known.sorted(by: { $0.key < $1.key }) { call.say(Self.event("ADDED", object)) }
      call.say(Self.bookmark(world, endsList: true))
    }
    let start = ContinuousClock.now
    let lifetime = Self.lifetime(query)
    var marked = start
    while !call.readerIsGone {
      let state = call.store.load()
      guard state.node?.status == "running" else { return }
      let world = call.world()
      let now = Self.keyed(filtered(world.objects(plural), query))
      for change in Self.changes(from: known, to: now, world) { call.say(Self.event(change.type, change.object)) }
      known = now
      let left = lifetime - start.duration(to: .now) / .seconds(1)
      if left <= 0 { return }
      if marked.duration(to: .now) >= .seconds(Self.bookmarkInterval) {
        marked = .now
        call.say(Self.bookmark(world, endsList: false))
      }
      call.waitForChange(atMost: min(left, Self.bookmarkInterval) * max(state.speed, 0.000_001))
    }
  }

  /// The duration of a watch in seconds.
  static func lifetime(_ query: [String: String]) -> Double { query["timeoutSeconds"].flatMap(Double.init) ?? 1800 }

  /// The world at a resource version; nil if that is too old, or if the state was modified since.
  func world(at version: String?) -> DemoWorld? {
    let now = call.world()
    guard let version = version.flatMap(Int.init), let current = Int(Self.version(now)), version != 0 else {
      return now
    }
    let age = Double(current - version) / 10 / max(now.state.speed, 0.000_001)
    guard (0..<600).contains(age) else { return nil }
    let then = call.wall() - age
    guard age < 0.2 || call.store.changedAt < then else { return nil }
    return now.at(wall: then)
  }

  private static func key(_ object: JSONValue) -> String {
    "\(object["metadata"]?["name"]?.stringValue ?? "")/\(object["metadata"]?["uid"]?.stringValue ?? "")"
  }
}

/// A request for a log, by command or through the API.
struct DemoLogRequest {
  var pod: String
  var container: String
  var follows: Bool
  var hasTimestamps: Bool
  var tail: Int?
  var since: Int64?

  func write(_ call: DemoCall) throws {
    var world = call.world()
    let lines = begin(try lines(world), world)
    var last = world.now
    call.say(text(lines, world))
    guard follows else { return }
    while !call.readerIsGone {
      // Log lines are also written between a runner's changes.
      call.waitForChange(atMost: world.isBusy(pod) ? 0.2 : 30)
      world = call.world()
      // The pod was deleted, and its log with it.
      guard let now = try? self.lines(world) else { return }
      call.say(text(now.filter { $0.time > last }, world))
      last = world.now
    }
  }

  /// The existing lines that the response starts with.
  func begin(_ lines: [(time: Double, text: String)], _ world: DemoWorld) -> [(time: Double, text: String)] {
    var lines = lines
    if let since { lines = lines.filter { Int64(world.clock.wall(of: $0.time)) >= since } }
    if let tail { lines = Array(lines.suffix(tail)) }
    return lines
  }

  private func lines(_ world: DemoWorld) throws -> [(time: Double, text: String)] {
    switch world.log(pod: pod, container: container) {
    case .success(let lines): return lines
    case .failure(let failure): throw DemoError(failure.text)
    }
  }

  /// The lines in the API's format.
  func text(_ lines: [(time: Double, text: String)], _ world: DemoWorld) -> String {
    var text = ""
    // Many lines are of one second.
    var (second, stamp) = (Int64.min, "")
    for line in lines {
      let moment = Int64(world.clock.wall(of: line.time))
      if hasTimestamps, moment != second {
        (second, stamp) = (moment, Timestamp.text(moment).dropLast() + ".000000000Z ")
      }
      text += stamp
      text += line.text
      text += "\n"
    }
    return text
  }
}
