extension JSONValue {
  /// The document as text: on one line, or indented by two spaces with a trailing newline.
  package func encoded(pretty: Bool = false) -> String {
    var text = ""
    write(into: &text, indent: pretty ? 0 : nil)
    if pretty { text += "\n" }
    return text
  }

  private func write(into text: inout String, indent: Int?) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    case .double(let value): text += value.isFinite ? String(value) : "null"
    case .string(let value): Self.quote(value, into: &text)
    case .verbatim(let kept): text += kept.text
    case .array(let items):
      Self.writeList(into: &text, brackets: ("[", "]"), count: items.count, indent: indent) { index, inner, text in
        items[index].write(into: &text, indent: inner)
      }
    case .object(let object):
      Self.writeList(into: &text, brackets: ("{", "}"), count: object.count, indent: indent) { index, inner, text in
        let key = object.members[index].key
        if let kept = object.keyTexts[key] { text += kept.text } else { Self.quote(key, into: &text) }
        text += inner == nil ? ":" : ": "
        object.members[index].value.write(into: &text, indent: inner)
      }
    }
  }

  private static func writeList(
    into text: inout String, brackets: (String, String), count: Int, indent: Int?,
    _ element: (Int, Int?, inout String) -> Void
  ) {
    text += brackets.0
    for index in 0..<count {
      if index > 0 { text += "," }
      if let indent { text += "\n" + String(repeating: " ", count: indent + 2) }
      element(index, indent.map { $0 + 2 }, &text)
    }
    if let indent, count > 0 { text += "\n" + String(repeating: " ", count: indent) }
    text += brackets.1
  }

  /// Whether a string is ASCII that needs no escapes. Nearly all strings are, and they are written in one go.
  private static func isPlain(_ value: String) -> Bool {
    var value = value
    return value.withUTF8 { bytes in
      for byte in bytes where byte < 0x20 || byte > 0x7E || byte == 0x22 || byte == 0x5C { return false }
      return true
    }
  }

  /// Writes a string in quotes.
  static func quote(_ value: String, into text: inout String) {
    text += "\""
    if isPlain(value) {
      text += value
      text += "\""
      return
    }
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      // Characters that JSON must escape, and those that control a terminal or change the direction of text.
      case "\u{00}"..<"\u{20}", "\u{7F}"..."\u{9F}", "\u{61C}", "\u{200E}", "\u{200F}", "\u{2028}"..."\u{202E}",
        "\u{2066}"..."\u{2069}", "\u{FEFF}":
        let hex = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
