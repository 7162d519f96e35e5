import Basics

/// The entries of the configuration file's `installations`, by the name of the installation.
///
/// The first installation of a name has the name as its key, as in the earlier program. A further one on another cluster
/// is in `Places` of that entry, which the earlier program ignores, under its place.
struct InstallationEntries {
  /// The value of `installations`.
  private(set) var members: JSONObject

  static let placesKey = "Places"

  init(_ members: JSONObject) { self.members = members }

  /// All names and entries: each first one, then its further places.
  var all: [(name: String, value: JSONValue)] {
    members.members.flatMap { key, value in
      [(key, value)] + Self.places(value).members.map { ("\(key)@\($0.key)", $0.value) }
    }
  }

  /// The entry of a name; nil if there is none, or if it is not an object. Setting nil removes it.
  subscript(name: String) -> JSONObject? {
    get {
      if members[name] != nil { return members[name]?.objectValue }
      guard let (first, place) = Self.parts(name), let entry = members[first] else { return nil }
      return Self.places(entry)[place]?.objectValue
    }
    set {
      if members[name] == nil, let (first, place) = Self.parts(name), var entry = members[first]?.objectValue {
        var places = Self.places(.object(entry))
        places[place] = newValue.map(JSONValue.object)
        entry[Self.placesKey] = places.members.isEmpty ? nil : .object(places)
        members[first] = .object(entry)
      } else if let newValue {
        members[name] = .object(newValue)
      } else {
        removeFirst(name)
      }
    }
  }

  /// Whether there is an entry of a name, of any form.
  func contains(_ name: String) -> Bool { all.contains { $0.name == name } }

  /// The name of the installation that gets the name of another when that is removed; nil if it is the only one.
  func successor(of name: String) -> String? {
    guard let entry = members[name] else { return nil }
    return Self.next(Self.places(entry)).map { "\(name)@\($0.key)" }
  }

  /// Removes the first entry of a name. Its next place, if it has one, takes its position: an entry without an
  /// installation of its own would be invalid to the earlier program.
  private mutating func removeFirst(_ name: String) {
    guard let entry = members[name] else { return }
    var places = Self.places(entry)
    guard let next = Self.next(places), var successor = next.value.objectValue else {
      members[name] = nil
      return
    }
    places[next.key] = nil
    successor[Self.placesKey] = places.members.isEmpty ? nil : .object(places)
    members[name] = .object(successor)
  }

  /// The first place that can be an entry.
  private static func next(_ places: JSONObject) -> (key: String, value: JSONValue)? {
    places.members.first { $0.value.objectValue != nil }.map { ($0.key, $0.value) }
  }

  private static func places(_ entry: JSONValue) -> JSONObject { entry[placesKey]?.objectValue ?? [:] }

  private static func parts(_ name: String) -> (first: String, place: String)? {
    let parts = name.split(separator: "@", maxSplits: 1)
    return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
  }
}
