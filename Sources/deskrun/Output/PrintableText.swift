import Engine

/// Text that may be written to a terminal. The console takes nothing else, so that text from outside cannot reach it by
/// accident: literals of this program are taken as they are, and everything put into them is made safe on the way.
/// Colours come from `Style`, documents from their encoders.
package struct PrintableText: Sendable, Equatable {
  /// What is written, escape sequences of colors included.
  private(set) var raw: String
  /// How it can be told in ASCII.
  private let form: Form

  /// Whether it is text for people, or a document that can escape characters.
  private enum Form {
    case prose, json, yaml
  }

  private init(safe: String, form: Form = .prose) { (raw, self.form) = (safe, form) }

  /// Text from outside, on one line.
  package init(_ outside: some StringProtocol) { self.init(safe: SafeText.line(outside)) }

  /// Text from outside with its line breaks, and without what looks like a token or a key: prose quotes what was typed
  /// and what tools said, where a secret may stand by mistake.
  ///
  /// - Parameter indent: blanks before every line but the first.
  package init(prose outside: some StringProtocol, indent: Int = 0) {
    let text = SecretMask.masked(SafeText.lines(outside))
    self.init(safe: indent > 0 ? text.replacing("\n", with: "\n" + String(repeating: " ", count: indent)) : text)
  }

  /// Text from outside with its line breaks.
  package init(lines outside: some StringProtocol) { self.init(safe: SafeText.lines(outside)) }

  /// A document for programs, in which control characters are escaped.
  package init(json document: JSONValue, pretty: Bool) {
    self.init(safe: document.encoded(pretty: pretty) + (pretty ? "" : "\n"), form: .json)
  }

  /// The same as YAML.
  ///
  /// - Parameter isOneOfMany: whether a line before it separates it from the document before.
  package init(yaml document: JSONValue, isOneOfMany: Bool = false) {
    self.init(safe: (isOneOfMany ? "---\n" : "") + document.yaml(), form: .yaml)
  }

  /// A script that the argument parser makes of this program's own commands, for shells to read. Nothing from outside
  /// is in it.
  package init(completionScript script: String) { self.init(safe: script.hasSuffix("\n") ? script : script + "\n") }

  /// A number of blanks; none when it is negative.
  package init(blanks: Int) { self.init(safe: String(repeating: " ", count: max(0, blanks))) }

  /// In a color, by the parameters of SGR.
  func colored(_ parameters: StaticString) -> PrintableText {
    raw.isEmpty ? self : PrintableText(safe: "\u{1B}[\(parameters)m\(raw)\u{1B}[0m")
  }
}

extension PrintableText {
  package static func + (a: PrintableText, b: PrintableText) -> PrintableText { PrintableText(safe: a.raw + b.raw) }
  package static func += (a: inout PrintableText, b: PrintableText) { a.raw += b.raw }

  /// Whether nothing is written.
  package var isEmpty: Bool { raw.isEmpty }

  /// The cells it takes; for text without colours.
  package var width: Int { DisplayWidth.of(raw) }

  /// Cut to so many cells, with a sign at its end when something was cut; for text without colours.
  package func cut(to cells: Int, ellipsis: PrintableText) -> PrintableText {
    PrintableText(safe: DisplayWidth.cut(raw, to: cells, ellipsis: ellipsis.raw))
  }

  /// Broken between words into lines of so many cells; for text without colours. What stands in backticks is one word,
  /// since it is copied as one; a word that is longer than a line has a line of its own.
  package func wrapped(to cells: Int) -> [PrintableText] {
    var words: [String] = []
    for word in raw.split(separator: " ") {
      if let last = words.last, !last.count(where: { $0 == "`" }).isMultiple(of: 2) {
        words[words.count - 1] = "\(last) \(word)"
      } else {
        words.append(String(word))
      }
    }
    var lines: [String] = []
    for word in words {
      if let last = lines.last, DisplayWidth.of(last) + 1 + DisplayWidth.of(word) <= cells {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(word)
      }
    }
    return lines.map { PrintableText(safe: $0) }
  }

  /// The same in parts of at most this width: a path has no blanks to break it at, and its end tells it from others.
  func broken(to cells: Int) -> [PrintableText] {
    guard cells > 1, width > cells else { return [self] }
    var parts: [String] = [""]
    for character in raw {
      if DisplayWidth.of(parts[parts.count - 1] + String(character)) > cells { parts.append("") }
      parts[parts.count - 1].append(character)
    }
    return parts.map { PrintableText(safe: $0) }
  }

