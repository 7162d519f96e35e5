extension JSONValue {
  /// The document as YAML that every YAML 1.1 or 1.2 parser reads back as the same values. Ends with a newline.
  package func yaml() -> String {
    var text = ""
    switch self {
    case .array(let items) where !items.isEmpty: YAMLWriter.items(items, indent: 0, into: &text)
    case .object(let object) where !object.isEmpty: YAMLWriter.members(object, indent: 0, into: &text)
    default: text = YAMLWriter.scalar(self, indent: 0) + "\n"
    }
    return text
  }
}

/// Block style with two spaces and lists at the indentation of their key, as kubectl writes it.
private enum YAMLWriter {
  package static func members(_ object: JSONObject, indent: Int, into text: inout String, continuingLine: Bool = false)
  {
    for (at, member) in object.members.enumerated() {
      if at > 0 || !continuingLine { text += spaces(indent) }
      text += key(member.key) + ":"
      switch member.value {
      case .array(let items) where !items.isEmpty:
        text += "\n"
        Self.items(items, indent: indent, into: &text)
      case .object(let object) where !object.isEmpty:
        text += "\n"
        members(object, indent: indent + 2, into: &text)
      default: text += " " + scalar(member.value, indent: indent) + "\n"
      }
    }
  }

  package static func items(_ items: [JSONValue], indent: Int, into text: inout String) {
    for item in items {
      text += spaces(indent) + "-"
      switch item {
      case .object(let object) where !object.isEmpty:
        text += " "
        members(object, indent: indent + 2, into: &text, continuingLine: true)
      case .array(let inner) where !inner.isEmpty:
        text += "\n"
        Self.items(inner, indent: indent + 2, into: &text)
      default: text += " " + scalar(item, indent: indent) + "\n"
      }
    }
  }

  package static func scalar(_ value: JSONValue, indent: Int) -> String {
    switch value {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .int(let value): String(value)
    case .double(let value): number(value)
    case .string(let value): string(value, indent: indent)
    case .verbatim(let text): text.stringValue.map { string($0, indent: indent) } ?? text.text
    case .array: "[]"
    case .object: "{}"
    }
  }

  /// YAML 1.1 reads a number with an exponent as text unless it has a decimal point.
  private static func number(_ value: Double) -> String {
    guard value.isFinite else { return "null" }
    let text = String(value)
    guard let exponent = text.firstIndex(of: "e"), !text[..<exponent].contains(".") else { return text }
    return text[..<exponent] + ".0" + text[exponent...]
  }

  private static func key(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

  private static func string(_ text: String, indent: Int) -> String {
    if isPlain(text) { return text }
    return literal(text, indent: indent + 2) ?? quoted(text)
  }

  /// Words that some version of YAML reads as something other than text.
  private static let reserved: Set<String> = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]

  /// Whether the text is safe without quotes. It must start with a letter or a slash, so that it cannot be read as a
  /// number, a date or YAML syntax.
  private static func isPlain(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, let last = bytes.last else { return false }
    guard isLetter(first) || first == UInt8(ascii: "/"), last != UInt8(ascii: " "), last != UInt8(ascii: ":") else {
      return false
    }
    for (at, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): continue
      case UInt8(ascii: ":"): if bytes[at + 1] == UInt8(ascii: " ") { return false }
      case _ where isLetter(byte) || " _-./@+,()=%".utf8.contains(byte): continue
      default: return false
      }
    }
    return !reserved.contains(text.lowercased())
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }

  /// A literal block (`|`), for multiline ASCII text that can be written unchanged; nil for other text, which is quoted
  /// so that every character can be escaped.
  private static func literal(_ text: String, indent: Int) -> String? {
    let scalars = text.unicodeScalars
    guard scalars.contains("\n"), let first = scalars.first, first != "\n", first != " ",
      scalars.allSatisfy({ $0 == "\n" || ($0.isASCII && isPrintable($0)) })
    else { return nil }
    let endings = scalars.reversed().prefix { $0 == "\n" }.count
    let header = endings == 0 ? "|-" : endings == 1 ? "|" : "|+"
    let body = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(endings > 0 ? 1 : 0)
    return header + body.map { $0.isEmpty ? "\n" : "\n" + spaces(indent) + $0 }.joined()
  }

  /// Whether YAML 1.1 can print it, excluding its other line breaks, the byte order mark and directional characters.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20...0x7E, 0xA0...0x61B, 0x61D...0x200D, 0x2010...0x2027, 0x202F...0x2065, 0x206A...0xD7FF: true
    case 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...: true
    default: false
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where isPrintable(scalar): result.unicodeScalars.append(scalar)
      default: result += escape(scalar.value)
      }
    }
    return result + "\""
  }

  private static func escape(_ value: UInt32) -> String {
    let hex = String(value, radix: 16)
    let (letter, digits) = value <= 0xFF ? ("x", 2) : ("u", 4)
    return "\\" + letter + String(repeating: "0", count: max(0, digits - hex.count)) + hex
  }

  private static func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }
}
