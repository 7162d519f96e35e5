import Basics
import Synchronization
import Tools

/// What a watch tells.
package enum WatchEvent<Object: ScannedObject>: Sendable {
  /// What follows, up to `listEnds`, is everything there is.
  case listBegins
  /// An object that is new or changed.
  case put(Object)
  /// An object that is gone.
  case gone(Object)
  /// Objects that were not told since `listBegins` are gone.
  case listEnds
}

/// How patient a watch is. Tests are not.
package struct WatchPatience: Sendable {
  /// Time between two lists where watching is refused.
  package var poll: Duration = .seconds(5)
  /// Silence after which a watch has to prove that nothing was missed. API servers send a bookmark about once a minute.
  package var silence: Duration = .seconds(75)
  /// Silence from its very beginning after which a stream that is to tell a list does not work.
  package var firstWord: Duration = .seconds(20)
  /// Time without a word from any watch after which the cluster is asked whether it is still there.
  package var quiet: Duration = .seconds(9)
  /// Time for that answer after which what is known counts as old.
  package var answer: Duration = .seconds(4)
  /// Time in which a stream that works tells what another one was just told.
  var lag: Duration = .seconds(2)
  /// A watch that holds this long works, whatever was wrong before.
  package var useful: Duration = .seconds(10)
  /// The wait after the first failure, and the longest.
  package var wait: (first: Duration, most: Duration) = (.seconds(1), .seconds(30))
  /// The wait before a kind is asked for again that the server does not know, at first and at most.
  package var absent: (first: Duration, most: Duration) = (.seconds(3), .seconds(10))
  /// The wait before something is asked for again that the cluster forbids.
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

/// One kind of object, listed and watched through one long-lived call.
///
/// A server of Kubernetes 1.32 or newer sends the list as the first events of the watch. Older ones refuse that; they are
/// asked for the list and then for what came after it. Where watching is refused the list is read repeatedly. A
/// watch that breaks off is taken up at the version it had come to, so many objects are not listed again for it.
package struct WatchStream<Object: ScannedObject>: Sendable {
  package typealias Event = WatchEvent<Object>
  package let api: any KubernetesAPI
  /// The path of the list, without a query.
  package let path: String
  /// Further terms of the query, for example a label selector; each begins with `&`.
  package var query = ""
  /// The server ends a watch after so many seconds, not all at the same time. The list that begins the next one repairs
  /// whatever was missed.
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

  /// Where a watch begins.
  private enum Start {
    /// With everything there is, in the same stream.
    case streamedList
    /// With a list of its own.
    case list
    /// With what happened since a version.
    case version(String)
  }

  /// Watches until the task is cancelled or the cluster fails. A kind that the server does not know counts as an empty
  /// list and is asked for again after a while.
  ///
  /// - Parameter report: hears how it does.
  /// - Throws: `EngineError` when the cluster does not answer, `CancellationError`.
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
      // The same context may mean another cluster now: a version of the former would leave its objects among these.
      if case let current = api.access, current != access {
        access = current
        progress.forget()
        start = whole
      }
      var cause: WatchTrouble.Cause?
      do {
        try await round(start, progress, report, body)
        // A server that ends a watch in time is asked for a list with the next one; one that was cut is taken up.
        let isInTime = began.duration(to: .now) >= .seconds(lifetime - 30)
        start = isInTime ? whole : progress.resumption.map(Start.version) ?? whole
        cause = .endsEarly
      } catch let failure as WatchFailure {
        switch failure {
        case .stalled:
          // The list is then read by itself, and watched from there.
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
            // A connection that was cut; or the cluster is gone, which must be told at once.
            guard try await isReady() else { throw error }
            start = progress.resumption.map(Start.version) ?? whole
            cause = .fails(Self.words(error))
          } else {
            // A server, or a proxy before it, that answers lists but no watches is polled.
            let asked = ContinuousClock.now
            do { _ = try await list(progress, body) } catch is EngineError { throw error }
            report(.current)
            report(.trouble(WatchTrouble(resource: resource, cause: .refused(Self.words(error)))))
            start = whole
            // A list that takes long is not read all the time.
            let pause = max(patience.poll, asked.duration(to: .now) * 5)
            try await Task.sleep(for: pause)
            // What is forbidden is not tried each time.
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
      // Once may happen to every connection; what makes no sense is told at once, and so is what was missed.
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

  /// A kind that the server does not know, before ARC is installed for example.
  private func absent(
    _ absence: inout Backoff, _ report: @Sendable (WatchReport) -> Void,
    _ body: @Sendable ([Event]) async throws -> Void
  ) async throws {
    try await body([.listBegins, .listEnds])
    report(.current)
    report(.works)
    try await Task.sleep(for: absence.next())
  }

  /// Lists and watches once, and sees to it that the watch tells what happens.
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

  /// Lists in parts.
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
