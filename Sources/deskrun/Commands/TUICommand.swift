import ArgumentParser

/// `deskrun tui`.
struct TUICommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tui",
    abstract: "The dashboard, which is not part of this version yet.",
    discussion: """
      The next version shows the cluster full screen: installations, runners with their jobs, logs, events and \
      findings, all live. Until then `deskrun status --watch` shows what the runners are doing.
      """)

  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() throws {
    try global.console().write(
      """
      The dashboard is not part of this version yet. The next one shows installations, runners with
      their jobs, logs and events full screen and live.

      Until then:
        deskrun status --watch     what the runners are doing
        deskrun logs NAME -f       what they say
        deskrun --help             everything else

      """)
  }
}