  /// Without its beginning, when it begins so.
  func droppingPrefix(_ prefix: PrintableText) -> PrintableText? {
    raw.hasPrefix(prefix.raw) ? PrintableText(safe: String(raw.dropFirst(prefix.raw.count))) : nil
  }

  /// With a line end, when it has none.
  var asLine: PrintableText { raw.hasSuffix("\n") ? self : PrintableText(safe: raw + "\n") }

  /// With the commands in it as they are to be copied.
  func completed(by invocation: Invocation) -> PrintableText { PrintableText(safe: invocation.text(raw)) }

  /// For a locale without UTF-8, where the bytes of other characters could be control characters. Documents escape them,
  /// which loses nothing.
  var inASCII: PrintableText {
    guard !raw.utf8.allSatisfy({ $0 < 0x80 }) else { return self }
    switch form {
    case .prose: return PrintableText(safe: String(withoutTypography.raw.map { $0.isASCII ? $0 : "?" }))
    case .json: return PrintableText(safe: escaped(Self.jsonEscape), form: form)
    case .yaml: return PrintableText(safe: escaped(Self.yamlEscape), form: form)
    }
  }

  /// With the signs that this program's own texts use written in ASCII; all else stays.
  var withoutTypography: PrintableText {
    guard form == .prose, !raw.utf8.allSatisfy({ $0 < 0x80 }) else { return self }
    var text = ""
    for character in raw {
      if let plain = Self.typography[character] { text += plain } else { text.append(character) }
    }
    return PrintableText(safe: text)
  }

  private static let typography: [Character: String] = [
    "…": "...", "≥": ">=", "≤": "<=", "→": "->", "–": "-", "—": "-", "•": "*", "·": "-", "×": "x", "’": "'", "‘": "'",
    "“": "\"", "”": "\"", "√": "+", "●": "*", "▸": ">", "✗": "x", "✓": "+", "○": ".", "◌": "o", "◐": "~", "⊘": "-",
  ]

  private func escaped(_ escape: (Unicode.Scalar) -> String) -> String {
    var text = ""
    for scalar in raw.unicodeScalars {
      if scalar.isASCII { text.unicodeScalars.append(scalar) } else { text += escape(scalar) }
    }
    return text
  }

  private static func jsonEscape(_ scalar: Unicode.Scalar) -> String {
    String(scalar).utf16.map { "\\u" + hexadecimal(UInt32($0), 4) }.joined()
  }

  private static func yamlEscape(_ scalar: Unicode.Scalar) -> String {
    scalar.value > 0xFFFF ? "\\U" + hexadecimal(scalar.value, 8) : "\\u" + hexadecimal(scalar.value, 4)
  }

  private static func hexadecimal(_ value: UInt32, _ digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}

extension [PrintableText] {
  /// One after the other, with something between them.
  package func joined(separator: PrintableText = "") -> PrintableText {
    var all = Interpolation.empty
    for (at, part) in enumerated() {
      if at > 0 { all.appendInterpolation(separator) }
      all.appendInterpolation(part)
    }
    return PrintableText(stringInterpolation: all)
  }

  private typealias Interpolation = PrintableText.StringInterpolation
}

extension PrintableText: ExpressibleByStringInterpolation {
  // The literal's type is `StaticString`, so that no variable can be passed off as a literal.
  package init(stringLiteral value: StaticString) { self.init(safe: value.description) }
  package init(unicodeScalarLiteral value: StaticString) { self.init(safe: value.description) }
  package init(extendedGraphemeClusterLiteral value: StaticString) { self.init(safe: value.description) }
  package init(stringInterpolation: StringInterpolation) { self.init(safe: stringInterpolation.text) }

  /// Puts a text together: what is written in the source as it is, everything else made safe.
  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate private(set) var text = ""

    fileprivate static var empty: StringInterpolation { StringInterpolation(literalCapacity: 0, interpolationCount: 0) }

    package init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

    package mutating func appendLiteral(_ literal: StaticString) { text += literal.description }
    package mutating func appendInterpolation(_ part: PrintableText) { text += part.raw }
    package mutating func appendInterpolation(_ outside: some StringProtocol) { text += SafeText.line(outside) }
    package mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      text += SafeText.line(value.description)
    }
  }
}
