import Basics

/// How this program was installed, according to the file next to it: all installers write
/// `PREFIX/share/deskrun/package.json`, which has what is needed to upgrade the program.
package struct ProgramPackage: Sendable, Equatable {
  /// The ways to install deskrun, by their names in that file.
  package enum Kind: String, Sendable, CaseIterable {
    case tarball, deb, homebrew, script, source

    /// The end of a sentence that starts with the version.
    package var words: String {
      switch self {
      case .tarball: "from the release archive"
      case .deb: "from the .deb package"
      case .homebrew: "from Homebrew"
      case .script: "from install.sh"
      case .source: "built from source"
      }
    }

    /// How to upgrade to a newer version.
    package func upgrade(url: String) -> String {
      switch self {
      case .tarball: "Unpack the new archive over the old files: \(url)"
      case .deb: "Install the new package: \(url), then sudo apt install ./deskrun_*.deb"
      case .homebrew: "brew upgrade deskrun"
      case .script: "Run install.sh again with the same options: \(url)"
      case .source: "git pull && make build && sudo make install"
      }
    }
  }

  /// nil if there is no such file: only the program was copied, or another tool installed it.
  package var kind: Kind?
  /// `OWNER/NAME` on GitHub with its releases; nil for a build that is not meant to be released.
  package var repository: String?

  /// Reads the file next to a program.
  ///
  /// - Parameter executable: the program's path, without symbolic links.
  package init(of executable: String) {
    let folder = FileIO.split(executable).folder
    let file = FileIO.split(folder).folder + "/share/deskrun/package.json"
    if let bytes = try? FileIO.read(file, limit: 4096), let document = try? JSONValue(parsing: bytes) {
      kind = document["kind"]?.stringValue.flatMap(Kind.init)
      repository = document["repository"]?.stringValue.flatMap { Self.isRepository($0) ? $0 : nil }
    } else if folder.contains("/.build/") {
      kind = .source
    }
  }

  /// Whether a text has the form `OWNER/NAME`: it becomes part of a URL.
  package static func isRepository(_ text: String) -> Bool {
    let allowed = Set("-._0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 2
      && parts.allSatisfy { part in
        !part.isEmpty && part != "." && part != ".." && part.utf8.allSatisfy { allowed.contains($0) }
      }
  }
}
