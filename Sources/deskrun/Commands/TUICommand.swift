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

/// `deskrun tui`. Not asynchronous: the dashboard has exclusive use of the main thread, so that nothing else delays
/// keys.
struct TUICommand: ParsableCommand, SeveralClusterCommand {
  static let configuration = CommandConfiguration(
    commandName: "tui",
    abstract: "The dashboard: installations, runners with their jobs, logs and events, full screen and live.",
    discussion: """
      EXAMPLES:
          deskrun tui
        Without the keys that change something:
          deskrun tui --read-only
        Two clusters, whatever lives there:
          deskrun tui --context prod --context lab
        On the embedded cluster, which needs nothing installed:
          deskrun tui --demo
        One frame as text:
          deskrun tui --snapshot 120x40

      Clusters that installations live on are shown together; --context, which may be repeated, shows others. \
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

  @Flag(help: "Also show clusters of the kubeconfig that nothing was added to, where they have ARC.")
  var allContexts = false

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
    let asked = try sessionForSeveral().narrowed(observing)
    let sessions = try asked.everywhere()
    let session = sessions.first ?? asked
    var settings = Settings()
    let terminal = session.console.output
    settings.isReadOnly = readOnly
    settings.usesMouse = mouse
    settings.usesUnicode = terminal.usesUnicode
    settings.usesColor = terminal.usesColor
    settings.isDemo = global.demo.isOn
    settings.invocation = asked.console.invocation
    settings.context = session.target.context
    settings.namespace = observing.namespace
    settings.identity = session.store.owner
    settings.isKind = session.target.kindCluster != nil
    settings.followsConfiguration = !asked.isTargetGiven
    settings.servers = Self.servers(asked)
    settings.home = session.paths.userHome
    settings.standardCredential = Self.standardCredential(session)
    if let named = (theme ?? session.environment["DESKRUN_THEME"]).flatMap(Theme.named) {
      settings.theme = named
      settings.isThemeGiven = true
    }
    let services = DashboardServices(
      clusters: sessions.map(Self.services), candidates: allContexts ? Self.candidates(asked, shown: sessions) : [],
      later: { Self.services(asked.at($0)) }, paths: session.paths, folder: Session.currentFolder(),
      environment: ProcessEnvironment.read())
    let seats = sessions.map { ClusterSeat(target: $0.target, invocation: $0.console.invocation) }
    if let size = snapshot.flatMap(Self.size) {
      settings.usesColor = false
      return try session.console.write(
        PrintableText(lines: try Dashboard.snapshot(services, settings: settings, size: size, seats: seats)))
    }
    guard let ending = try Dashboard.run(services, settings: settings, seats: seats) else { return }
    CommandLog.end("signal \(ending)")
    signal(ending, SIG_DFL)
    raise(ending)
  }

  private static func services(_ session: Session) -> ClusterServices {
    ClusterServices(
      toolbox: session.watching,
      deployer: Deployer(
        toolbox: session.toolbox, store: session.store, credentials: session.unattended, pace: session.pace))
  }

  /// The kubeconfig's clusters that are not already shown.
  private static func candidates(_ asked: Session, shown: [Session]) -> [ClusterTarget] {
    guard let configuration = try? asked.store.load() else { return [] }
    let file = asked.isTargetGiven ? asked.target.kubeconfig : nil
    let all = Kubeconfig.merged(file, asked.environment).contexts.map {
      configuration.target(at: ClusterPlace(context: $0.name, kubeconfig: file))
    }
    return all.filter { target in !shown.contains { $0.target == target } }
  }

  /// The API server addresses in the kubeconfig, by the cluster's description.
  private static func servers(_ asked: Session) -> [String: String] {
    let file = asked.isTargetGiven ? asked.target.kubeconfig : nil
    return Dictionary(
      Kubeconfig.merged(file, asked.environment).contexts.compactMap { context in
        context.server.map {
          (ClusterTarget.existing(context: context.name, kubeconfig: file).words, SecretMask.masked(SafeText.line($0)))
        }
      }, uniquingKeysWith: { first, _ in first })
  }

  /// Parses a size such as `120x40`.
  static func size(_ text: String) -> Size? {
    let parts = text.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let columns = parts[0], let rows = parts[1], (1...1000).contains(columns),
      (1...500).contains(rows)
    else { return nil }
    return Size(columns: columns, rows: rows)
  }

  /// A token's source that is available without asking the user.
  static func standardCredential(_ session: Session) -> String? {
    let names =
      session.isDemo ? [DemoCluster.tokenVariable] : ["DESKRUN_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"]
    for name in names where session.environment[name]?.isEmpty == false { return "env:\(name)" }
    return (try? session.toolbox.locator.locate(.gh)) == nil ? nil : "gh"
  }
}
