import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// `deskrun remove`.
struct Remove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take an installation away.",
    discussion: """
      EXAMPLES:
          deskrun remove web-ci
        Without asking, and without waiting for its jobs:
          deskrun remove web-ci --yes --now

      Its caches stay until `deskrun cache prune`. If a step fails, the installation stays in the configuration and \
      the same command can be run again.
      """, aliases: ["rm"])

  @OptionGroup var target: InstallationArgument

  @Flag(exclusivity: .exclusive)
  var busyRunners: BusyRunners = .waitForJobs

  @Flag(help: "The last resort: also take away what keeps Kubernetes from deleting it (finalizers).")
  var force = false

  @OptionGroup(title: "Plan Options") var plan: PlanOptions
  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() async throws {
    let session = try Session(global)
    if (try? session.name(target.name)) == nil, try await removeEntry(session) { return }
    let name = try session.name(target.name)
    let policy: RunnerPolicy = busyRunners == .now ? .interrupt : .finishJobs
    try await session.exclusively("remove", on: .installation(name), dryRun: self.plan.dryRun) {
      let plan = try await session.waiting(for: "asking the cluster") {
        try await session.deployer.planRemove(name, policy: policy, force: force)
      }
      var losses = PlanRun.losses(plan, waits: policy == .finishJobs)
      if force {
        losses += [
          "--force takes off the finalizers that keep objects until GitHub has been told. Use it when a removal hangs:",
          "the scale set may stay listed on GitHub (Settings → Actions → Runners), where offline runners vanish after a day.",
        ]
      }
      losses += [
        "Goes:  scale set, listener, runners and credentials of \(name), and its entry in the configuration",
        "Stays: cluster, controller, caches",
      ]
      let run = PlanRun(session: session, options: self.plan, output: output.form)
      let ran: Bool
      do {
        ran = try await run(
          plan, question: .init(text: "Remove \(name)?", losses: losses, refusal: "\(name) was not removed"))
      } catch var error as EngineError {
        error.details.append(Self.remainder(name, plan, session))
        throw error
      }
      if ran, session.verbosity > .quiet { session.console.tell("\(name) is removed.") }
    }
  }

  /// What a removal that failed has left, in a sentence.
  private static func remainder(_ name: InstallationName, _ plan: Plan, _ session: Session) -> String {
    let isLeft = (try? session.store.load())?.installation(named: name) != nil
    let reached = plan.steps.contains { if case .uninstallScaleSet = $0.action { true } else { false } }
    return isLeft
      ? "\(name) is still in the configuration"
        + (reached ? "; what was not removed from the cluster yet is still there. " : ". ")
        + "Run the same command again to continue."
      : "\(name) is no longer in the configuration."
  }

  /// Removes an entry of the configuration whose key is no name, so that nothing can be in a cluster under it.
  ///
  /// - Returns: false when there is no such entry.
  private func removeEntry(_ session: Session) async throws -> Bool {
    let key = target.name
    guard try session.store.load().unreadable.contains(where: { $0.name == key }) else { return false }
    let shown = Sanitizer.line(key)
    guard !plan.dryRun else {
      session.console.tell("Removes the entry \(shown) from the configuration; the cluster has nothing of that name.")
      return true
    }
    return try await session.exclusively("remove", on: .everything) {
      try Prompt(console: session.console, assumesYes: plan.yes).confirm(
        "Remove \(shown)?", losses: ["Goes:  its entry in the configuration, which cannot be used"],
        refusal: "\(shown) was not removed")
      try await session.store.change { _ = $0.removeUnreadable(key) }
      if session.verbosity > .quiet { session.console.tell("\(shown) is removed.") }
      return true
    }
  }
}
