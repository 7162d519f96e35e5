import Synchronization

/// What a watch tells.
enum WatchEvent<Object: ScannedObject>: Sendable {
  /// What follows, up to `listEnds`, is everything there is.
  case listBegins
  /// An object that is new or changed.
  case put(Object)
  /// An object that is gone.
  case gone(Object)
  /// Objects that were not told since `listBegins` are gone.
  case listEnds
}

/// One kind of object, listed and watched through one long-lived call.
///
/// A server of Kubernetes 1.32 or newer sends the list as the first events of the watch. Older ones refuse that; they are
/// asked for the list and then for what came after it. Where watching is refused the list is read again and again.
struct WatchStream<Object: ScannedObject>: Sendable {
  typealias Event = WatchEvent<Object>
  let api: any KubernetesAPI
  /// The path of the list, without a query.
  let path: String
  /// Further terms of the query, for example a label selector; each begins with `&`.
  var query = ""
  /// Time between two lists where watching is refused.
  var pollInterval: Duration = .seconds(5)
  /// The server ends a watch after so many seconds, not all at the same time. The list that begins the next one mends
  /// whatever was missed.
  var lifetime = Int.random(in: 540...660)

  /// Watches until the task is cancelled or the cluster fails. A kind that the server does not know counts as an empty
  /// list and is asked for again after a while.
  ///
  /// - Throws: `EngineError` when the cluster does not answer, `CancellationError`.
  func run(_ body: @escaping @Sendable ([Event]) async throws -> Void) async throws {
    var streamsList = true
    while !Task.isCancelled {
      let started = ContinuousClock.now
      let hearing = Hearing()
      do {
        if streamsList {
          try await watch(
            "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan", listsFirst: true, hearing, body)
        } else {
          let version = try await list(body)
          try await watch("&resourceVersion=\(LogRequest.escaped(version))", listsFirst: false, hearing, body)
        }
      } catch let error as EngineError {
        switch Self.verdict(error) {
        case .unknownKind:
          try await body([.listBegins, .listEnds])
          try await Task.sleep(for: .seconds(3))
        case .refusesInitialEvents where streamsList: streamsList = false
        case .expired: break
        case .refusesInitialEvents, .failed:
          // A server, or a proxy before it, that answers lists but no watches is asked again and again.
          if hearing.hasHeard { throw error }
          do { _ = try await list(body) } catch is EngineError { throw error }
          try await Task.sleep(for: pollInterval)
        }
      }
      // A server that ends each watch at once must not be asked in a loop.
      if started.duration(to: .now) < .milliseconds(500) { try await Task.sleep(for: .seconds(1)) }
    }
    throw CancellationError()
  }

  private enum Verdict { case unknownKind, refusesInitialEvents, expired, failed }

  private static func verdict(_ error: EngineError) -> Verdict {
    if error.kind == .notFound { return .unknownKind }
    let text = ([error.what, error.why ?? ""] + error.details).joined(separator: " ").lowercased()
    if text.contains("expired") || text.contains("too old") || text.contains("410") { return .expired }
    if text.contains("sendinitialevents") || text.contains("resourceversionmatch") { return .refusesInitialEvents }
    return .failed
  }

  private func watch(
    _ version: String, listsFirst: Bool, _ hearing: Hearing, _ body: @escaping @Sendable ([Event]) async throws -> Void
  ) async throws {
    if listsFirst { try await body([.listBegins]) }
    let target = "\(path)?watch=1&allowWatchBookmarks=true&timeoutSeconds=\(lifetime)\(version)\(query)"
    try await api.stream(target) { lines in
      hearing.heard()
      var events: [Event] = []
      for line in lines {
        if let event = try Self.event(line) { events.append(event) }
      }
      try await body(events)
    }
  }

  /// Reads one line of a watch; bookmarks that only say that the server is there give nothing.
  static func event(_ line: ArraySlice<UInt8>) throws -> Event? {
    do { return try JSONScanner.scan(line) { try event(&$0) } } catch let error as JSONParseError {
      throw EngineError(
        .failed, "The cluster sent something that is not JSON", why: "column \(error.column): \(error.message)")
    }
  }

  private static func event(_ scanner: inout JSONScanner) throws -> Event? {
    var type: String?
    var read: Result<Event?, EngineError>?
    // The type comes first from every server; when it does not, the object is looked at again.
    var object: JSONScanner?
    scanner.object { key, value in
      switch key {
      case "type": type = value.string()
      case "object":
        if let type { read = content(type, &value) } else { object = value }
      default: break
      }
    }
    if read == nil, let type, var object { read = content(type, &object) }
    return try read?.get()
  }

  private static func content(_ type: String, _ scanner: inout JSONScanner) -> Result<Event?, EngineError> {
    switch type {
    case "ADDED", "MODIFIED": return .success(.put(Object(&scanner)))
    case "DELETED": return .success(.gone(Object(&scanner)))
    case "BOOKMARK":
      var endsList = false
      scanner.object { key, value in
        guard case "metadata" = key else { return }
        value.object { key, value in
          guard case "annotations" = key else { return }
          value.object { key, value in
            if case "k8s.io/initial-events-end" = key { endsList = value.string() == "true" }
          }
        }
      }
      return .success(endsList ? .listEnds : nil)
    case "ERROR":
      var (message, code) = (String?.none, Int?.none)
      scanner.object { key, value in
        switch key {
        case "message": message = value.string()
        case "code": code = value.int()
        default: break
        }
      }
      return .failure(
        EngineError(
          code == 404 ? .notFound : .failed, "The cluster ended a watch",
          why: SafeText.line(message ?? "it gave no reason"), details: code == 410 ? ["410"] : []))
    default: return .success(nil)
    }
  }

  /// Lists in parts.
  ///
  /// - Returns: the version to watch from.
  private func list(_ body: @escaping @Sendable ([Event]) async throws -> Void) async throws -> String {
    try await body([.listBegins])
    var rest = ""
    while true {
      let answer = try ScannedList<Object>(
        try await api.get("\(path)?limit=500\(rest)\(query)", timeout: .seconds(20)))
      try await body(answer.items.map(Event.put))
      if let next = answer.rest {
        rest = "&continue=\(LogRequest.escaped(next))"
        continue
      }
      try await body([.listEnds])
      return answer.version
    }
  }
}

/// Whether a watch has told anything yet.
private final class Hearing: Sendable {
  private let flag = Mutex(false)
  var hasHeard: Bool { flag.withLock { $0 } }
  func heard() { flag.withLock { $0 = true } }
}
