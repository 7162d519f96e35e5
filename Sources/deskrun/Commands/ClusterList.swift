import ArgumentParser
import CommandOutput
import CommandSession
import Engine

extension ClusterCommand {
  /// `deskrun cluster list`.
  struct ClusterList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "List the clusters that installations live on, and whether they answer.",
      discussion: """
        EXAMPLES:
            deskrun cluster list
            deskrun cluster list -o json
          Also those of the kubeconfig that nothing was added to:
            deskrun cluster list --all-contexts

        All are asked at once, each for at most 15 seconds. One that does not answer is listed with the reason.
        """, aliases: ["ls"])

    @Flag(help: "List every context of the kubeconfig.")
    var allContexts = false

    @OptionGroup(title: "Output Options") var output: OutputOptions
    @OptionGroup(title: "Global Options") var global: GlobalOptions

    func validate() throws {
      guard allContexts, let context = global.contexts.first else { return }
      throw ValidationError("--all-contexts lists every context, and --context only \(context). Leave out one of them.")
    }

    private static let limit: Duration = .seconds(15)

    func run() async throws {
      let session = try Session(global)
      let configuration = try session.store.load()
      let targets = targets(session, configuration)
      var clusters = try await session.waiting(for: "asking the clusters") {
        try await withThrowingTaskGroup(of: (Int, ClusterSummary).self) { group in
          for (index, target) in targets.enumerated() {
            let toolbox = session.at(target).toolbox
            group.addTask {
              (
                index,
                try await ClusterSummary.look(
                  toolbox, configuration, owner: session.store.owner, limit: Self.limit)
              )
            }
          }
          return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
      }
      ClusterSummary.join(&clusters) { $0.label(among: targets) }
      try Self.listing(clusters, standard: configuration.target, session.console.invocation).write(
        output.form, to: session.console)
    }

    /// The clusters in the configuration, the default first, and on request those in the kubeconfig.
    private func targets(_ session: Session, _ configuration: Configuration) -> [ClusterTarget] {
      var targets = session.isTargetGiven && !allContexts ? [session.target] : [configuration.target]
      if session.isTargetGiven, !allContexts { return targets }
      func add(_ target: ClusterTarget) { if !targets.contains(target) { targets.append(target) } }
      configuration.targets.forEach(add)
      if configuration.namesCluster { add(configuration.target(at: nil)) }
      guard allContexts else { return targets }
      let file = session.isTargetGiven ? session.target.kubeconfig : nil
      for context in Kubeconfig.merged(file, session.environment).contexts {
        add(configuration.target(at: ClusterPlace(context: context.name, kubeconfig: file)))
      }
      return targets
    }

    /// The clusters in order. Its JSON is documented in docs/output.md.
    ///
    /// - Parameter standard: the cluster for new installations.
    static func listing(
      _ clusters: [ClusterSummary], standard: ClusterTarget, _ invocation: Invocation
    ) -> Listing {
      var table = Table([
        .init("CONTEXT", minimum: 24), .init("STATE", minimum: 16), .init("KUBERNETES", minimum: 10, leavesAt: 3),
        .init("CONTROLLER", minimum: 10, leavesAt: 4), .init("INSTALLED BY", minimum: 12, leavesAt: 1),
        .init("INSTALLATIONS", .trailing, leavesAt: 5), .init("RUNNERS", .trailing),
        .init("SERVER", minimum: 22, leavesAt: 2), .init("KUBECONFIG", onlyWide: true),
        .init("REASON", onlyWide: clusters.allSatisfy { $0.reason == nil }, below: "reason: "),
      ])
      for cluster in clusters {
        let state = cluster.state
        let words: String = cluster.target == standard ? "\(state.words), default" : state.words
        let runners: String = cluster.runners.map(String.init) ?? "-"
        let reason: String = cluster.reason.map(invocation.text) ?? ""
        var row: [Table.Cell] = [
          .init(cluster.target.label(among: clusters.map(\.target)), .strong, mark: mark(cluster)), .init(words),
        ]
        row += [version(state) ?? "-", controller(cluster), installer(cluster)].map { Table.Cell($0) }
        row += [String(cluster.installations), runners, server(cluster) ?? "-"].map { Table.Cell($0) }
        row += [cluster.target.kubeconfig ?? "-", reason].map { Table.Cell($0) }
        table.add(row)
      }
      return Listing(
        table: table,
        document: ["clusters": .array(clusters.map { document($0, isDefault: $0.target == standard, invocation) })],
        names: clusters.map(\.target.context))
    }

    private static func mark(_ cluster: ClusterSummary) -> Mark {
      if cluster.state.isReady { return cluster.changed.isEmpty && cluster.unread == nil ? .healthy : .failing }
      // A kind cluster that is not needed is not missing.
      return cluster.state == .absent && cluster.installations == 0 ? .off : .failing
    }

    private static func version(_ state: ClusterState) -> String? {
      if case .ready(let version) = state { version } else { nil }
    }

    private static func server(_ cluster: ClusterSummary) -> String? {
      cluster.server.map { SecretMask.masked(SafeText.line($0)) }
    }

    private static func controller(_ cluster: ClusterSummary) -> String {
      guard let found = cluster.controller else {
        return cluster.state.isReady && cluster.unread == nil ? "not installed" : "-"
      }
      return "ARC \(SafeText.line(found.version))\(found.isReady ? "" : ", not ready")"
    }

    private static func installer(_ cluster: ClusterSummary) -> String {
      guard let found = cluster.controller else { return "-" }
      return switch cluster.installer {
      case .own?: "deskrun"
      case .anotherDeskrun?: "another deskrun"
      case .other?, nil: SafeText.line("\(found.release) in \(found.namespace)")
      }
    }

    private static func document(
      _ cluster: ClusterSummary, isDefault: Bool, _ invocation: Invocation
    ) -> JSONValue {
      guard
        var object = StatusReport.document(cluster.state, context: cluster.target.context).objectValue
      else { return .null }
      func text(_ text: String?) -> JSONValue { text.map { .string(SafeText.line($0)) } ?? .null }
      object["default"] = .bool(isDefault)
      object["kind"] = .bool(cluster.target.kindCluster != nil)
      object["kubeconfig"] = text(cluster.target.kubeconfig)
      object["server"] = text(server(cluster))
      object["reason"] = text(cluster.reason.map(invocation.text))
      object["sameAs"] = text(cluster.sameAs)
      object["controller"] =
        cluster.controller.map { found in
          [
            "context": .string(cluster.target.context), "version": text(found.version), "ready": .bool(found.isReady),
            "namespace": text(found.namespace), "release": text(found.release),
            "installedBy": text(cluster.installer?.rawValue),
          ]
        } ?? .null
      object["installations"] = .int(cluster.installations)
      object["runners"] = cluster.runners.map(JSONValue.int) ?? .null
      object["busyRunners"] = cluster.busy.map(JSONValue.int) ?? .null
      return .object(object)
    }
  }
}
