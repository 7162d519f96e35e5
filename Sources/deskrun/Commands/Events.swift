import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// `deskrun events`.
struct Events: AsyncParsableCommand {
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
    let asked = try Session(global).narrowed(observing)
    let session = try name == nil ? asked.observing() : asked.on(name)
    let toolbox = session.watching
    let named = try await find(session, toolbox)
    let scope = try await EventScope(toolbox)
    let isMeant: @Sendable (KubeEvent) -> Bool = { named?.isMeant(by: $0, scope) ?? scope.includes($0) }
    let events = try await KubeEvent.read(try toolbox.api(), in: scope.namespaces).filter(isMeant)
    let context = session.target.context
    try EventsReport.write(events, context: context, output.form, isFirst: true, to: session.console)
    guard watch else { return }
    Interrupt.endWithReader()
    var known = Dictionary(events.map { ($0.uid, $0.count) }, uniquingKeysWith: { first, _ in first })
    let (news, sink) = AsyncStream.makeStream(of: [KubeEvent].self, bufferingPolicy: .bufferingNewest(1))
    let watching = Task { await EventFeed(toolbox: toolbox, namespaces: scope.namespaces).run { sink.yield($0) } }
    do {
      for await now in news {
        let now = now.filter(isMeant)
        let new = now.filter { known[$0.uid] != $0.count }
        if !new.isEmpty {
          try EventsReport.write(new, context: context, output.form, isFirst: false, to: session.console)
        }
        known = Dictionary(now.map { ($0.uid, $0.count) }, uniquingKeysWith: { first, _ in first })
      }
      try Task.checkCancellation()
    } catch {
      // Nothing that it started outlives the command.
      watching.cancel()
      await watching.value
      throw error
    }
  }

  /// What is named. Where the cluster does not answer, there is a document without events for programs, as `status` and
  /// `why` write one.
  private func find(_ session: Session, _ toolbox: Toolbox) async throws -> NamedInstallation? {
    do {
      return try await session.find(name, toolbox)
    } catch let error as EngineError where [.unreachable, .toolMissing, .timedOut, .unauthorized].contains(error.kind) {
      if output.form.isDocument {
        try EventsReport.write(
          [], context: session.target.context, output.form, isFirst: true, to: session.console)
      }
      throw error
    }
  }
}
