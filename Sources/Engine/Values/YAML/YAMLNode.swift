import Basics

/// A value of a YAML document and where it was written.
package struct YAMLNode: Sendable, Equatable {
  package enum Content: Sendable, Equatable {
    /// Anything but a list or a mapping.
    case scalar(JSONValue)
    case list([YAMLNode])
    case map([YAMLMember])
  }

  package var content: Content
  package var mark: YAMLMark
  /// Nodes in it, itself included, with aliases counted as what they stand for.
  var size = 1

  /// The value without its places.
  package var json: JSONValue {
    switch content {
    case .scalar(let value): value
    case .list(let items): .array(items.map(\.json))
    case .map(let members): .object(JSONObject(members.map { ($0.key, $0.value.json) }))
    }
  }

  /// The members of a mapping, or nil when this is none.
  package var members: [YAMLMember]? { if case .map(let members) = content { members } else { nil } }
  /// The items of a list, or nil when this is none.
  package var items: [YAMLNode]? { if case .list(let items) = content { items } else { nil } }

  /// The value of a key of a mapping.
  package subscript(key: String) -> YAMLNode? { members?.first { $0.key == key }?.value }

  /// The string, or nil when this is none.
  package var text: String? { if case .scalar(let value) = content { value.stringValue } else { nil } }

  /// The same with other marks.
  func moving(_ place: (YAMLMark) -> YAMLMark) -> YAMLNode {
    var node = self
    node.mark = place(mark)
    switch content {
    case .map(let members):
      node.content = .map(
        members.map { YAMLMember(key: $0.key, mark: place($0.mark), value: $0.value.moving(place)) })
    case .list(let items): node.content = .list(items.map { $0.moving(place) })
    case .scalar: break
    }
    return node
  }
}

/// A key of a mapping with its value.
package struct YAMLMember: Sendable, Equatable {
  package var key: String
  package var mark: YAMLMark
  package var value: YAMLNode
}

/// A place in a document, counted from 1; columns are characters.
package struct YAMLMark: Sendable, Equatable {
  package var line: Int
  package var column: Int

  package init(line: Int, column: Int) { (self.line, self.column) = (line, column) }
}

/// Why a text is no YAML document that can be used.
package struct YAMLProblem: Error, Sendable, Equatable {
  package enum Cause: Sendable, Equatable {
    /// A second document starts.
    case secondDocument
    /// The text is not YAML.
    case syntax
    /// A byte or a character that no YAML has: the text is in another encoding, or not text.
    case encoding
    /// It is YAML that values cannot be: a key twice, a key that is no string, an unknown tag.
    case refused
  }

  package var cause: Cause
  package var mark: YAMLMark
  /// In lowercase, without a full stop; where there is a `relatedLine`, up to its number.
  package var message: String
  /// The message without words of the document, for a line that may hold a secret; nil where it has none.
  package var withoutText: String?
  /// Another line that the message ends with.
  package var relatedLine: Int?

  /// The whole message.
  ///
  /// - Parameter hidesText: whether words of the document are left out.
  func sentence(hidesText: Bool) -> String {
    (hidesText ? withoutText ?? message : message) + (relatedLine.map { " \($0)" } ?? "")
  }

  /// The same with other marks.
  func moving(_ place: (YAMLMark) -> YAMLMark) -> YAMLProblem {
    var problem = self
    problem.mark = place(mark)
    problem.relatedLine = relatedLine.map { place(YAMLMark(line: $0, column: 1)).line }
    return problem
  }
}
