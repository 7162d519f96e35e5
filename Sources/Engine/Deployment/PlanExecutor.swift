import ARC
import Basics
import Installations
import Tools

/// Runs plans.
///
/// Every step checks the current state before it changes anything, so a plan that failed or was interrupted can be run
/// again from the start. Nothing continues after the task that runs the plan ends.
package struct PlanExecutor: Sendable {
  package let toolbox: Toolbox
  package let store: ConfigurationStore
  /// Resolves the credentials of an installation.
  package let credentials: @Sendable (Installation) async throws -> ResolvedCredentials
  /// Prevents two plans from changing the same thing at the same time.
  let locks: OperationLock
  /// The timing of waits.
  package let pace: Pace

  /// - Parameters:
  ///   - pace: tests and the demo use shorter waits.
  ///   - credentials: throws `EngineError`.
  package init(
    toolbox: Toolbox, store: ConfigurationStore, locks: OperationLock, pace: Pace = Pace(),
    credentials: @escaping @Sendable (Installation) async throws -> ResolvedCredentials
  ) {
    self.toolbox = toolbox
    self.store = store
    self.locks = locks
    self.pace = pace
    self.credentials = credentials
  }

  /// The interval and patience of waits.
  package struct Pace: Sendable {
    /// The time between two checks.
    package var interval: Duration
    /// How long a scale set may take to register before the controller's log is read for the reason.
    package var registrationPatience: Duration
    /// How long a listener must have had its session; see `Readiness.cycle`.
    package var cycle: Duration
    /// How long to wait for a further scale set after one did not become ready.
    package var furtherLook: Duration
    /// How long a removal may make no progress while no job is running.
    package var removalPatience: Duration

    package init(
      interval: Duration = .seconds(1), registrationPatience: Duration = .seconds(30),
      cycle: Duration = Readiness.cycle, removalPatience: Duration = .seconds(240),
      furtherLook: Duration = .seconds(45)
    ) {
      self.interval = interval
      self.registrationPatience = registrationPatience
      self.cycle = cycle
      self.removalPatience = removalPatience
      self.furtherLook = furtherLook
    }
  }

  /// Runs a plan step by step. The first failing step ends it, with one exception: if a scale set does not become
  /// ready, the others are still checked, because they are deployed and may be ready. They had as much time as the
  /// failed one, so each further check is short.
  ///
  /// - Parameter report: called for each event in order, on any thread.
  /// - Throws: the `EngineError` of the failing step, or one of kind `interrupted` if the task is canceled.
  package func run(_ plan: Plan, report: @escaping @Sendable (PlanEvent) -> Void) async throws {
    if !plan.steps.isEmpty { store.keepOwner() }
    let clock = ContinuousClock()
    var notReady: EngineError?
    var cluster = plan.cluster
    for step in plan.steps {
      let isLook = if case .verifyListener = step.action { true } else { false }
      if let notReady, !isLook { throw notReady }
      let start = clock.now
      report(.started(step: step.id))
      do {
        var step = step
        try await toolbox.confirm(&cluster, always: step.id == plan.steps.first?.id)
        if notReady != nil { step.timeout = min(step.timeout, pace.furtherLook) }
        let outcome = try await perform(step, report: report)
        report(.finished(step: step.id, outcome, start.duration(to: clock.now)))
      } catch {
        let failure = Self.failure(error, of: step)
        report(.failed(step: step.id, failure, start.duration(to: clock.now)))
        guard isLook, failure.kind != .interrupted else { throw failure }
        notReady = notReady ?? failure
      }
    }
    if let notReady { throw notReady }
  }

  private func perform(_ step: PlanStep, report: @escaping @Sendable (PlanEvent) -> Void) async throws -> StepOutcome {
    let phases = PhaseReader()
    let context = StepContext(
      step: step,
      toolbox: toolbox.observed(
        onCall: { report(.command(step: step.id, $0.commandLine)) },
        onLine: { line in
          report(.output(step: step.id, line))
          if let progress = phases.progress(line.text) { report(.progress(step: step.id, progress)) }
        }),
      phases: phases, report: report)
    return try await withThrowingTaskGroup(of: StepOutcome?.self) { group in
      group.addTask { try await self.act(step.action, context) }
      group.addTask {
        try await Task.sleep(for: step.timeout)
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let outcome = first else {
        throw EngineError(
          .timedOut, "\(step.title): not done within \(DurationText.short(step.timeout))",
          why: context.latestProgress.map { "It was still \($0)" },
          fix: "Run the same command again: completed steps are kept. `deskrun doctor` shows what is in the way.")
      }
      return outcome
    }
  }

  /// The lock for a cluster and its shared objects.
  static func clusterLock(_ target: ClusterTarget) -> String { "\(target.context).cluster" }

  /// The lock that a step needs: one per cluster for its shared objects, one per scale set and one per installation.
  private func lockName(_ action: StepAction) -> String? {
    let context = toolbox.target.context
    switch action {
    case .saveInstallation, .keepPlace, .checkCredentials, .checkTools, .checkDocker, .reachAPI, .verifyListener,
      .forgetInstallation, .checkCharts, .confirmRemoved:
      return nil
    case .deleteObject, .removeOwn: return nil
    case .ensureCluster, .installController, .uninstallController, .applyDefinitions, .deleteCluster, .stopNode,
      .deleteHalfCreated:
      return Self.clusterLock(toolbox.target)
    case .applySecret(let installation, _): return "\(context).\(installation.name).secret"
    case .applyCertificates(let installation, _): return "\(context).\(installation.name).ca"
    case .deleteCertificates(let name, _): return "\(context).\(name).ca"
    case .deleteSecret(let name, _): return "\(context).\(name).secret"
    case .applyHookTemplate(_, let release), .installScaleSet(_, let release), .uninstallScaleSet(let release),
      .waitForRunners(let release, _), .clearFinalizers(let release), .deleteHookTemplate(let release):
      return "\(context).\(release.name)"
    }
  }

  private func act(_ action: StepAction, _ context: StepContext) async throws -> StepOutcome {
    guard let lock = lockName(action) else { return try await dispatch(action, context) }
    return try await locks.withLock(
      lock, holder: .current(context.step.title),
      onWait: { holders in
        let who = holders.map { " (process \($0.process): \($0.title))" }.joined()
        context.progress("waiting for another deskrun that is working on the same thing\(who)")
      },
      { try await dispatch(action, context) })
  }

  private func dispatch(_ action: StepAction, _ context: StepContext) async throws -> StepOutcome {
    switch action {
    case .saveInstallation(let installation, let base, let isDeployed):
      try await save(installation, over: base, isDeployed: isDeployed)
    case .keepPlace(let name, let place, let identity): try await keepPlace(of: name, place, identity)
    case .checkCredentials(let installations): try await checkCredentials(installations, context)
    case .checkTools(let tools): try await checkTools(tools, context)
    case .checkDocker: try await checkDocker(context)
    case .ensureCluster(let configuration, let cluster):
      try await ensureCluster(configuration, cluster, context)
    case .reachAPI: try await reachAPI(context)
    case .checkCharts(let scaleSets, let release): try await checkCharts(scaleSets, release, context)
    case .installController(let choice): try await installController(choice, context)
    case .applySecret(let installation, let releases): try await applySecret(installation, releases, context)
    case .applyCertificates(let installation, let releases):
      try await applyCertificates(installation, releases, context)
    case .applyHookTemplate(let scaleSet, let release): try await applyHookTemplate(scaleSet, release, context)
    case .installScaleSet(let scaleSet, let release): try await installScaleSet(scaleSet, release, context)
    case .verifyListener(let scaleSet, let namespace, let target):
      try await verifyListener(scaleSet, in: namespace, target: target, context)
    case .uninstallScaleSet(let release): try await uninstall(release, context)
    case .waitForRunners(let release, let policy): try await waitForRunners(of: release, policy: policy, context)
    case .clearFinalizers(let release): try await clearFinalizers(of: release, context)
    case .confirmRemoved(let name, let namespace): try await confirmRemoved(name, in: namespace, context)
    case .deleteHookTemplate(let release): try await deleteHookTemplate(of: release, context)
    case .deleteSecret(let name, let namespace): try await deleteSecret(of: name, in: namespace, context)
    case .deleteCertificates(let name, let namespace):
      try await deleteCertificates(of: name, in: namespace, context)
    case .forgetInstallation(let name): try await forget(name)
    case .uninstallController: try await uninstallController(context)
    case .applyDefinitions(let owned, let release): try await applyDefinitions(owned, release, context)
    case .deleteHalfCreated(let cluster, let losing):
      try await deleteHalfCreated(cluster, losing: losing, context)
    case .deleteCluster(let cluster): try await deleteCluster(cluster, context)
    case .stopNode(let cluster): try await stopNode(cluster, context)
    case .deleteObject(let object): try await deleteObject(object, context)
    case .removeOwn(let files): try await removeOwn(files, context)
    }
  }

  private static func failure(_ error: any Error, of step: PlanStep) -> EngineError {
    if let error = error as? EngineError { return error }
    if error is CancellationError {
      return EngineError(
        .interrupted, "Stopped at: \(step.title)",
        fix: "Run the same command again to go on: completed steps are kept.")
    }
    return EngineError(.failed, "\(step.title) failed", why: String(describing: error))
  }
}
