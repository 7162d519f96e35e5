import CommandOutput
import CommandSession
import Engine

/// Information about this program's version.
struct VersionReport {
  /// How the program was installed.
  let package: ProgramPackage
  /// The program's path without symbolic links; nil if unknown.
  let executable: String?
  /// The newest release; nil if not requested.
  var newest: String?

  /// Information about this program.
  init() {
    executable = try? ExecutablePath.find()
    package = executable.map(ProgramPackage.init(of:)) ?? ProgramPackage(of: "")
  }

  /// The output of `--version`, which reads no files.
  static var text: String { "deskrun " + DeskrunVersion.current }

  /// Whether a newer release exists; nil if not requested.
  var isOutdated: Bool? {
    guard let newest = newest.flatMap({ ReleaseVersion($0) }), let own = ReleaseVersion(DeskrunVersion.current) else {
      return nil
    }
    return own < newest
  }

  /// The version, and how the program was installed.
  var line: PrintableText {
    package.kind.map { "\(Self.text) (\($0.words))\n" } ?? "\(Self.text)\n"
  }

  /// The JSON of `deskrun version -o json`.
  var document: JSONValue {
    [
      "version": .string(DeskrunVersion.current), "arcVersion": .string(SupportedARC.newest.description),
      "supportedArcVersions": .array(SupportedARC.releases.map { .string($0.description) }),
      "installedFrom": package.kind.map { .string($0.rawValue) } ?? .null,
      "executable": executable.map { .string($0) } ?? .null, "newestVersion": newest.map { .string($0) } ?? .null,
    ]
  }
}
