import ArgumentParser
import CommandSession
import Engine

struct Up: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make the cluster match the configuration.",
    discussion: """
      EXAMPLES:
        After `deskrun down`, after a reboot, or after something was broken:
          deskrun up
        One installation alone:
          deskrun up web-ci
        What it would do:
          deskrun up --dry-run
        Automatically after each start of the computer (systemd):
          deskrun up --install-service

      Installations are brought up on the clusters where they live, one cluster after another; --context narrows it to \
      those of one. Each step looks first whether there is anything to do, so it can be run at any time and again after ctrl-C.
      """)

  @Argument(help: "Bring up only this installation.", completion: Completions.installationNames)
  var name: String?

  @OptionGroup(title: "Cluster Options") var arc: ARCVersionOption
  @OptionGroup(title: "Start of the Computer") var boot: BootOptions
  @OptionGroup(title: "Plan Options") var plan: PlanOptions
  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() async throws {
    let session = try Session(global, mayCreate: !global.contexts.isEmpty)
    if boot.isGiven { return try await boot.run(session, plan, output.form) }
    let release = try arc.release
    if let name { try await session.refuseForeign(name) }
    // Without a context, each installation is brought up through its own.
    let whole = session.isTargetGiven && name == nil ? try await session.withOtherContexts(deploys: true) : session
    let sessions = name == nil ? try whole.everywhere() : [try await session.on(name)]
    let only = try name.flatMap { try sessions.first?.existing($0) }
    try await Session.each(sessions) { session in
      var run = session.run(plan, output)
      run.isOneOfMany = sessions.count > 1
      let ran = try await run("up", .up(only?.description, arc: release))
      if ran { session.tell("\(session.label) is up. `deskrun status` shows what its runners do.") }
    }
  }
}
