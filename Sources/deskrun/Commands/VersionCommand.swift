import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// `deskrun version`.
struct VersionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version",
    abstract: "Show the version.",
    discussion: """
      EXAMPLES:
          deskrun version
          deskrun version -o json
        Ask github.com whether there is a newer one:
          deskrun version --check

      `arcVersion` is the version of the Actions Runner Controller that a new cluster gets; `supportedArcVersions` are \
      those that deskrun works with. `installedFrom` is tarball, deb, homebrew, script (install.sh), source or null.

      deskrun never looks for a newer version on its own, and sends nothing about its use to anybody.
      """)

  @Option(name: .shortAndLong, help: ArgumentHelp("The form of the output.", valueName: "format"))
  var output: OutputFormat = .table

  @Flag(help: "Ask github.com for the newest release, with curl.")
  var check = false

  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() async throws {
    let console = global.console()
    var report = VersionReport()
    if check { report.newest = try await newest(report.package) }
    switch output {
    case .json: try console.write(PrintableText(json: report.document, pretty: true))
    case .yaml: try console.write(PrintableText(yaml: report.document))
    case .name: try console.write("\(DeskrunVersion.current)\n")
    case .table: try console.write(report.line)
    case .wide: try console.write("\(VersionReport.text) (ARC \(SupportedARC.newest))\n")
    }
    tell(report, console)
  }

  private func newest(_ package: ProgramPackage) async throws -> String {
    guard let repository = package.repository else {
      throw EngineError(
        .notFound, "This deskrun does not know where its releases are",
        why: "No share/deskrun/package.json beside the program names a repository",
        fix: "Look at the page you got it from")
    }
    let session = try Session(global)
    return try await session.waiting(for: "asking github.com") {
      try await session.toolbox.releases(of: repository).newestVersion()
    }
  }

  /// Prints the information for people.
  private func tell(_ report: VersionReport, _ console: Console) {
    guard global.verbosity > .quiet, let newest = report.newest, let isOutdated = report.isOutdated else { return }
    guard isOutdated else { return console.tell("This is the newest release.") }
    let url = report.package.repository.map { "https://github.com/\($0)/releases/latest" } ?? ""
    console.tell("deskrun \(newest) is available.")
    if let kind = report.package.kind { console.tell("\(kind.upgrade(url: url))") }
  }
}
