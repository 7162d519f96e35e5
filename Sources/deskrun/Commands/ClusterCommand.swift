import ArgumentParser

/// `deskrun cluster`.
struct ClusterCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster",
    abstract: "Create, delete and choose the cluster the runners live on.",
    subcommands: [Create.self, Delete.self, ClusterStatus.self, Use.self])

  /// `deskrun cluster create`.
  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Create the kind cluster, without installations.",
      discussion: """
        EXAMPLES:
            deskrun cluster create

        `deskrun add` and `deskrun up` do this by themselves. Does nothing when the cluster is there; starts its node \
        when that is stopped.
        """)

    @OptionGroup(title: "Plan Options") var plan: PlanOptions
    @OptionGroup(title: "Output Options") var output: OutputOptions
    @OptionGroup(title: "Global Options") var global: GlobalOptions
  }

  /// `deskrun cluster delete`.
  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete the kind cluster at once; the configuration and the caches stay.",
      discussion: """
        EXAMPLES:
            deskrun cluster delete

        `deskrun down` does the same in an orderly way: it lets jobs end and takes the runners off GitHub first.
        """)

    @OptionGroup(title: "Plan Options") var plan: PlanOptions
    @OptionGroup(title: "Output Options") var output: OutputOptions
    @OptionGroup(title: "Global Options") var global: GlobalOptions
  }

  /// `deskrun cluster status`.
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
  }

  /// `deskrun cluster use`.
  struct Use: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Choose the cluster that commands work on from now on.",
      discussion: """
        EXAMPLES:
          A cluster that exists already, by its kubeconfig context:
            deskrun cluster use my-cluster
          Back to deskrun's own kind cluster:
            deskrun cluster use --kind

        The current context of kubectl is neither used nor changed.
        """)

    @Argument(help: ArgumentHelp("The kubeconfig context.", valueName: "context"))
    var name: String?

    @Flag(help: "Go back to deskrun's own kind cluster.")
    var kind = false

    @OptionGroup(title: "Global Options") var global: GlobalOptions

    func validate() throws {
      if kind == (name != nil) { throw ValidationError("Name a context, or use --kind.") }
    }
  }
}
