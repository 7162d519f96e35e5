import ArgumentParser
import CommandOutput
import CommandSession
import Engine

struct Events: AsyncParsableCommand, SeveralClusterCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what Kubernetes reported about the runners.",
    discussion: """
      EXAMPLES:
          deskrun events
          deskrun events web-ci --watch
      """)

  @Argument(help: "Only events of this installation.", completion: Completions.installationNames)
  var name: String?

  @Flag(name: .shortAndLong, help: "Keep printing new events, until ctrl-C.")
  var watch = false

  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup var observing: ObservingOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() async throws {
    let asked = try sessionForSeveral().narrowed(observing, about: name)
    let sessions = name == nil ? try asked.everywhere() : [try await asked.having(name)]
    guard sessions.count == 1, let session = sessions.first else { return try await run(on: sessions) }
    let toolbox = watch ? session.watching : session.asking
    let (named, scope, all) = try await orEmptyDocument(session) {
      let named = try await session.find(name, toolbox)
      let scope = try await EventScope(toolbox)
      return (named, scope, try await KubeEvent.read(try toolbox.api(), in: scope.namespaces))
    }
    let isMeant: @Sendable (KubeEvent) -> Bool = { named?.isMeant(by: $0, scope) ?? scope.includes($0) }
    let events = all.filter(isMeant)
    if events.isEmpty, named == nil, let missing = try await asked.missingNamespace(on: sessions) { throw missing }
    let context = session.target.context
    try EventsReport.write(events.map { ($0, context) }, output.form, isFirst: true, to: session.console)
    if events.isEmpty, let other = try await session.otherCluster(of: name) {
      session.tellNote("\(other.what). \(other.fix ?? "")")
    }
    if watch {
      Interrupt.endWithReader()
      try await follow(session, toolbox, events, in: scope.namespaces, isMeant, title: nil)
    }
  }

  /// Shows the events of several clusters. A cluster that does not respond is reported and does not prevent showing the
  /// others.
  private func run(on sessions: [Session]) async throws {
    let toolboxes = sessions.map { watch ? $0.watching : $0.asking }
    let results = try await SeveralClusters.each(zip(sessions, toolboxes).map { ($0, $1) }) { session, toolbox in
      if let problem = try await session.clusterProblem(toolbox) { throw problem }
      let scope = try await EventScope(toolbox)
      return (scope, try await KubeEvent.read(try toolbox.api(), in: scope.namespaces).filter(scope.includes))
    }
    let failing = try await FailingContexts(sessions, results)
    let isEmpty = results.allSatisfy { result in (try? result.get().1.isEmpty) ?? false }
    if isEmpty, let missing = try await sessions[0].missingNamespace(on: sessions) { throw missing }
    let console = sessions[0].console
    let read = results.map { (try? $0.get().1) ?? [] }
    let shown = KubeEvent.once(read)
    if output.form.format == .table || output.form.format == .wide {
      for (index, (session, result)) in zip(sessions, results).enumerated() {
        guard case .success = result, shown[index].isEmpty == read[index].isEmpty else { continue }
        let events = shown[index]
        let title = "\(console.outputStyle.paint(session.label, .strong))\n" as PrintableText
        try console.write(index == 0 ? title : "\n" + title)
        try EventsReport.write(
          events.map { ($0, session.target.context) }, output.form, isFirst: true, to: session.console)
      }
    } else {
      let all = zip(sessions, shown).flatMap { session, events in events.map { ($0, session.target.context) } }
      try EventsReport.write(
        all.enumerated().sorted { ($0.element.0.last ?? 0, $0.offset) < ($1.element.0.last ?? 0, $1.offset) }
          .map(\.element), output.form, isFirst: true, to: console)
    }
    if watch {
      Interrupt.endWithReader()
      let told = ToldEvents(read.joined())
      try await withThrowingTaskGroup(of: Void.self) { group in
        defer { group.cancelAll() }
        for (session, (toolbox, result)) in zip(sessions, zip(toolboxes, results)) {
          group.addTask {
            let (scope, events) = try await Self.known(result, toolbox)
            try await follow(
              session, toolbox, events, in: scope.namespaces, scope.includes, title: session.label, told: told)
          }
        }
        try await group.waitForAll()
      }
    }
    // That a context fails keeps nothing from being shown that another one shows.
    var failed: [(session: Session, result: Result<(EventScope, [KubeEvent]), EngineError>)] = []
    for (index, (session, result)) in zip(sessions, results).enumerated() {
      if case .failure(let error) = result, let note = failing.note(of: index, because: error.clause(session.label)) {
        session.tellNote(note)
      } else {
        failed.append((session, result))
      }
    }
    try SeveralClusters.finish(failed.map(\.session), failed.map(\.result))
  }

  /// The events that were read of a cluster. If it did not respond, waits until it does.
  private static func known(
    _ result: Result<(EventScope, [KubeEvent]), EngineError>, _ toolbox: Toolbox
  ) async throws -> (EventScope, [KubeEvent]) {
    if case .success(let known) = result { return known }
    var backoff = Backoff()
    while true {
      try await Task.sleep(for: backoff.next())
      if let scope = try? await EventScope(toolbox) { return (scope, []) }
      try Task.checkCancellation()
    }
  }

  /// Prints new events until the command is stopped.
  ///
  /// - Parameters:
  ///   - title: the cluster, if there are several.
  ///   - told: the events that other contexts have told, if there are several: two of them may lead to one cluster.
  private func follow(
    _ session: Session, _ toolbox: Toolbox, _ events: [KubeEvent], in namespaces: [String],
    _ isMeant: @Sendable (KubeEvent) -> Bool, title: String?, told: ToldEvents? = nil
  ) async throws {
    let context = session.target.context
    var known = Dictionary(events.map { ($0.uid, $0.count) }, uniquingKeysWith: { first, _ in first })
    let (news, sink) = AsyncStream.makeStream(of: [KubeEvent].self, bufferingPolicy: .bufferingNewest(1))
    let watching = Task { await EventFeed(toolbox: toolbox, namespaces: namespaces).run { sink.yield($0) } }
    do {
      for await now in news {
        let now = now.filter(isMeant)
        let new = now.filter { known[$0.uid] != $0.count && told?.take($0) ?? true }
        if !new.isEmpty {
          try EventsReport.write(
            new.map { ($0, context) }, output.form, isFirst: false, title: title, to: session.console)
        }
        known = Dictionary(now.map { ($0.uid, $0.count) }, uniquingKeysWith: { first, _ in first })
      }
      try Task.checkCancellation()
    } catch {
      // Stop the watch, including its processes, before the command ends.
      watching.cancel()
      await watching.value
      throw error
    }
  }

  /// Reads the cluster. If that fails, programs get a document without events, as from `status` and `why`.
  private func orEmptyDocument<Read>(_ session: Session, _ read: () async throws -> Read) async throws -> Read {
    do {
      return try await read()
    } catch let error as EngineError where ![.usage, .invalid, .notFound, .interrupted].contains(error.kind) {
      if output.form.isDocument {
        try EventsReport.write([], output.form, isFirst: true, to: session.console)
      }
      throw error
    }
  }
}

/// The events that were told of several contexts, each once: an event's uid is unique, and two contexts may lead to the
/// same cluster, whether they see all of its namespaces or not.
private final class ToldEvents: Sendable {
  private let counts: Lock<[String: Int]>

  init(_ events: some Sequence<KubeEvent>) {
    counts = Lock(Dictionary(events.map { ($0.uid, $0.count) }, uniquingKeysWith: max))
  }

  /// Whether an event is news; then it counts as told.
  func take(_ event: KubeEvent) -> Bool {
    counts.withLock { counts in
      guard event.count > counts[event.uid] ?? 0 else { return false }
      counts[event.uid] = event.count
      return true
    }
  }
}
