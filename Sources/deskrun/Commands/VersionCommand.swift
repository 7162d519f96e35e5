import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// What this program says of its version.
enum VersionReport {
  static var text: String { "deskrun " + DeskrunVersion.current }
  static var line: PrintableText { "\(text)\n" }

  /// The shape of `deskrun version -o json`.
  static var document: JSONValue {
    [
      "version": .string(DeskrunVersion.current), "arcVersion": .string(SupportedARC.newest.description),
      "supportedArcVersions": .array(SupportedARC.releases.map { .string($0.description) }),
    ]
  }
}

/// `deskrun version`.
struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version",
    abstract: "Show the version.",
    discussion: """
      EXAMPLES:
          deskrun version
          deskrun version -o json

      `arcVersion` is the version of the Actions Runner Controller that a new cluster gets; `supportedArcVersions` are \
      those that deskrun works with.
      """)

  @Option(name: .shortAndLong, help: ArgumentHelp("The form of the output.", valueName: "format"))
  var output: OutputFormat = .table

  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() throws {
    let console = global.console()
    switch output {
    case .json: try console.write(PrintableText(json: VersionReport.document, pretty: true))
    case .yaml: try console.write(PrintableText(yaml: VersionReport.document))
    case .name: try console.write("\(DeskrunVersion.current)\n")
    case .table: try console.write(VersionReport.line)
    case .wide: try console.write("\(VersionReport.text) (ARC \(SupportedARC.newest))\n")
    }
  }
}
