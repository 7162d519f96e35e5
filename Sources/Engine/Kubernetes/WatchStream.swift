import Basics
import Synchronization
import Tools

/// An event of a watch.
package enum WatchEvent<Object: ScannedObject>: Sendable {
  /// A complete list follows, up to `listEnds`.
  case listBegins
  /// A new or changed object.
  case put(Object)
  /// A deleted object.
  case gone(Object)
  /// Objects that were not listed since `listBegins` no longer exist.
  case listEnds
}

/// The timeouts and waits of a watch; shorter in tests.
package struct WatchPatience: Sendable {
  /// The time between two lists if watching is refused.
  package var poll: Duration = .seconds(5)
  /// The silence after which a watch is checked for missed changes. API servers send a bookmark about once a minute.
  package var silence: Duration = .seconds(75)
  /// The initial silence after which a streamed list is considered broken.
  package var firstWord: Duration = .seconds(20)
  /// The silence of all watches after which the cluster is probed.
  package var quiet: Duration = .seconds(9)
  /// The time for the probe after which the data is considered old.
  package var answer: Duration = .seconds(4)
  /// The time in which a working stream delivers a change that another stream has delivered.
  var lag: Duration = .seconds(2)
  /// The time after which a watch is considered working again.
  package var useful: Duration = .seconds(10)
  /// The first and the longest wait after failures.
  package var wait: (first: Duration, most: Duration) = (.seconds(1), .seconds(30))
  /// The first and the longest wait before retrying a kind that the server does not know.
  package var absent: (first: Duration, most: Duration) = (.seconds(3), .seconds(10))
  /// The wait before retrying a forbidden request.
  package var forbidden: Duration = .seconds(600)

  package init(
    poll: Duration = .seconds(5), silence: Duration = .seconds(75), lag: Duration = .seconds(2),
    firstWord: Duration = .seconds(20), useful: Duration = .seconds(10),
    wait: (first: Duration, most: Duration) = (.seconds(1), .seconds(30)),
    absent: (first: Duration, most: Duration) = (.seconds(3), .seconds(10))
  ) {
    self.poll = poll
    self.silence = silence
    self.firstWord = firstWord
    self.lag = lag
    self.useful = useful
    self.wait = wait
    self.absent = absent
  }
}

