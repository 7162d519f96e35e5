import CommandOutput
import CommandSession
import Engine

/// What this program says of its version.
struct VersionReport {
  /// What the program came in.
  let package: ProgramPackage
  /// Where it is, without symbolic links; nil where the system does not say.
  let executable: String?
  /// The newest release; nil where nobody asked for it.
  var newest: String?

  /// Of this program.
  init() {
    executable = try? ExecutablePath.find()
    package = executable.map(ProgramPackage.init(of:)) ?? ProgramPackage(of: "")
  }

  /// What `--version` prints, without a look at any file.
  static var text: String { "deskrun " + DeskrunVersion.current }

  /// Whether a newer release exists; nil where nobody asked.
  var isOutdated: Bool? {
    guard let newest = newest.flatMap({ ReleaseVersion($0) }), let own = ReleaseVersion(DeskrunVersion.current) else {
      return nil
    }
    return own < newest
  }

  /// The version, and what the program came in.
  var line: PrintableText {
    package.kind.map { "\(Self.text) (\($0.words))\n" } ?? "\(Self.text)\n"
  }

  /// The shape of `deskrun version -o json`.
  var document: JSONValue {
    [
      "version": .string(DeskrunVersion.current), "arcVersion": .string(SupportedARC.newest.description),
      "supportedArcVersions": .array(SupportedARC.releases.map { .string($0.description) }),
      "installedFrom": package.kind.map { .string($0.rawValue) } ?? .null,
      "executable": executable.map { .string($0) } ?? .null, "newestVersion": newest.map { .string($0) } ?? .null,
    ]
  }
}
