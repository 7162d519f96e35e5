import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// `deskrun info`.
struct Info: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the paths and versions this program works with.",
    discussion: """
      EXAMPLES:
          deskrun info
          deskrun info -o json
      """)

  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() throws {
    let session = try Session(global, mayCreate: true)
    try Self.listing(Self.entries(session)).write(output.form, to: session.console)
  }

  /// A fact: its key in JSON, its name for display, and its value or nil.
  struct Entry: Sendable, Equatable {
    var key: String
    var title: String
    var value: String?
  }

  static func entries(_ session: Session) -> [Entry] {
    let environment = session.environment
    let kubeconfig =
      session.target.kubeconfig ?? environment["KUBECONFIG"].flatMap { $0.isEmpty ? nil : $0 }
      ?? environment["HOME"].map { $0 + "/.kube/config" }
    return [
      Entry(key: "version", title: "deskrun", value: DeskrunVersion.current),
      Entry(key: "arcVersion", title: "Actions Runner Controller", value: SupportedARC.newest.description),
      Entry(key: "home", title: "folder", value: session.paths.home),
      Entry(key: "configFile", title: "configuration", value: session.paths.configuration),
      Entry(key: "backupFile", title: "last good configuration", value: session.paths.backup),
      Entry(key: "caches", title: "caches", value: session.paths.caches),
      Entry(key: "context", title: "context", value: session.target.context),
      Entry(key: "kubeconfig", title: "kubeconfig", value: kubeconfig),
    ] + programs(session)
  }

  /// The programs in use, and the reason if they are not those in PATH.
  private static func programs(_ session: Session) -> [Entry] {
    let locator = session.toolbox.locator
    return [ToolName.kubectl, .helm, .kind, .docker].map { tool in
      var value = try? locator.locate(tool)
      if case .setup(let other?)? = locator.origin(tool) { value = value.map { "\($0), in place of \(other)" } }
      return Entry(key: tool.rawValue, title: tool.rawValue, value: value)
    }
  }

  static func listing(_ entries: [Entry]) -> Listing {
    var table = Table([.init("WHAT"), .init("VALUE", minimum: 20, wraps: true)])
    for entry in entries { table.add([.init(entry.title), .init(entry.value ?? "-")]) }
    let members = entries.map { ($0.key, $0.value.map(JSONValue.string) ?? .null) }
    return Listing(table: table, document: .object(JSONObject(members)), names: entries.map(\.key))
  }
}
