/// A JSON document or a part of one. Objects keep the order of their keys, so what is read can be written back
/// with nothing lost or moved.
package enum JSONValue: Sendable, Equatable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number without fraction or exponent that fits.
  case int(Int)
  /// Any other number.
  case double(Double)
  /// A string.
  case string(String)
  /// A number or a string in the words of the document it was read from, where writing its value would not give them
  /// back: more digits than a number here holds, an escape for half of a surrogate pair. Only `JSONParser` makes it, and
  /// only when it is to keep such text.
  case verbatim(JSONText)
  /// An array.
  case array([JSONValue])
  /// An object.
  case object(JSONObject)
}

extension JSONValue {
  /// The member of an object, or nil when this is no object or has no such member.
  package subscript(key: String) -> JSONValue? { objectValue?[key] }
  /// The element of an array, or nil when this is no array or is shorter.
  package subscript(index: Int) -> JSONValue? {
    guard let items = arrayValue, items.indices.contains(index) else { return nil }
    return items[index]
  }
  /// The string, or nil when this is none.
  package var stringValue: String? {
    switch self {
    case .string(let value): value
    case .verbatim(let text): text.stringValue
    default: nil
    }
  }
  /// The whole number, or nil when this is none. `2.0` counts as 2.
  package var intValue: Int? {
    switch self {
    case .int(let value): value
    case .double(let value): Int(exactly: value)
    case .verbatim(let text): text.intValue
    default: nil
    }
  }
  /// The truth value, or nil when this is none.
  package var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// The elements, or nil when this is no array.
  package var arrayValue: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
  /// The members, or nil when this is no object.
  package var objectValue: JSONObject? { if case .object(let value) = self { value } else { nil } }
}

// No nil literal: in `condition ? nil : value` it would become `.null` where an absent value is meant.
extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A string.
  package init(stringLiteral value: String) { self = .string(value) }
  /// A whole number.
  package init(integerLiteral value: Int) { self = .int(value) }
  /// A truth value.
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  /// An array.
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// An object with its keys in the order written.
  package init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(elements)) }
}
