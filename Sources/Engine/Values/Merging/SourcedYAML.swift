import Basics

/// Values as YAML, with the origin next to each line that comes from a file.
package enum SourcedYAML {
  /// A line of YAML and its origin; nil for deskrun.
  package struct Line: Sendable, Equatable {
    package var text: String
    package var place: ValuesPlace?
  }

  /// The document line by line.
  package static func lines(_ value: SourcedValue) -> [Line] {
    var lines: [Line] = []
    if let members = value.members, !members.isEmpty {
      append(members, indent: 0, first: nil, &lines)
    } else {
      append(value.json.yaml(), value.place, indent: 0, first: nil, &lines)
    }
    return lines
  }

  /// The document as text: lines from a file end with a comment that tells which line of it. The text is valid YAML
  /// with and without comments.
  package static func text(_ value: SourcedValue) -> String {
    let lines = lines(value)
    let column = column(lines)
    return lines.map { line in
      guard let place = line.place else { return line.text + "\n" }
      let gap = String(repeating: " ", count: max(0, column - line.text.count))
      return "\(line.text)\(gap)  # \(shown(place))\n"
    }.joined()
  }

  /// The column of the comments: a single very long line does not push all of them out of view.
  package static func column(_ lines: [Line]) -> Int {
    lines.filter { $0.place != nil }.map(\.text.count).filter { $0 <= 72 }.max() ?? 0
  }

  /// A position without the folders of the file, whose full path is in the heading.
  package static func shown(_ place: ValuesPlace) -> String {
    let (file, part) = place.file.split(at: "#")
    return ValuesPlace(file: FileIO.split(file).name + part, line: place.line).text
  }

  private static func append(
    _ members: [SourcedValue.Member], indent: Int, first: String?, _ lines: inout [Line]
  ) {
    for (at, member) in members.enumerated() {
      let start = at == 0 ? first : nil
      if let inner = member.value.members, !inner.isEmpty {
        append(key(member.key), member.value.place, indent: indent, first: start, &lines)
        append(inner, indent: indent + 2, first: nil, &lines)
      } else if let items = member.value.items, !items.isEmpty {
        append(key(member.key), member.value.place, indent: indent, first: start, &lines)
        append(items, indent: indent, first: nil, &lines)
      } else {
        let text = JSONValue.object(JSONObject([(member.key, member.value.json)])).yaml()
        append(text, member.value.place, indent: indent, first: start, &lines)
      }
    }
  }

  private static func append(_ items: [SourcedValue], indent: Int, first: String?, _ lines: inout [Line]) {
    for (at, item) in items.enumerated() {
      let dash = (at == 0 ? first ?? blanks(indent) : blanks(indent)) + "- "
      if let members = item.members, !members.isEmpty {
        append(members, indent: indent + 2, first: dash, &lines)
      } else if let inner = item.items, !inner.isEmpty {
        append(inner, indent: indent + 2, first: dash, &lines)
      } else {
        append(JSONValue.array([item.json]).yaml(), item.place, indent: indent, first: nil, &lines)
      }
    }
  }

  private static func key(_ key: String) -> String {
    String(JSONValue.object(JSONObject([(key, .int(0))])).yaml().dropLast(3))
  }

  private static func append(
    _ text: String, _ place: ValuesPlace?, indent: Int, first: String?, _ lines: inout [Line]
  ) {
    let parts = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(text.hasSuffix("\n") ? 1 : 0)
    for (at, part) in parts.enumerated() {
      let start = at == 0 ? first ?? blanks(indent) : part.isEmpty ? "" : blanks(indent)
      // Inside a multiline string, a comment would become part of it.
      lines.append(Line(text: start + part, place: at == 0 ? place : nil))
    }
  }

  private static func blanks(_ count: Int) -> String { String(repeating: " ", count: count) }
}

extension String {
  /// The text before a separator, and the rest including it.
  fileprivate func split(at separator: Character) -> (String, String) {
    guard let at = firstIndex(of: separator) else { return (self, "") }
    return (String(self[..<at]), String(self[at...]))
  }
}
