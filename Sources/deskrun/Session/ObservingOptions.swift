import ArgumentParser
import Engine

/// Options of read-only commands.
package struct ObservingOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Look only at scale sets in this namespace. Default: all that the credentials may read.", valueName: "namespace"))
  package var namespace: String?

  package func validate() throws {
    guard let namespace else { return }
    guard Self.isName(namespace) else {
      throw ValidationError(
        "--namespace must be the name of a namespace: at most 63 lowercase letters, digits and hyphens.")
    }
  }

  /// Whether it is a valid namespace name (RFC 1123 label).
  private static func isName(_ text: String) -> Bool {
    let bytes = text.utf8
    func isWord(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) }
    return bytes.count <= 63 && bytes.first.map(isWord) == true && bytes.last.map(isWord) == true
      && bytes.allSatisfy { isWord($0) || $0 == UInt8(ascii: "-") }
  }

  package init() {}
}

extension Session {
  /// The session restricted to the namespace in these options.
  package func narrowed(_ options: ObservingOptions) -> Session { narrowed(to: options.namespace) }

  /// The same for a command about one installation, or a runner, if a name is given.
  ///
  /// - Throws: `EngineError` of kind `notFound` if an installation of that name is in another namespace.
  package func narrowed(_ options: ObservingOptions, about name: String?) throws -> Session {
    if let name, let wanted = options.namespace,
      let own = try store.load().all.named(name), own.namespace != wanted
    {
      throw EngineError(
        .notFound, "\(own.name) is in the namespace \(own.namespace), not in \(SafeText.line(wanted))",
        fix: "Leave out `-n`, or name a scale set of that namespace: \(SafeText.line(wanted))/NAME")
    }
    return narrowed(options)
  }
}
