/// A number or a string as written in a JSON document, quotes and escapes included.
package struct JSONText: Sendable, Equatable {
  /// The bytes of the document, which are a valid number or string.
  package let text: String

  private var isString: Bool { text.utf8.first == UInt8(ascii: "\"") }

  /// The value of a string, with U+FFFD for unpaired surrogates; nil for a number.
  package var stringValue: String? {
    guard isString, case .string(let value)? = try? JSONValue(parsing: text) else { return nil }
    return value
  }

  /// The value of an integer; nil for a string, a fraction, or more than 64 bits.
  package var intValue: Int? { isString ? nil : (try? JSONValue(parsing: text))?.intValue }

  /// The source text, if deskrun would encode the value differently.
  package init?(_ bytes: ArraySlice<UInt8>, unlessWrittenAs value: JSONValue?) {
    let text = String(decoding: bytes, as: UTF8.self)
    guard value?.encoded() != text else { return nil }
    self.text = text
  }
}
