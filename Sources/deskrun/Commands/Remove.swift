import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// `deskrun remove`.
struct Remove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Remove an installation.",
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

  @Flag(help: "Last resort: also remove the finalizers that keep Kubernetes from deleting it.")
  var force = false

  @Flag(help: "Remove only its entry in the configuration, as when its cluster no longer exists.")
  var skipCluster = false

  @OptionGroup(title: "Plan Options") var plan: PlanOptions
  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func validate() throws {
    if skipCluster, force || busyRunners == .now {
      throw ValidationError("--skip-cluster changes nothing in the cluster; leave out --force and --now.")
    }
  }

  func run() async throws {
    let session = try Session(global)
    try Session.refuseEmpty(target.name)
    if (try? InstallationName(reference: target.name)) == nil, try await removeEntry(session) { return }
    if skipCluster {
      // With several of that name, the context tells which one is meant.
      let session = try session.hasSeveral(target.name) ? try await session.on(target.name) : session
      let name = try session.existing(target.name)
      if try await session.run(plan, output)("remove", .forget(name.description)) {
        session.tell("\(name) is removed from the configuration.")
      }
      return
    }
    try await session.refuseForeign(target.name)
    let own = try await session.on(target.name)
    let name = try own.existing(target.name)
    if try await own.run(plan, output)(
      "remove", .remove(name.description, busyRunners.policy, force: force))
    {
      session.tell("\(name) is removed.")
    }
  }

  /// Removes an entry of the configuration whose key is not a valid name, so that no cluster can contain anything of
  /// it.
  ///
  /// - Returns: false if no such entry exists.
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
        "Remove \(shown)?", losses: ["Removes: its entry in the configuration, which cannot be used"],
        refusal: "\(shown) was not removed")
      try await session.store.change { _ = $0.removeUnreadable(key) }
      session.tell("\(shown) is removed.")
      return true
    }
  }
}
