import ArgumentParser
import CommandOutput
import Engine

/// The root command.
struct Deskrun: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deskrun",
    abstract: "GitHub Actions runners on your own machine.",
    discussion: """
      EXAMPLES:
        See it work, with nothing installed:
          deskrun --demo tui
        From nothing to runners that take the jobs of a repository:
          deskrun add web-ci -r https://github.com/acme/web --auth-value gh
        What they are doing, full screen or as text, and removing one:
          deskrun
          deskrun status --watch
          deskrun remove web-ci

      OPTIONS OF EVERY COMMAND, before or after its name:
        --context, --kubeconfig    another cluster than deskrun's own
        --demo, --demo-…           an embedded, simulated cluster (`deskrun help demo`)
        -q/--quiet, -v/--verbose   how much is printed on standard error
        --color, --ascii           colors and characters
        `deskrun COMMAND --help` explains them.

      ENVIRONMENT:
        DESKRUN_HOME               folder of the configuration (default ~/.deskrun)
        DESKRUN_GITHUB_TOKEN, GH_TOKEN, GITHUB_TOKEN
                                   the token, in this order, without --auth-value
        DESKRUN_KUBECTL, _HELM, _KIND, _DOCKER, _GH, _CURL
                                   programs to use instead of those on PATH
        KUBECONFIG                 as for kubectl
        NO_COLOR, CLICOLOR, CLICOLOR_FORCE, DESKRUN_ASCII, DESKRUN_THEME

      EXIT STATUS:
      \(ExitStatus.table)
      """,
    version: VersionReport.text,
    groupedSubcommands: [
      CommandGroup(
        name: "Installation",
        subcommands: [Add.self, Edit.self, Scale.self, Adopt.self, Remove.self, List.self]),
      CommandGroup(
        name: "Observing",
        subcommands: [
          Status.self, Why.self, Jobs.self, Logs.self, Events.self, Doctor.self, TUICommand.self,
          Record.self,
        ]),
      CommandGroup(
        name: "Cluster", subcommands: [Up.self, Down.self, Upgrade.self, ClusterCommand.self, CacheCommand.self]),
      CommandGroup(
        name: "Program",
        subcommands: [Setup.self, Uninstall.self, Info.self, VersionCommand.self, CompletionCommand.self]),
    ])
}
