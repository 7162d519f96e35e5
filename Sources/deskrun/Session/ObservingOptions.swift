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
}
