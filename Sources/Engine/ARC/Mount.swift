import Basics
import Tools

/// A host path that runners see, with Kubernetes' check of what it must be.
package struct Mount: Sendable, Equatable {
  /// What the path must be; Kubernetes' hostPath types.
  package enum Kind: String, Sendable, Equatable, CaseIterable {
    /// A directory, made when it is missing.
    case directoryOrCreate = "DirectoryOrCreate"
    /// A directory that exists.
    case directory = "Directory"
    /// A UNIX socket that exists.
    case socket = "Socket"
  }

  /// The path on the host.
  package let source: String
  /// Where runners see it.
  package let target: String
  /// What it must be.
  package let kind: Kind

  /// Reads `PATH`, `SOURCE:TARGET` or `SOURCE:TARGET:TYPE`; `~/` at the beginning of the source is the home directory.
  ///
  /// - Throws: `EngineError` of kind `invalid`.
  package init(_ text: String, home: String? = nil) throws(EngineError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard (1...3).contains(parts.count) else {
      throw EngineError(
        .invalid, "The mount \"\(SafeText.line(text))\" has too many colons",
        fix:
          "Write SOURCE:TARGET or SOURCE:TARGET:TYPE, for example: --mount /var/run/docker.sock:/var/run/docker.sock:Socket"
      )
    }
    var kind = Kind.directoryOrCreate
    if parts.count == 3 {
      guard let known = Kind.allCases.first(where: { $0.rawValue.lowercased() == parts[2].lowercased() }) else {
        throw EngineError(
          .invalid, "\"\(SafeText.line(parts[2]))\" is not a type of mount",
          fix: "Use one of: \(Kind.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      kind = known
    }
    try self.init(
      source: HostPath.expanded(parts[0], home: home), target: parts.count > 1 ? parts[1] : parts[0], kind: kind)
  }

  /// Checks the parts.
  ///
  /// - Throws: `EngineError` of kind `invalid`.
  package init(source: String, target: String, kind: Kind) throws(EngineError) {
    self.source = try HostPath.normalized(source, what: "source of a mount")
    guard self.source != "/" else {
      throw EngineError(.invalid, "A mount of the whole disk is refused", fix: "Mount the directory that is needed")
    }
    self.target = try HostPath.normalized(target, what: "target of a mount")
    try HostPath.checkTarget(self.target, what: "target of a mount", isSocket: kind == .socket)
    self.kind = kind
  }

  /// As it is written on the command line.
  package var text: String { "\(source):\(target):\(kind.rawValue)" }
}
