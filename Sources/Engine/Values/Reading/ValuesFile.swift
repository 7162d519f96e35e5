import Basics

/// A parsed Helm values file: a mapping in which every value has its line number.
package struct ValuesFile: Sendable, Equatable {
  /// The path and part as specified.
  package let reference: ValuesReference
  /// Its values; an empty mapping if the file is empty.
  package let root: YAMLNode

  /// Maximum size of a file. Helm stores values in a Secret, which is limited to a megabyte.
  package static let limit = 1 << 20

  /// Reads a file.
  ///
  /// - Throws: `EngineError` of kind `invalid` with the position and the reason.
  package static func read(_ reference: ValuesReference) throws(EngineError) -> ValuesFile {
    // An existing file with `#` in its name takes precedence.
    var reference = reference
    if reference.part != nil, FileIO.exists(reference.text) { reference = ValuesReference(wholeFile: reference.text) }
    let bytes: [UInt8]
    do throws(FileIO.Failure) {
      guard let found = try FileIO.read(reference.path, limit: limit) else {
        throw FileIO.Failure(operation: "open", code: 2)
      }
      bytes = found
    } catch {
      throw EngineError(
        .invalid, "The values file \(SafeText.line(reference.path)) cannot be read", why: error.reason,
        fix: "Check its path and who may read it")
    }
    return try ValuesFile(bytes, reference)
  }

  /// Parses the text of a file.
  ///
  /// - Throws: `EngineError` of kind `invalid` with the position and the reason.
  package init(_ bytes: [UInt8], _ reference: ValuesReference) throws(EngineError) {
    self.reference = reference
    let text = ValuesText(bytes)
    let document: YAMLNode
    do throws(YAMLProblem) {
      document = try YAMLReader.read(bytes) ?? Self.empty
    } catch {
      if error.cause == .secondDocument, let manifests = ValuesDocument.manifests(bytes, text, reference) {
        throw manifests
      }
      throw text.error(error, in: reference.path)
    }
    root = try ValuesDocument(document, text, reference).values()
  }

  static let empty = YAMLNode(content: .map([]), mark: YAMLMark(line: 1, column: 1))

  /// A digest of the values. Comments, order of keys and layout are ignored.
  package static func digest(_ files: [ValuesFile]) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ value: JSONValue) {
      switch value {
      case .object(let object):
        for member in object.members.sorted(by: { $0.key < $1.key }) {
          add(.string(member.key))
          add(member.value)
        }
        add("}")
      case .array(let items):
        for item in items { add(item) }
        add("]")
      default: for byte in value.encoded().utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      }
    }
    for (index, file) in files.enumerated() {
      // Encoded values never contain this byte, so values moved from one file to another change the digest. The digest
      // of a single file is the same as in earlier versions.
      if index > 0 { hash = hash &* 0x100_0000_01b3 }
      add(file.root.json)
    }
    let text = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }
}

extension ValuesReference {
  /// A file whose name may contain `#`.
  init(wholeFile path: String) {
    self.init("")
    self.path = path
  }
}
