import Engine

/// Text that may be written to a terminal. The console accepts nothing else, so that untrusted text cannot reach it by
/// accident: literals are used unchanged, and everything interpolated into them is sanitized. Colors come from `Style`,
/// documents from their encoders.
package struct PrintableText: Sendable, Equatable {
  /// The text to write, including escape sequences for colors.
  private(set) var raw: String
  /// How to convert it to ASCII.
  private let form: Form

  /// Whether it is text for people, or a document that can escape characters.
  private enum Form {
    case prose, json, yaml
  }

  private init(safe: String, form: Form = .prose) { (raw, self.form) = (safe, form) }

  /// Untrusted text, on one line.
  package init(_ outside: some StringProtocol) { self.init(safe: SafeText.line(outside)) }

  /// Untrusted text with its line breaks, and without what looks like a token or a key: prose quotes user input and
  /// output of tools, which may contain secrets by mistake.
  ///
  /// - Parameter indent: the indentation of every line except the first.
  package init(prose outside: some StringProtocol, indent: Int = 0) {
    let text = SecretMask.masked(SafeText.lines(outside))
    self.init(safe: indent > 0 ? text.replacing("\n", with: "\n" + String(repeating: " ", count: indent)) : text)
  }

  /// Untrusted text with its line breaks.
  package init(lines outside: some StringProtocol) { self.init(safe: SafeText.lines(outside)) }

  /// A document for programs, in which control characters are escaped.
  package init(json document: JSONValue, pretty: Bool) {
    self.init(safe: document.encoded(pretty: pretty) + (pretty ? "" : "\n"), form: .json)
  }

  /// A document as YAML.
  ///
  /// - Parameter isOneOfMany: whether to write a separator line before the document.
  package init(yaml document: JSONValue, isOneOfMany: Bool = false) {
    self.init(safe: (isOneOfMany ? "---\n" : "") + document.yaml(), form: .yaml)
  }

  /// A script that the argument parser generates for this program's commands, for shells. It contains nothing
  /// untrusted.
  package init(completionScript script: String) { self.init(safe: script.hasSuffix("\n") ? script : script + "\n") }

  /// This many spaces; none if negative.
  package init(blanks: Int) { self.init(safe: String(repeating: " ", count: max(0, blanks))) }

  /// The text with color, given as SGR parameters.
  func colored(_ parameters: StaticString) -> PrintableText {
    raw.isEmpty ? self : PrintableText(safe: "\u{1B}[\(parameters)m\(raw)\u{1B}[0m")
  }
}

extension PrintableText {
  package static func + (a: PrintableText, b: PrintableText) -> PrintableText { PrintableText(safe: a.raw + b.raw) }
  package static func += (a: inout PrintableText, b: PrintableText) { a.raw += b.raw }

  /// Whether the text is empty.
  package var isEmpty: Bool { raw.isEmpty }

  /// The width in cells; only for text without colors.
  package var width: Int { DisplayWidth.of(raw) }

  /// The text truncated to this many cells, with an ellipsis if it was; only for text without colors.
  package func cut(to cells: Int, ellipsis: PrintableText) -> PrintableText {
    PrintableText(safe: DisplayWidth.cut(raw, to: cells, ellipsis: ellipsis.raw))
  }

  /// The text wrapped at words to this many cells; only for text without colors. Text in backticks counts as one word,
  /// since it is copied as one; a word longer than a line has its own line.
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

  /// The text split into parts of at most this width: a path has no spaces to break at, and its end distinguishes it.
  func broken(to cells: Int) -> [PrintableText] {
    guard cells > 1, width > cells else { return [self] }
    var parts: [String] = [""]
    for character in raw {
      if DisplayWidth.of(parts[parts.count - 1] + String(character)) > cells { parts.append("") }
      parts[parts.count - 1].append(character)
    }
    return parts.map { PrintableText(safe: $0) }
  }

  /// The text without a prefix; nil if it does not have it.
  func droppingPrefix(_ prefix: PrintableText) -> PrintableText? {
    raw.hasPrefix(prefix.raw) ? PrintableText(safe: String(raw.dropFirst(prefix.raw.count))) : nil
  }

  /// The text with a line end.
  var asLine: PrintableText { raw.hasSuffix("\n") ? self : PrintableText(safe: raw + "\n") }

  /// The text with its commands ready to be copied.
  func completed(by invocation: Invocation) -> PrintableText { PrintableText(safe: invocation.text(raw)) }

  /// For locales without UTF-8, where bytes of other characters could be control characters. Documents escape them,
  /// without loss.
  var inASCII: PrintableText {
    guard !raw.utf8.allSatisfy({ $0 < 0x80 }) else { return self }
    switch form {
    case .prose: return PrintableText(safe: String(withoutTypography.raw.map { $0.isASCII ? $0 : "?" }))
    case .json: return PrintableText(safe: escaped(Self.jsonEscape), form: form)
    case .yaml: return PrintableText(safe: escaped(Self.yamlEscape), form: form)
    }
  }

  /// The text with the symbols in this program's own texts written in ASCII; anything else is kept.
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
  /// The texts one after the other, with a separator between them.
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
  // The literal type is `StaticString`, so that a variable cannot pass as a literal.
  package init(stringLiteral value: StaticString) { self.init(safe: value.description) }
  package init(unicodeScalarLiteral value: StaticString) { self.init(safe: value.description) }
  package init(extendedGraphemeClusterLiteral value: StaticString) { self.init(safe: value.description) }
  package init(stringInterpolation: StringInterpolation) { self.init(safe: stringInterpolation.text) }

  /// Builds a text: literals are used unchanged, everything interpolated is sanitized.
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
