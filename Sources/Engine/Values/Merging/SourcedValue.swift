import Basics

/// A line in a values file.
package struct ValuesPlace: Sendable, Equatable {
  /// The file as specified.
  package var file: String
  /// The line number, starting at 1.
  package var line: Int

  package var text: String { "\(SafeText.line(file)):\(line)" }
}

/// A value together with its origin.
package struct SourcedValue: Sendable, Equatable {
  package indirect enum Content: Sendable, Equatable {
    /// Anything except a list or a mapping.
    case scalar(JSONValue)
    case list([SourcedValue])
    case map([Member])
  }

  package struct Member: Sendable, Equatable {
    package var key: String
    package var value: SourcedValue
  }

  package var content: Content
  /// The line in the file that it comes from; nil for deskrun. A merged value has the origin of its first part.
  package var place: ValuesPlace?

  /// A value from deskrun.
  package init(_ value: JSONValue) {
    switch value {
    case .object(let object):
      content = .map(object.members.map { Member(key: $0.key, value: SourcedValue($0.value)) })
    case .array(let items): content = .list(items.map(SourcedValue.init))
    default: content = .scalar(value)
    }
  }

  /// A value from a file.
  package init(_ node: YAMLNode, file: String) {
    switch node.content {
    case .map(let members):
      content = .map(
        members.map { member in
          var value = SourcedValue(member.value, file: file)
          // Readers look at the line of the key.
          value.place?.line = member.mark.line
          return Member(key: member.key, value: value)
        })
    case .list(let items): content = .list(items.map { SourcedValue($0, file: file) })
    case .scalar(let value): content = .scalar(value)
    }
    place = ValuesPlace(file: file, line: node.mark.line)
  }

  package var json: JSONValue {
    switch content {
    case .scalar(let value): value
    case .list(let items): .array(items.map(\.json))
    case .map(let members): .object(JSONObject(members.map { ($0.key, $0.value.json) }))
    }
  }

  package var members: [Member]? { if case .map(let members) = content { members } else { nil } }
  /// The string; nil if the value is not one.
  package var text: String? { if case .scalar(let value) = content { value.stringValue } else { nil } }
  package var items: [SourcedValue]? { if case .list(let items) = content { items } else { nil } }

  /// The value of a key. Setting a key turns any other value into a mapping; nil removes the key.
  package subscript(key: String) -> SourcedValue? {
    get { members?.first { $0.key == key }?.value }
    set {
      var members = self.members ?? []
      if let at = members.firstIndex(where: { $0.key == key }) {
        if let newValue { members[at].value = newValue } else { members.remove(at: at) }
      } else if let newValue {
        members.append(Member(key: key, value: newValue))
      }
      content = .map(members)
    }
  }

  package subscript(path: [String]) -> SourcedValue? {
    var value: SourcedValue? = self
    for key in path { value = value?[key] }
    return value
  }

  /// The item with a name in a list.
  package func item(named name: String) -> SourcedValue? {
    items?.first { $0["name"]?.text == name }
  }
}