/// Lists and watches objects of one kind through a long-lived request.
///
/// A server of Kubernetes 1.32 or newer sends the list as the first events of the watch. Older ones refuse that; then
/// the list is read first, and what follows is watched. If watching is refused, the list is read repeatedly. A broken
/// watch is resumed at its last version, which avoids listing many objects again.
package struct WatchStream<Object: ScannedObject>: Sendable {
  package typealias Event = WatchEvent<Object>
  package let api: any KubernetesAPI
  /// The path of the list, without a query.
  package let path: String
  /// Further query parameters, for example a label selector; each starts with `&`.
  package var query = ""
  /// The seconds after which the server ends a watch; random, so that not all end at the same time. The list of the
  /// next watch repairs what was missed.
  package var lifetime = Int.random(in: 540...660)
  package var patience = WatchPatience()

  package init(
    api: any KubernetesAPI, path: String, query: String = "", lifetime: Int = Int.random(in: 540...660),
    patience: WatchPatience = WatchPatience()
  ) {
    self.api = api
    self.path = path
    self.query = query
    self.lifetime = lifetime
    self.patience = patience
  }

  private var resource: String { String(path.split(separator: "/").last ?? "") }

  /// How a watch starts.
  private enum Start {
    /// With a list in the same stream.
    case streamedList
    /// With a separate list.
    case list
    /// With the changes since a version.
    case version(String)
  }

  /// Watches until the task is canceled or the cluster fails. A kind that the server does not know counts as an empty
  /// list and is retried after a while.
  ///
  /// - Parameter report: called when the state of the watch changes.
  /// - Throws: `EngineError` if the cluster does not respond, `CancellationError`.
  package func run(
    report: @escaping @Sendable (WatchReport) -> Void = { _ in },
    _ body: @escaping @Sendable ([Event]) async throws -> Void
  ) async throws {
    let progress = WatchProgress()
    var streamsList = true
    var start = Start.streamedList
    var backoff = Backoff(first: patience.wait.first, limit: patience.wait.most, useful: patience.useful)
    var absence = Backoff(first: patience.absent.first, limit: patience.absent.most)
    var refusals = 0
    var access = api.access
    while !Task.isCancelled {
      let began = ContinuousClock.now
      progress.begin()
      let whole: Start = streamsList ? .streamedList : .list
      // The context may point to another cluster by now: resuming at a version would keep the objects of the former
      // one.
      if case let current = api.access, current != access {
        access = current
        progress.forget()
        start = whole
      }
      var cause: WatchTrouble.Cause?
      do {
        try await round(start, progress, report, body)
        // A watch that ended at its lifetime starts again with a list; one that was cut is resumed.
        let isInTime = began.duration(to: .now) >= .seconds(lifetime - 30)
        start = isInTime ? whole : progress.resumption.map(Start.version) ?? whole
        cause = .endsEarly
      } catch let failure as WatchFailure {
        switch failure {
        case .stalled:
          // Read the list separately, and watch from its version.
          if progress.resumption == nil { streamsList = false }
          start = progress.resumption.map(Start.version) ?? (streamsList ? .streamedList : .list)
          cause = .stalled
        case .notJSON(let line):
          start = whole
          cause = .notJSON(line: line)
        case .ended(404, _):
          try await absent(&absence, report, body)
          continue
        case .ended(410, _):
          start = whole
          cause = .expires
        case .ended(_, let message):
          start = whole
          cause = .fails(message)
        }
      } catch let error as EngineError {
        switch WatchVerdict(error) {
        case .unknownKind:
          start = whole
          try await absent(&absence, report, body)
          continue
        case .refusesInitialEvents where streamsList:
          streamsList = false
          start = .list
          continue
        case .expired:
          start = whole
          cause = .expires
        case .refusesInitialEvents, .failed:
          refusals = progress.hasHeard ? 0 : refusals + 1
          if progress.hasHeard || (progress.resumption != nil && refusals < 3) {
            // The connection was cut, or the cluster is unreachable, which must be reported at once.
            guard try await isReady() else { throw error }
            start = progress.resumption.map(Start.version) ?? whole
            cause = .fails(Self.words(error))
          } else {
            // Poll if the server, or a proxy in front of it, answers lists but not watches.
            let asked = ContinuousClock.now
            do { _ = try await list(progress, body) } catch is EngineError { throw error }
            report(.current)
            report(.trouble(WatchTrouble(resource: resource, cause: .refused(Self.words(error)))))
            start = whole
            // Limit how often a slow list is read.
            let pause = max(patience.poll, asked.duration(to: .now) * 5)
            try await Task.sleep(for: pause)
            // Do not retry a forbidden watch after each list.
            while error.isForbidden, began.duration(to: .now) < patience.forbidden {
              _ = try await list(progress, body)
              report(.current)
              try await Task.sleep(for: pause)
            }
            continue
          }
        }
      }
      absence = Backoff(first: patience.absent.first, limit: patience.absent.most)
      let lasted = began.duration(to: .now)
      if cause == .endsEarly, lasted >= patience.useful { continue }
      let wait = backoff.next(after: lasted)
      // A single failure is normal for a connection. Unreadable data and missed changes are reported at once.
      if let cause, backoff.failures > 1 || cause.isTelling {
        report(.trouble(WatchTrouble(resource: resource, cause: cause, wait: wait.components.seconds + 1)))
      }
      try await Task.sleep(for: wait)
    }
    throw CancellationError()
  }

  private func isReady() async throws -> Bool {
    for attempt in 1...2 {
      do {
        _ = try await api.get("/readyz", timeout: .seconds(6))
        return true
      } catch is EngineError {
        if attempt == 1 { try await Task.sleep(for: .milliseconds(300)) }
      }
    }
    return false
  }

  private static func words(_ error: EngineError) -> String { SafeText.line(error.why ?? error.what) }

  /// Handles a kind that the server does not know, for example before ARC is installed.
  private func absent(
    _ absence: inout Backoff, _ report: @Sendable (WatchReport) -> Void,
    _ body: @Sendable ([Event]) async throws -> Void
  ) async throws {
    try await body([.listBegins, .listEnds])
    report(.current)
    report(.works)
    try await Task.sleep(for: absence.next())
  }

  /// Lists and watches once, and checks that the watch delivers changes.
  private func round(
    _ start: Start, _ progress: WatchProgress, _ report: @escaping @Sendable (WatchReport) -> Void,
    _ body: @escaping @Sendable ([Event]) async throws -> Void
  ) async throws {
    var version: String
    switch start {
    case .streamedList:
      progress.forget()
      version = "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
      try await body([.listBegins])
    case .list:
      version = try await list(progress, body)
      report(.current)
      version = "&resourceVersion=\(PercentEncoding.escaped(version))"
    case .version(let known): version = "&resourceVersion=\(PercentEncoding.escaped(known))"
    }
    let target = "\(path)?watch=1&allowWatchBookmarks=true&timeoutSeconds=\(lifetime)\(version)\(query)"
    try await withThrowingTaskGroup(of: Bool.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        try await api.stream(target) { lines in
          try await take(lines, progress, body)
          if progress.isListed { report(.current) }
        }
        return true
      }
      group.addTask {
        try await Task.sleep(for: patience.useful)
        report(.works)
        try await prove(progress, report)
        return true
      }
      _ = try await group.next()
    }
  }

  private func take(
    _ lines: [ArraySlice<UInt8>], _ progress: WatchProgress, _ body: @Sendable ([Event]) async throws -> Void
  ) async throws {
    var events: [Event] = []
    var isBookmark = false
    for line in lines {
      if let event = try WatchLine<Object>.event(line) {
        events.append(event)
        if case .listEnds = event { progress.listEnded() }
      } else {
        isBookmark = true
      }
    }
    progress.heard(version: lines.last.flatMap(WatchLine<Object>.version), isBookmark: isBookmark)
    try await body(events)
  }

  /// Lists in pages.
  ///
  /// - Returns: the version to watch from.
  private func list(_ progress: WatchProgress, _ body: @Sendable ([Event]) async throws -> Void) async throws -> String
  {
    progress.forget()
    try await body([.listBegins])
    var rest = ""
    while true {
      let answer = try ScannedList<Object>(
        try await api.get("\(path)?limit=500\(rest)\(query)", timeout: .seconds(20)))
      try await body(answer.items.map(Event.put))
      if let next = answer.rest {
        rest = "&continue=\(PercentEncoding.escaped(next))"
        continue
      }
      try await body([.listEnds])
      progress.listed(version: answer.version)
      return answer.version
    }
  }
}
