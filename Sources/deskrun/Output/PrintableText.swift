import Engine

/// Text that may be written to a terminal. The console takes nothing else, so that text from outside cannot reach it by
/// accident: literals of this program are taken as they are, and everything put into them is made safe on the way.
/// Colours come from `Style`, documents from their encoders.
package struct PrintableText: Sendable, Equatable {
  /// What is written, escape sequences of colours included.
  private(set) var raw: String

  private init(safe: String) { raw = safe }

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
    self.init(safe: document.encoded(pretty: pretty) + (pretty ? "" : "\n"))
  }

  /// The same as YAML.
  package init(yaml document: JSONValue) { self.init(safe: document.yaml()) }

  /// A script that the argument parser makes of this program's own commands, for shells to read. Nothing from outside
  /// is in it.
  package init(completionScript script: String) { self.init(safe: script.hasSuffix("\n") ? script : script + "\n") }

  /// A number of blanks; none when it is negative.
  package init(blanks: Int) { self.init(safe: String(repeating: " ", count: max(0, blanks))) }

  /// In a colour, by the parameters of SGR.
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

  /// Without its beginning, when it begins so.
  func droppingPrefix(_ prefix: PrintableText) -> PrintableText? {
    raw.hasPrefix(prefix.raw) ? PrintableText(safe: String(raw.dropFirst(prefix.raw.count))) : nil
  }

  /// With a line end, when it has none.
  var asLine: PrintableText { raw.hasSuffix("\n") ? self : PrintableText(safe: raw + "\n") }

  /// With the commands in it as they are to be copied.
  func completed(by invocation: Invocation) -> PrintableText { PrintableText(safe: invocation.text(raw)) }

  /// For a terminal that does not understand UTF-8: there the bytes of other characters could be control characters.
  var inASCII: PrintableText {
    guard !raw.utf8.allSatisfy({ $0 < 0x80 }) else { return self }
    return PrintableText(safe: String(raw.map { $0.isASCII ? $0 : "?" }))
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

  /// Puts a text together: what stands in the source as it is, everything else made safe.
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
