import Basics

/// A value in a YAML document with its position.
package struct YAMLNode: Sendable, Equatable {
  package enum Content: Sendable, Equatable {
    /// Anything except a list or a mapping.
    case scalar(JSONValue)
    case list([YAMLNode])
    case map([YAMLMember])
  }

  package var content: Content
  package var mark: YAMLMark
  /// The number of nodes including this one, with aliases expanded.
  var size = 1

  /// The value without positions.
  package var json: JSONValue {
    switch content {
    case .scalar(let value): value
    case .list(let items): .array(items.map(\.json))
    case .map(let members): .object(JSONObject(members.map { ($0.key, $0.value.json) }))
    }
  }

  /// The members of a mapping; nil if the value is not one.
  package var members: [YAMLMember]? { if case .map(let members) = content { members } else { nil } }
  /// The items of a list; nil if the value is not one.
  package var items: [YAMLNode]? { if case .list(let items) = content { items } else { nil } }

  /// The value of a key in a mapping.
  package subscript(key: String) -> YAMLNode? { members?.first { $0.key == key }?.value }

  /// The string; nil if the value is not one.
  package var text: String? { if case .scalar(let value) = content { value.stringValue } else { nil } }

  /// The node with mapped positions.
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

/// A position in a document; lines and columns start at 1, columns count characters.
package struct YAMLMark: Sendable, Equatable {
  package var line: Int
  package var column: Int

  package init(line: Int, column: Int) { (self.line, self.column) = (line, column) }
}

/// Why a text is not a usable YAML document.
package struct YAMLProblem: Error, Sendable, Equatable {
  package enum Cause: Sendable, Equatable {
    /// A second document starts.
    case secondDocument
    /// The text is not YAML.
    case syntax
    /// A byte or character not allowed in YAML: the text has another encoding, or is binary.
    case encoding
    /// Valid YAML that cannot be values: a duplicate key, a key that is not a string, an unknown tag.
    case refused
  }

  package var cause: Cause
  package var mark: YAMLMark
  /// In lowercase, without a full stop; if there is a `relatedLine`, it follows the message.
  package var message: String
  /// The message without text from the document, for a line that may contain a secret; nil if it has none.
  package var withoutText: String?
  /// Another line number to end the message with.
  package var relatedLine: Int?

  /// The complete message.
  ///
  /// - Parameter hidesText: whether to omit text from the document.
  func sentence(hidesText: Bool) -> String {
    (hidesText ? withoutText ?? message : message) + (relatedLine.map { " \($0)" } ?? "")
  }

  /// The problem with mapped positions.
  func moving(_ place: (YAMLMark) -> YAMLMark) -> YAMLProblem {
    var problem = self
    problem.mark = place(mark)
    problem.relatedLine = relatedLine.map { place(YAMLMark(line: $0, column: 1)).line }
    return problem
  }
}
