/// The members of a JSON object in their order. Most are small, so look-up walks the members; what looks for many keys
/// of one object asks `places` once.
package struct JSONObject: Sendable {
  /// The members in order.
  package private(set) var members: [(key: String, value: JSONValue)]
  /// How keys stood in the document, where that is kept and writing them would not give it back.
  private(set) var keyTexts: [String: JSONText] = [:]

  /// An object of these members; a later member of the same key replaces an earlier one.
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

  /// Members up to which walking them is faster than a dictionary.
  private static let few = 16

  /// Where each key is among the members.
  private var places: [String: Int] {
    Dictionary(members.enumerated().map { ($0.element.key, $0.offset) }, uniquingKeysWith: { first, _ in first })
  }

  /// The keys in order.
  package var keys: [String] { members.map(\.key) }
  /// Whether there are no members.
  package var isEmpty: Bool { members.isEmpty }
  /// How many members there are.
  package var count: Int { members.count }

  /// The value of a key. Setting keeps the place of a key that is there, appends a new one, and nil removes it.
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

  /// Appends a member without looking for an earlier one of the same key: for parsers, which check by themselves.
  package mutating func append(_ key: String, _ value: JSONValue, text: JSONText? = nil) {
    members.append((key, value))
    if let text { keyTexts[key] = text }
  }
}

extension JSONObject: Equatable {
  /// Equal when the members are, whatever their order.
  package static func == (a: JSONObject, b: JSONObject) -> Bool {
    guard a.count == b.count else { return false }
    // Mostly they are in the same order.
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
  /// An object with its keys in the order written.
  package init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
