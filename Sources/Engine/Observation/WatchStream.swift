/// What a watch tells.
enum WatchEvent: Sendable {
  /// What follows, up to `listEnds`, is everything there is.
  case listBegins
  /// An object that is new or changed.
  case put(JSONValue)
  /// An object that is gone.
  case gone(JSONValue)
  /// Objects that were not told since `listBegins` are gone.
  case listEnds
}

/// One kind of object, listed and watched through one long-lived call.
///
/// A server of Kubernetes 1.32 or newer sends the list as the first events of the watch. Older ones refuse that; they are
/// asked for the list and then for what came after it. Where watching is refused the list is read again and again.
struct WatchStream: Sendable {
  let api: any KubernetesAPI
  /// The path of the list, without a query.
  let path: String
  /// Further terms of the query, for example a label selector; each begins with `&`.
  var query = ""
  /// Time between two lists where watching is refused.
  var pollInterval: Duration = .seconds(5)
  /// The server ends a watch after so many seconds. The list that begins the next one mends whatever was missed.
  var lifetime = 600

  /// Watches until the task is cancelled or the cluster fails. A kind that the server does not know counts as an empty
  /// list and is asked for again after a while.
  ///
  /// - Throws: `EngineError` when the cluster does not answer, `CancellationError`.
  func run(_ body: @escaping @Sendable ([WatchEvent]) async throws -> Void) async throws {
    var streamsList = true
    while !Task.isCancelled {
      let started = ContinuousClock.now
      do {
        if streamsList {
          try await watch("&sendInitialEvents=true&resourceVersionMatch=NotOlderThan", listsFirst: true, body)
        } else {
          let version = try await list(body)
          try await watch("&resourceVersion=\(LogRequest.escaped(version))", listsFirst: false, body)
        }
      } catch let error as EngineError {
        switch Self.verdict(error) {
        case .unknownKind:
          try await body([.listBegins, .listEnds])
          try await Task.sleep(for: .seconds(3))
        case .refusesInitialEvents where streamsList: streamsList = false
        case .refusesWatch:
          _ = try await list(body)
          try await Task.sleep(for: pollInterval)
        case .expired: break
        case .refusesInitialEvents, .failed: throw error
        }
      }
      // A server that ends each watch at once must not be asked in a loop.
      if started.duration(to: .now) < .milliseconds(500) { try await Task.sleep(for: .seconds(1)) }
    }
    throw CancellationError()
  }

  private enum Verdict { case unknownKind, refusesInitialEvents, refusesWatch, expired, failed }

  private static func verdict(_ error: EngineError) -> Verdict {
    if error.kind == .notFound { return .unknownKind }
    let text = ([error.what, error.why ?? ""] + error.details).joined(separator: " ").lowercased()
    if text.contains("expired") || text.contains("too old") || text.contains("410") { return .expired }
    if text.contains("sendinitialevents") || text.contains("resourceversionmatch") { return .refusesInitialEvents }
    if error.kind == .unauthorized, text.contains("watch") { return .refusesWatch }
    return .failed
  }

  private func watch(
    _ version: String, listsFirst: Bool, _ body: @escaping @Sendable ([WatchEvent]) async throws -> Void
  ) async throws {
    if listsFirst { try await body([.listBegins]) }
    let target = "\(path)?watch=1&allowWatchBookmarks=true&timeoutSeconds=\(lifetime)\(version)\(query)"
    try await api.stream(target) { lines in
      var events: [WatchEvent] = []
      for line in lines {
        if let event = try Self.event(line) { events.append(event) }
      }
      try await body(events)
    }
  }

  /// Reads one line of a watch; bookmarks that only say that the server is there give nothing.
  static func event(_ line: ArraySlice<UInt8>) throws -> WatchEvent? {
    let document: JSONValue
    do { document = try JSONValue(parsing: Array(line)) } catch {
      throw EngineError(
        .failed, "The cluster sent something that is not JSON", why: "column \(error.column): \(error.message)")
    }
    let object = document["object"] ?? .null
    switch document["type"]?.stringValue {
    case "ADDED", "MODIFIED": return .put(object)
    case "DELETED": return .gone(object)
    case "BOOKMARK":
      return object["metadata"]?["annotations"]?["k8s.io/initial-events-end"] == "true" ? .listEnds : nil
    case "ERROR":
      let message = object["message"]?.stringValue ?? "it gave no reason"
      throw EngineError(
        object["code"] == .int(404) ? .notFound : .failed, "The cluster ended a watch", why: SafeText.line(message),
        details: object["code"] == .int(410) ? ["410"] : [])
    default: return nil
    }
  }

  /// Lists in parts.
  ///
  /// - Returns: the version to watch from.
  private func list(_ body: @escaping @Sendable ([WatchEvent]) async throws -> Void) async throws -> String {
    try await body([.listBegins])
    var rest = ""
    while true {
      let answer: JSONValue
      do {
        answer = try JSONValue(parsing: try await api.get("\(path)?limit=500\(rest)\(query)", timeout: .seconds(20)))
      } catch let error as JSONParseError {
        throw EngineError(.failed, "The cluster answered something that is not JSON", why: error.message)
      }
      try await body((answer["items"]?.arrayValue ?? []).map(WatchEvent.put))
      let metadata = answer["metadata"]
      if let next = metadata?["continue"]?.stringValue, !next.isEmpty {
        rest = "&continue=\(LogRequest.escaped(next))"
        continue
      }
      try await body([.listEnds])
      return metadata?["resourceVersion"]?.stringValue ?? ""
    }
  }
}
