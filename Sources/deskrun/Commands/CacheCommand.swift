import ArgumentParser

/// `deskrun cache`.
struct CacheCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache",
    abstract: "See and clear what jobs keep on this machine.",
    subcommands: [ListCaches.self, Prune.self])

  /// `deskrun cache list`.
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
  }

  /// `deskrun cache prune`.
  struct Prune: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete cache directories that no installation uses.",
      discussion: """
        EXAMPLES:
            deskrun cache prune --dry-run
          Also those an installation uses:
            deskrun cache prune web-ci

        Only directories that deskrun made itself are deleted, never one you named as SOURCE:TARGET.
        """)

    @Argument(help: "Delete this installation's caches.", completion: Completions.installationNames)
    var name: String?

    @Flag(help: "Show what would be deleted, and delete nothing.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Do not ask for confirmation.")
    var yes = false

    @OptionGroup(title: "Global Options") var global: GlobalOptions
  }
}
