import ArgumentParser
import CommandOutput
import CommandSession

/// `deskrun completion`.
struct CompletionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completion",
    abstract: "Print a script that completes commands, options and names of installations.",
    discussion: """
      EXAMPLES:
        bash, for this user:
          deskrun completion bash > ~/.local/share/bash-completion/completions/deskrun
        zsh, into a folder of $fpath:
          deskrun completion zsh > ~/.zfunc/_deskrun
        fish:
          deskrun completion fish > ~/.config/fish/completions/deskrun.fish
      """)

  /// The supported shells.
  enum Shell: String, CaseIterable, Sendable, ExpressibleByArgument {
    case bash
    case zsh
    case fish
  }

  @Argument(help: "The shell.")
  var shell: Shell

  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() throws {
    try global.console().write(PrintableText(completionScript: CompletionScript.of(shell)))
  }
}
