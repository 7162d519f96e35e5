/// The members of a JSON object in order. Most objects are small, so lookup is linear; code that looks up many keys in
/// one object asks for `places` once.
package struct JSONObject: Sendable {
  /// The members in order.
  package private(set) var members: [(key: String, value: JSONValue)]
  /// The source text of keys, where it is kept and encoding the key would not reproduce it.
  private(set) var keyTexts: [String: JSONText] = [:]

  /// Creates an object with these members; a later member replaces an earlier one with the same key.
  package init(_ members: [(String, JSONValue)] = []) {
    self.members = []
    self.members.reserveCapacity(members.count)
    guard members.count > Self.few else {
      for (key, value) in members { self[key] = value }
      return
    }
    var places: [String: Int] = [:]
    places.reserveCapacity(members.count)
    for (key, value) in members {
      if let at = places[key] {
        self.members[at].value = value
      } else {
        places[key] = self.members.count
        self.members.append((key, value))
      }
    }
  }

  /// Up to this number of members, a linear search is faster than a dictionary.
  private static let few = 16

  /// The index of each key's member.
  private var places: [String: Int] {
    Dictionary(members.enumerated().map { ($0.element.key, $0.offset) }, uniquingKeysWith: { first, _ in first })
  }

  /// The keys in order.
  package var keys: [String] { members.map(\.key) }
  /// Whether the object has no members.
  package var isEmpty: Bool { members.isEmpty }
  /// The number of members.
  package var count: Int { members.count }

  /// The value of a key. Setting an existing key keeps its position, a new key is appended, and nil removes the key.
  package subscript(key: String) -> JSONValue? {
    get { members.first { $0.key == key }?.value }
    set {
      if let at = members.firstIndex(where: { $0.key == key }) {
        if let newValue { members[at].value = newValue } else { members.remove(at: at) }
      } else if let newValue {
        members.append((key, newValue))
      }
    }
  }

  /// Appends a member without checking for duplicate keys, for parsers that do so themselves.
  package mutating func append(_ key: String, _ value: JSONValue, text: JSONText? = nil) {
    members.append((key, value))
    if let text { keyTexts[key] = text }
  }
}

extension JSONObject: Equatable {
  /// Objects are equal if their members are, in any order.
  package static func == (a: JSONObject, b: JSONObject) -> Bool {
    guard a.count == b.count else { return false }
    // The order is usually the same.
    guard let different = a.members.indices.first(where: { a.members[$0].key != b.members[$0].key }) else {
      return zip(a.members, b.members).allSatisfy { $0.value == $1.value }
    }
    guard zip(a.members, b.members).prefix(different).allSatisfy({ $0.value == $1.value }) else { return false }
    guard a.count > few else { return a.members[different...].allSatisfy { b[$0.key] == $0.value } }
    let places = b.places
    return a.members[different...].allSatisfy { member in
      places[member.key].map { b.members[$0].value == member.value } ?? false
    }
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// Creates an object with its keys in source order.
  package init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
