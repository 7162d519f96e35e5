import Basics
import Tools

/// A host path mounted into runners, with the hostPath type that Kubernetes checks.
package struct Mount: Sendable, Equatable {
  /// The hostPath types of Kubernetes.
  package enum Kind: String, Sendable, Equatable, CaseIterable {
    /// A directory, created if missing.
    case directoryOrCreate = "DirectoryOrCreate"
    /// An existing directory.
    case directory = "Directory"
    /// An existing UNIX socket.
    case socket = "Socket"
  }

  /// The path on the host.
  package let source: String
  /// The path in the runner.
  package let target: String
  /// The type that Kubernetes checks.
  package let kind: Kind

  /// Parses `PATH`, `SOURCE:TARGET` or `SOURCE:TARGET:TYPE`; a leading `~/` in the source is the home directory.
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

  /// Validates the parts.
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

  /// The mount in the syntax of the command line.
  package var text: String { "\(source):\(target):\(kind.rawValue)" }
}
