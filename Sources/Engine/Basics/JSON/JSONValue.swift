/// A JSON document or a part of one. Objects keep the order of their keys, so a document can be written back without
/// losing or moving anything.
package enum JSONValue: Sendable, Equatable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number without fraction or exponent that fits into `Int`.
  case int(Int)
  /// Any other number.
  case double(Double)
  /// A string.
  case string(String)
  /// A number or a string in its source text, where encoding its value would not reproduce it: more digits than a
  /// number here holds, or an escaped unpaired surrogate. Only `JSONParser` creates it, and only if asked to keep such
  /// text.
  case verbatim(JSONText)
  /// An array.
  case array([JSONValue])
  /// An object.
  case object(JSONObject)
}

extension JSONValue {
  /// The member of an object; nil if the value is not an object or has no such member.
  package subscript(key: String) -> JSONValue? { objectValue?[key] }
  /// The element of an array; nil if the value is not an array or is shorter.
  package subscript(index: Int) -> JSONValue? {
    guard let items = arrayValue, items.indices.contains(index) else { return nil }
    return items[index]
  }
  /// The string; nil if the value is not one.
  package var stringValue: String? {
    switch self {
    case .string(let value): value
    case .verbatim(let text): text.stringValue
    default: nil
    }
  }
  /// The integer; nil if the value is not one. `2.0` counts as 2.
  package var intValue: Int? {
    switch self {
    case .int(let value): value
    case .double(let value): Int(exactly: value)
    case .verbatim(let text): text.intValue
    default: nil
    }
  }
  /// The Boolean; nil if the value is not one.
  package var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// The elements; nil if the value is not an array.
  package var arrayValue: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
  /// The members; nil if the value is not an object.
  package var objectValue: JSONObject? { if case .object(let value) = self { value } else { nil } }
}

// No nil literal: in `condition ? nil : value` it would become `.null` where a missing value is meant.
extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .int(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// An object with its keys in source order.
  package init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(elements)) }
}
