import ArgumentParser
import CommandOutput
import CommandSession
import DashboardCore
import Demo
import Engine
import TUI
import TerminalKit

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// `deskrun tui`. Not asynchronous: the dashboard has the main thread for itself, so that nothing else delays a key.
struct TUICommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tui",
    abstract: "The dashboard: installations, runners with their jobs, logs and events, full screen and live.",
    discussion: """
      EXAMPLES:
          deskrun tui
        Without the keys that change something:
          deskrun tui --read-only
        On the embedded cluster, which needs nothing installed:
          deskrun tui --demo
        One frame as text:
          deskrun tui --snapshot 120x40

      `deskrun` alone on a terminal does the same. In the dashboard `?` lists every key and `:` finds every command.
      Sort orders, sizes and colors are remembered in ui.json beside the configuration.
      """)

  @Flag(help: "Show everything, and offer nothing that changes the cluster or the configuration.")
  var readOnly = false

  @Option(
    help: ArgumentHelp(
      "The color theme: \(Theme.names.joined(separator: ", ")).",
      discussion: "terminal uses the terminal's own 16 colors. DESKRUN_THEME does the same.", valueName: "name"),
    completion: .list(Theme.names))
  var theme: String?

  @Flag(inversion: .prefixedNo, help: "Whether the mouse is used in tables. Text panes leave it to the terminal.")
  var mouse = true

  @Option(help: ArgumentHelp("Print one frame of this size as text and end.", valueName: "WxH"))
  var snapshot: String?

  @OptionGroup var observing: ObservingOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func validate() throws {
    if let theme, Theme.named(theme) == nil {
      throw ValidationError("No theme \(theme) found. Use one of: \(Theme.names.joined(separator: ", ")).")
    }
    if let snapshot, Self.size(snapshot) == nil {
      throw ValidationError("--snapshot must be WIDTHxHEIGHT, for example 120x40.")
    }
  }

  func run() throws {
    let session = try Session(global).narrowed(observing).observing()
    var settings = Settings()
    let terminal = session.console.output
    settings.isReadOnly = readOnly
    settings.usesMouse = mouse
    settings.usesUnicode = terminal.usesUnicode
    settings.usesColor = terminal.usesColor
    settings.isDemo = global.demo.isOn
    settings.invocation = session.console.invocation
    settings.context = session.target.context
    settings.identity = session.store.owner
    settings.isKind = session.target.kindCluster != nil
    settings.home = session.paths.userHome
    settings.standardCredential = Self.standardCredential(session)
    if let named = (theme ?? session.environment["DESKRUN_THEME"]).flatMap(Theme.named) {
      settings.theme = named
      settings.isThemeGiven = true
    }
    let services = DashboardServices(
      toolbox: session.watching,
      deployer: Deployer(
        toolbox: session.toolbox, store: session.store, credentials: session.unattended, pace: session.pace),
      paths: session.paths, folder: Session.currentFolder(), environment: ProcessEnvironment.read())
    if let size = snapshot.flatMap(Self.size) {
      settings.usesColor = false
      return try session.console.write(
        PrintableText(lines: try Dashboard.snapshot(services, settings: settings, size: size)))
    }
    guard let ending = try Dashboard.run(services, settings: settings) else { return }
    CommandLog.end("signal \(ending)")
    signal(ending, SIG_DFL)
    raise(ending)
  }

  /// `120x40`.
  static func size(_ text: String) -> Size? {
    let parts = text.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let columns = parts[0], let rows = parts[1], (1...1000).contains(columns),
      (1...500).contains(rows)
    else { return nil }
    return Size(columns: columns, rows: rows)
  }

  /// Where a token is found without asking anybody.
  static func standardCredential(_ session: Session) -> String? {
    let names =
      session.isDemo ? [DemoCluster.tokenVariable] : ["DESKRUN_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"]
    for name in names where session.environment[name]?.isEmpty == false { return "env:\(name)" }
    return (try? session.toolbox.locator.locate(.gh)) == nil ? nil : "gh"
  }
}
