import ArgumentParser
import CommandOutput
import Demo
import Engine

/// Options of every command, accepted before or after its name.
package struct GlobalOptions: ParsableArguments {
  @Option(
    name: .customLong("context"),
    help: ArgumentHelp(
      "The kubeconfig context to look at, or to add an installation on. Every other command acts where its installation lives.",
      discussion: "On a cluster that deskrun did not create, nothing is created or deleted but what deskrun deploys.",
      valueName: "name"),
    completion: Completions.contexts)
  package var contexts: [String] = []

  @Option(
    help: ArgumentHelp(
      "The kubeconfig file; without --context, its current context. Default: $KUBECONFIG, then ~/.kube/config.",
      valueName: "file"),
    completion: .file())
  package var kubeconfig: String?

  @Flag(name: .shortAndLong, help: "Print only errors and what the command is for: no progress, notes or warnings.")
  package var quiet = false

  @Flag(name: .shortAndLong, help: "Also show the output of tools.")
  package var verbose = false

  @Option(
    help: ArgumentHelp(
      "Append what deskrun itself does and decides to this file.",
      discussion:
        "Calls of programs, questions to the cluster, steps and errors, with times; secrets are masked. DESKRUN_LOG does the same.",
      valueName: "file"), completion: .file())
  package var logFile: String?

  @Option(
    help: ArgumentHelp(
      "Whether to use colors. The default follows NO_COLOR, CLICOLOR and CLICOLOR_FORCE.", valueName: "when"))
  package var color: ColorChoice = .auto

  @Flag(help: "Draw marks in ASCII, as in locales without UTF-8. DESKRUN_ASCII=1 does the same.")
  package var ascii = false

  // Not in a separate group: at every start, a debug build of the argument parser validates a nested group several
  // times for each validation of its parent.
  @Flag(
    name: .customLong("demo"),
    help: ArgumentHelp(
      "Work on an embedded, simulated cluster. `deskrun help demo` explains it and lists its options."))
  var demoIsAsked = false

  @Option(
    name: .customLong("demo-speed"),
    help: ArgumentHelp(
      "How many times faster than real time the demo's clock runs.", valueName: "factor", visibility: .hidden))
  var demoSpeed: Double?

  @Option(
    name: .customLong("demo-seed"),
    help: ArgumentHelp(
      "The number that decides names, jobs and failures of the demo.", valueName: "number", visibility: .hidden))
  var demoSeed: UInt64?

  @Option(
    name: .customLong("demo-runners"),
    help: ArgumentHelp(
      "How many runners the demo starts with.", valueName: "count", visibility: .hidden))
  var demoRunners: Int?

  @Option(
    name: .customLong("demo-trouble"),
    help: ArgumentHelp(
      "Make something go wrong in the demo, by the name of the finding: at-limit, no-command, credentials, …",
      discussion: "none fixes everything. `deskrun why --help` lists the names.", valueName: "rule",
      visibility: .hidden), completion: .list(["none"] + FindingRule.allCases.map(\.rawValue)))
  var demoTrouble: String?

  @Option(
    name: .customLong("demo-clusters"),
    help: ArgumentHelp(
      "How many clusters the demo has: the kind cluster and others, each with installations.", valueName: "count",
      visibility: .hidden))
  var demoClusters: Int?

  @Option(
    name: .customLong("demo-outage"),
    help: ArgumentHelp(
      "Make the demo's second cluster hang, or refuse connections: hang, refuse; none ends it.", valueName: "kind",
      visibility: .hidden), completion: .list(DemoOutage.allCases.map(\.rawValue)))
  var demoOutage: DemoOutage?

  @Flag(
    name: .customLong("demo-empty"),
    help: ArgumentHelp("Start the demo without a cluster and without installations.", visibility: .hidden))
  var demoStartsEmpty = false

  @Flag(
    name: .customLong("demo-others"),
    help: ArgumentHelp("Add scale sets that others deployed in other namespaces to the demo.", visibility: .hidden))
  var demoHasOthers = false

  @Flag(
    name: .customLong("demo-reset"),
    help: ArgumentHelp("Start over: delete everything that was done in the demo.", visibility: .hidden))
  var demoResets = false

  package func validate() throws {
    if quiet, verbose { throw ValidationError("--quiet and --verbose contradict each other.") }
    // kubectl uses its current context if the context is empty.
    let given = contexts.map { ("context", Optional($0)) } + [("kubeconfig", kubeconfig), ("log-file", logFile)]
    for (option, value) in given where value?.allSatisfy(\.isWhitespace) == true {
      throw ValidationError("--\(option) is empty; leave it out, or give it a value.")
    }
    if let speed = demoSpeed, !(speed.isFinite && speed > 0 && speed <= 1_000_000) {
      throw ValidationError("--demo-speed must be greater than 0 and at most 1000000.")
    }
    if let trouble = demoTrouble, trouble != "none", FindingRule(rawValue: trouble) == nil {
      let near = NearestName.of(trouble, among: FindingRule.allCases.map(\.rawValue))
      throw ValidationError(
        "No trouble \(trouble) found." + (near.map { " Did you mean \($0)?" } ?? " `deskrun why --help` lists them.")
      )
    }
    if let count = demoClusters, !(1...DemoFurtherClusters.limit).contains(count) {
      throw ValidationError("--demo-clusters must be from 1 to \(DemoFurtherClusters.limit).")
    }
    if let runners = demoRunners, runners < 0 { throw ValidationError("--demo-runners must be 0 or more.") }
  }

  package var demo: DemoOptions {
    DemoOptions(
      isAsked: demoIsAsked, speed: demoSpeed, seed: demoSeed, runners: demoRunners, clusters: demoClusters,
      outage: demoOutage, trouble: demoTrouble, startsEmpty: demoStartsEmpty, resets: demoResets,
      hasOthers: demoHasOthers)
  }

  /// Whether a cluster was specified.
  package var choosesCluster: Bool { !contexts.isEmpty || kubeconfig != nil }

  /// The amount of output on standard error.
  package var verbosity: Verbosity { quiet ? .quiet : verbose ? .verbose : .normal }

  /// All of these options, as written on the command line.
  package static let names: Set<String> = [
    "--context", "--kubeconfig", "--quiet", "-q", "--verbose", "-v", "--log-file", "--color", "--ascii", "--demo",
    "--demo-speed",
    "--demo-seed", "--demo-runners", "--demo-clusters", "--demo-outage", "--demo-trouble", "--demo-empty",
    "--demo-others", "--demo-reset",
  ]

  /// The options with a value in the next argument.
  package static let takingValues: Set<String> = [
    "--context", "--kubeconfig", "--log-file", "--color", "--demo-speed", "--demo-seed", "--demo-runners",
    "--demo-clusters", "--demo-outage", "--demo-trouble",
  ]

  package init() {}
}

/// The options of the embedded cluster, as specified.
package struct DemoOptions: Sendable {
  var isAsked: Bool
  package var speed: Double?
  var seed: UInt64?
  package var runners: Int?
  package var clusters: Int?
  package var outage: DemoOutage?
  package var trouble: String?
  var startsEmpty: Bool
  var resets: Bool
  var hasOthers = false

  /// Whether to use the embedded cluster: any of these options implies it, so that none of them can affect a real
  /// cluster.
  package var isOn: Bool {
    isAsked || speed != nil || seed != nil || runners != nil || clusters != nil || outage != nil || trouble != nil
      || startsEmpty || resets || hasOthers
  }
}

extension ColorChoice: ExpressibleByArgument {}
extension DemoOutage: ExpressibleByArgument {}

extension GlobalOptions {
  /// The console for these options.
  package func console() -> Console {
    Console(environment: ProcessEnvironment.read(), color: color, ascii: ascii, invocation: invocation)
  }

  /// The options to repeat in commands that are shown.
  package var invocation: Invocation {
    Invocation(
      isDemo: demo.isOn, context: contexts.count == 1 ? contexts[0] : nil, kubeconfig: kubeconfig,
      environment: ProcessEnvironment.read())
  }
}
