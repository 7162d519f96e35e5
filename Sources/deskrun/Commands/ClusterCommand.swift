import ArgumentParser
import CommandOutput
import CommandSession
import Engine

struct ClusterCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster",
    abstract: "Create and delete the kind cluster, list clusters and choose the default.",
    subcommands: [Create.self, Delete.self, ClusterStatus.self, ClusterList.self, Use.self])

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Create the kind cluster, without installations.",
      discussion: """
        EXAMPLES:
            deskrun cluster create

        `deskrun add` and `deskrun up` do this themselves. Does nothing when the cluster exists; starts its node \
        when it is stopped.
        """)

    @OptionGroup(title: "Plan Options") var plan: PlanOptions
    @OptionGroup(title: "Output Options") var output: OutputOptions
    @OptionGroup(title: "Global Options") var global: GlobalOptions

    func run() async throws {
      let session = try Session(global, mayCreate: true)
      if try await session.run(plan, output)("cluster create", .createCluster) {
        session.tell("\(session.target.context) is running.")
      }
    }
  }

  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete the kind cluster at once; the configuration and the caches stay.",
      discussion: """
        EXAMPLES:
            deskrun cluster delete

        `deskrun down` does the same in an orderly way: it waits for jobs and removes the runners from GitHub first.
        """)

    @OptionGroup(title: "Plan Options") var plan: PlanOptions
    @OptionGroup(title: "Output Options") var output: OutputOptions
    @OptionGroup(title: "Global Options") var global: GlobalOptions

    func run() async throws {
      let session = try Session(global)
      if try await session.run(plan, output)("cluster delete", .deleteCluster) {
        session.tell("\(session.target.context) is deleted.")
      }
    }
  }

  struct ClusterStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "status",
      abstract: "Show the cluster, its node and the controller.",
      discussion: """
        EXAMPLES:
            deskrun cluster status
            deskrun cluster status -o json
        """)

    @OptionGroup(title: "Output Options") var output: OutputOptions
    @OptionGroup(title: "Global Options") var global: GlobalOptions

    func run() async throws {
      let session = try Session(global)
      let toolbox = session.asking
      let cluster = try await ClusterInspector(toolbox: toolbox).state()
      let snapshot =
        cluster.isReady
        ? try await SnapshotReader(toolbox: toolbox).read(now: SystemTime.secondsSince1970()) : nil
      let report = StatusReport(
        context: session.target.context, cluster: cluster, snapshot: snapshot, installations: [])
      try report.clusterListing.write(output.form, to: session.console)
      if let problem = report.problem { throw problem }
    }
  }

  struct Use: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Choose the cluster for new installations and for commands that only look.",
      discussion: """
        EXAMPLES:
          A cluster that exists already, by its kubeconfig context:
            deskrun cluster use my-cluster
          Back to deskrun's own kind cluster:
            deskrun cluster use --kind

        Installations stay where they are: commands on one of them act on its own cluster. The current context of kubectl \
        is neither used nor changed.
        """)

    @Argument(
      help: ArgumentHelp("The kubeconfig context.", valueName: "context"), completion: Completions.contexts)
    var name: String?

    @Flag(help: "Switch back to deskrun's own kind cluster.")
    var kind = false

    @OptionGroup(title: "Global Options") var global: GlobalOptions

    func validate() throws {
      if kind == (name != nil) { throw ValidationError("Name a context, or use --kind.") }
      if kind, !global.contexts.isEmpty || global.kubeconfig != nil {
        throw ValidationError("--kind is deskrun's own cluster; leave out --context and --kubeconfig.")
      }
      if let name, let other = global.contexts.first(where: { $0 != name }) {
        throw ValidationError("Two contexts were named: \(name) and, with --context, \(other). Name one.")
      }
    }

    func run() async throws {
      let session = try Session(global)
      let kubeconfig = session.isTargetGiven ? session.target.kubeconfig : nil
      if let name {
        try Session.refuseEmpty(name, "The name of the context")
        let toolbox = Toolbox(
          runner: session.toolbox.runner, environment: session.environment,
          target: .existing(context: name, kubeconfig: kubeconfig))
        let contexts = try await toolbox.kubectl().contexts()
        guard contexts.contains(name) else {
          if contexts.isEmpty, let file = toolbox.absentKubeconfig {
            throw kubeconfig != nil
              ? Toolbox.noKubeconfig(file)
              : Toolbox.noKubeconfig(file, fix: Toolbox.kubeconfigFix(session.environment))
          }
          throw EngineError(
            .unreachable, "The kubeconfig has no context \(SafeText.line(name))",
            fix: contexts.isEmpty
              ? "Check \(kubeconfig == nil ? "KUBECONFIG" : "--kubeconfig")"
              : "Use one of: \(contexts.joined(separator: ", "))", obstacle: .context)
        }
      }
      try await session.store.change { $0.use(context: name, kubeconfig: name == nil ? nil : kubeconfig) }
      let words: PrintableText? = name.map {
        "New installations go to \($0) from now on. `deskrun cluster use --kind` switches back."
      }
      session.tell(words ?? "New installations go to deskrun's own kind cluster from now on.")
      let configuration = try session.store.load()
      if !configuration.on(configuration.target).elsewhere.isEmpty {
        session.tell("Installations stay where they are: `deskrun list` shows the context of each.")
      }
    }
  }
}
