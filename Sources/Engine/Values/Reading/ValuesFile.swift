import Basics

/// A file of Helm values that was read: a mapping in which every value knows its line.
package struct ValuesFile: Sendable, Equatable {
  /// How it was named.
  package let reference: ValuesReference
  /// Its values; a mapping without members when there is nothing in it.
  package let root: YAMLNode

  /// The largest file that is read. Helm keeps the values in a Secret, which holds a megabyte in all.
  package static let limit = 1 << 20

  /// Reads a file.
  ///
  /// - Throws: `EngineError` of kind `invalid` that says where and why.
  package static func read(_ reference: ValuesReference) throws(EngineError) -> ValuesFile {
    // A file that has `#` in its name is meant when there is one.
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

  /// Reads the text of a file.
  ///
  /// - Throws: `EngineError` of kind `invalid` that says where and why.
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

  /// A number that is another for other values. Comments, order of keys and layout do not count.
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
      // No encoded value has this byte, so values cannot move from one file to another unnoticed. A single file has the
      // number that it always had.
      if index > 0 { hash = hash &* 0x100_0000_01b3 }
      add(file.root.json)
    }
    let text = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }
}

extension ValuesReference {
  /// A file whose name may have `#` in it.
  init(wholeFile path: String) {
    self.init("")
    self.path = path
  }
}
