import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// `deskrun uninstall`.
struct Uninstall: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Remove everything deskrun created on this computer, except the program itself.",
    discussion: """
      EXAMPLES:
        What would be removed, and what stays:
          deskrun uninstall --dry-run
        Also what jobs cached:
          deskrun uninstall --caches
        Everything in the cluster, and keep the configuration:
          deskrun uninstall --keep-config

      Scale sets are removed first, in order, so that they are no longer listed on GitHub; then the kind cluster, the \
      services that deskrun installed, programs that `deskrun setup` installed, and last the configuration with its \
      history and logs. Only what is deskrun's own is removed. All clusters are asked first: if one of them does not answer \
      or refuses, nothing is changed on any. If a step fails or is interrupted, the same command can \
      be run again.
      """)

  @Flag(exclusivity: .exclusive)
  var busyRunners: BusyRunners = .waitForJobs

  @Flag(help: "Also delete what jobs cached on this computer.")
  var caches = false

  @Flag(help: "Keep configuration, credentials, history and logs.")
  var keepConfig = false

  @Flag(help: "Leave the cluster as it is, as when it is already deleted or cannot be reached any more.")
  var skipCluster = false

  @OptionGroup(title: "Plan Options") var plan: PlanOptions
  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() async throws {
    var session = try Session(global)
    var others = try skipCluster ? [] : otherClusters(session)
    if !others.isEmpty { (session, others) = try await Self.joined(session, others) }
    try await run(session, others)
  }

  /// One session for each cluster: what is configured on several contexts of one is removed in one plan, since what they
  /// share can only be removed with the last of it.
  private static func joined(_ session: Session, _ others: [Session]) async throws -> (Session, [Session]) {
    let all = [session] + others
    let configuration = try session.store.load()
    let clusters = try await session.waiting(for: "asking the clusters") {
      try await ContextClusters(all.map { ($0, true) }, configuration)
    }
    let joined = clusters.groups.map { group in
      let base = all[group[0]]
      return base.using(
        group.dropFirst().map { at in
          let own = all[at].target
          // deskrun's own kind cluster is deleted as a whole, under its own name.
          return base.target.kindCluster == nil ? StandIn(base.target, for: own) : StandIn(own: own, used: base.target)
        })
    }
    return (joined[0], Array(joined.dropFirst()))
  }

  private func run(_ session: Session, _ others: [Session]) async throws {
    let paths = session.paths
    guard FileIO.exists(paths.home) || !leftServices(session).isEmpty else { return Self.nothing(session) }
    let policy: RunnerPolicy = busyRunners == .now ? .interrupt : .finishJobs
    var scope = UninstallScope(
      caches: caches, configuration: !keepConfig, skipsCluster: skipCluster, services: !session.isDemo)
    scope.others = others.flatMap { [$0.target] + $0.store.standIns.map(\.own) }
    let staying = staying(session, others)
    let takingDown = PlanRequest.down(policy, forgets: !keepConfig)
    // What is refused on one cluster is told before another is taken down.
    try await session.exclusively("uninstall", on: .everything, dryRun: plan.dryRun || others.isEmpty) {
      try await Session.refuseBeforehand(
        others.map { ($0, takingDown) } + [(session, .uninstall(scope, policy))],
        wayOut: "`deskrun uninstall --skip-cluster` removes the rest and leaves all clusters as they are.")
    }
    try await Session.each(others) { other in
      var run = other.run(plan, output)
      run.isOneOfMany = true
      try await run("uninstall", takingDown)
    }
    var run = session.run(plan, output)
    run.isOneOfMany = !others.isEmpty
    let dryRun = plan.dryRun
    run.tellNothing = {
      if !dryRun { session.deployer.deleteLocksAlone() }
      Self.nothing(session)
    }
    run.question = { plan in
      Confirmation(
        question: "Uninstall deskrun?",
        notes: BusyRunner.lines(plan.busyRunners, policy) + plan.steps.compactMap(Self.removed).map { "Removes: \($0)" }
          + staying,
        refusal: "Nothing was removed")
    }
    if dryRun, output.form.format == .table { for line in staying { session.tell("\(line)") } }
    if try await run("uninstall", .uninstall(scope, policy)) {
      session.tell("Uninstalled. Remove the program the way it was installed: \(Self.program)")
    }
  }

  /// Clusters besides the default that have something of deskrun, including its own kind cluster.
  private func otherClusters(_ session: Session) throws -> [Session] {
    guard !session.isTargetGiven else { return [] }
    let configuration = try session.store.load()
    var targets = configuration.targets
    let own = configuration.target(at: nil)
    if configuration.namesCluster, !targets.contains(own) { targets.append(own) }
    return targets.filter { $0 != session.target }.map(session.at)
  }

  /// What a step removes, without the verb; nil for one that checks or waits.
  private static func removed(_ step: PlanStep) -> String? {
    switch step.action {
    case .checkTools, .checkDocker, .reachAPI, .checkCredentials, .waitForRunners, .confirmRemoved: nil
    default: step.title.split(separator: " ", maxSplits: 1).last.map(String.init)
    }
  }

  private static func nothing(_ session: Session) {
    session.tell("Nothing to uninstall except the program at \(program).")
  }

  private func leftServices(_ session: Session) -> [OwnService] {
    guard !session.isDemo else { return [] }
    return UserServices(runner: session.toolbox.runner, environment: session.environment).installed()
  }

  private static var program: String { (try? ExecutablePath.find()) ?? "an unknown path" }

  /// What an uninstallation keeps, one line each.
  private func staying(_ session: Session, _ others: [Session]) -> [String] {
    var lines: [String] = []
    if skipCluster {
      // Two contexts of one cluster are one. The clusters are not asked: they may no longer exist.
      let configuration = try? session.store.load()
      var known: Set<String> = []
      let left = (configuration?.targets ?? []).filter { target in
        configuration?.keptUID(on: target).map { known.insert($0).inserted } ?? true
      }.map(\.words)
      let names = session.isTargetGiven || left.isEmpty ? [session.target.words] : left
      let isOne = names.count == 1
      lines.append(
        "the cluster\(isOne ? "" : "s") \(names.joined(separator: ", ")) with what is in \(isOne ? "it" : "them")")
    } else {
      let kept = ([session] + others).filter { $0.target.kindCluster == nil }.map(\.target.context)
      if !kept.isEmpty { lines.append("the cluster\(kept.count == 1 ? "" : "s") \(kept.joined(separator: ", "))") }
    }
    if !caches, !DirectoryTree.names(in: session.paths.caches).isEmpty {
      lines.append("the caches in \(session.paths.caches) (--caches deletes them)")
    }
    if keepConfig { lines.append("configuration, history and logs in \(session.paths.home)") }
    if !session.isDemo, let demo = try? DemoSession.root(session.environment), FileIO.exists(demo) {
      lines.append("the demo's own folder \(demo)")
    }
    lines.append("the program \(Self.program)")
    return lines.map { "Keeps:   \($0)" }
  }
}
