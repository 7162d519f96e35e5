import ArgumentParser
import CommandOutput
import CommandSession
import Engine

struct CacheCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache",
    abstract: "List and delete caches that jobs keep on this machine.",
    subcommands: [ListCaches.self, Prune.self])

  struct ListCaches: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "List the cache directories with their sizes.",
      discussion: """
        EXAMPLES:
            deskrun cache list
            deskrun cache list -o json
        """, aliases: ["ls"])

    @OptionGroup(title: "Output Options") var output: OutputOptions
    @OptionGroup(title: "Global Options") var global: GlobalOptions

    func run() async throws {
      let session = try Session(global)
      let inventory = CacheInventory(root: session.paths.caches, configuration: try session.store.load())
      let hidden = inventory.hidden()
      let caches = await session.waiting(for: "measuring the caches") { await OwnThread.value { inventory.list() } }
      try CacheReport.listing(caches, hidden: hidden, root: session.paths.caches)
        .write(output.form, to: session.console)
      if let warning = CacheReport.warning(caches, hidden: hidden, root: session.paths.caches) {
        session.warn(warning)
      }
    }
  }

  struct Prune: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete cache directories that no installation uses.",
      discussion: """
        EXAMPLES:
            deskrun cache prune --dry-run
          Also those an installation uses:
            deskrun cache prune web-ci

        Only directories that deskrun created are deleted, never one you named as SOURCE:TARGET.
        """)

    @Argument(help: "Delete this installation's caches.", completion: Completions.installationNames)
    var name: String?

    @Flag(help: "Show what would be deleted, and delete nothing.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Do not ask for confirmation.")
    var yes = false

    @OptionGroup(title: "Global Options") var global: GlobalOptions

    func run() async throws {
      let session = try Session(global)
      try await session.exclusively("cache prune", on: .everything, dryRun: dryRun) {
        let configuration = try session.store.load()
        let inventory = CacheInventory(root: session.paths.caches, configuration: configuration)
        let all = await session.waiting(for: "measuring the caches") { await OwnThread.value { inventory.list() } }
        let chosen = try chosen(all, session, configuration)
        guard !chosen.isEmpty else {
          session.tell("Nothing to delete in \(session.paths.caches).")
          return
        }
        let losses = chosen.map { "\($0.path)   \(BytesText.short($0.bytes))\($0.isPartial ? " or more" : "")" }
        guard !dryRun else {
          try session.console.write(losses.map { "\($0)\n" }.joined())
          return
        }
        try Prompt(console: session.console, assumesYes: yes).confirm(
          chosen.count == 1 ? "Delete this cache?" : "Delete these \(chosen.count) caches?", losses: losses,
          refusal: "Nothing was deleted")
        for (at, directory) in chosen.enumerated() {
          try await session.waiting(for: "deleting \(at + 1) of \(chosen.count): \(directory.path)") {
            try await inventory.delete(directory, toolbox: session.toolbox)
          }
          session.tell("\(directory.path) is deleted.")
        }
      }
    }

    private func chosen(
      _ all: [CacheDirectory], _ session: Session, _ configuration: Configuration
    ) throws -> [CacheDirectory] {
      guard let name else { return all.filter { $0.installation == nil } }
      let installation = try session.existing(name)
      let chosen = all.filter { directory in
        directory.installation == installation
          || (directory.installation == nil
            && (directory.scaleSet == name || directory.scaleSet.hasPrefix(name + "-")))
      }
      if chosen.isEmpty, configuration.installation(named: installation) == nil {
        throw Deployer.unknown(installation, configuration)
      }
      return chosen
    }
  }
}
