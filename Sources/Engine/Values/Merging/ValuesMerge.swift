import Basics

/// Merges the values of a file into others: mappings are merged deeply, `null` removes, lists replace, except that
/// lists in `MergeKey` are merged item by item.
package struct ValuesMerge: Sendable {
  /// A value of deskrun that a file replaces or removes.
  package struct Override: Sendable, Equatable {
    /// `template.spec.containers[runner].image`
    package var path: String
    /// The keys of the path, without list items.
    package var keys: [String]
    package var old: JSONValue
    /// The new value; nil if removed.
    package var new: JSONValue?
    package var place: ValuesPlace
  }

  /// A part of a file that cannot be merged.
  package struct Problem: Sendable, Equatable {
    package var place: ValuesPlace
    /// In lowercase, without a full stop.
    package var message: String

    package init(_ place: ValuesPlace, _ message: String) { (self.place, self.message) = (place, message) }
  }

  package private(set) var value: SourcedValue
  package private(set) var overrides: [Override] = []
  package private(set) var problems: [Problem] = []

  package init(_ base: SourcedValue) { value = base }

  /// Merges a file into the current values.
  package mutating func add(_ file: ValuesFile) {
    let over = SourcedValue(file.root, file: file.reference.text)
    value = merged(value, over, [], inList: false)
  }

  private mutating func merged(
    _ base: SourcedValue?, _ over: SourcedValue, _ path: [PathStep], inList: Bool
  ) -> SourcedValue {
    switch over.content {
    case .map(let members):
      var all = MergedMembers(base?.members ?? [])
      if let base, base.members == nil { note(base, over, path) }
      for member in members { merge(member, into: &all, path + [.key(member.key)], inList: inList) }
      return SourcedValue(content: .map(all.members), place: base?.members == nil ? over.place : base?.place)
    case .list(let items):
      if case .key(let name)? = path.last, let key = MergeKey.of(list: name) {
        return mergedItems(base, over, items, name, key, path)
      }
      var result = over
      result.content = .list(items.map { withoutNulls($0) })
      return replaced(base, by: result, path)
    case .scalar: return replaced(base, by: over, path)
    }
  }

  /// An identical value keeps its origin.
  private mutating func replaced(_ base: SourcedValue?, by new: SourcedValue, _ path: [PathStep]) -> SourcedValue {
    guard let base else { return new }
    guard base.json != new.json else { return base }
    note(base, new, path)
    return new
  }

  private mutating func merge(
    _ member: SourcedValue.Member, into all: inout MergedMembers, _ path: [PathStep], inList: Bool
  ) {
    guard member.value.content == .scalar(.null) else {
      all[member.key] = merged(all[member.key], member.value, path, inList: inList)
      return
    }
    if let old = all[member.key] { note(old, nil, path, member.value.place) }
    // Helm then also removes the chart's own default.
    all[member.key] = !inList && ChartKeys.hasDefault(PathStep.keys(path)) ? member.value : nil
  }

  private mutating func mergedItems(
    _ base: SourcedValue?, _ over: SourcedValue, _ items: [SourcedValue], _ name: String, _ key: String,
    _ path: [PathStep]
  ) -> SourcedValue {
    var result = base ?? SourcedValue(content: .list([]), place: over.place)
    if result.items == nil { result = SourcedValue(content: .list([]), place: over.place) }
    var all = result.items ?? []
    var places = Dictionary(
      all.enumerated().compactMap { at, item in item[key]?.text.map { ($0, at) } },
      uniquingKeysWith: { first, _ in first })
    var seen: [String: Int] = [:]
    for item in items {
      guard let id = item[key]?.text, !id.isEmpty else {
        if let place = item.place { problems.append(Problem(place, "an item of \(name) has no \(key)")) }
        continue
      }
      if let line = seen[id], let place = item.place {
        problems.append(
          Problem(place, "\(name) has \(SafeText.line(id)) twice, first in line \(line)"))
        continue
      }
      seen[id] = item.place?.line
      let step = path + [.item(id)]
      guard let at = places[id] else {
        places[id] = all.count
        all.append(withoutNulls(item))
        continue
      }
      if MergeKey.replacesItems(of: name) {
        all[at] = replaced(all[at], by: withoutNulls(item), step)
      } else {
        all[at] = merged(all[at], item, step, inList: true)
      }
    }
    result.content = .list(all)
    return result
  }

  /// Helm ignores `null` inside lists.
  private func withoutNulls(_ value: SourcedValue) -> SourcedValue {
    var result = value
    switch value.content {
    case .map(let members):
      result.content = .map(
        members.filter { $0.value.content != .scalar(.null) }.map { .init(key: $0.key, value: withoutNulls($0.value)) })
    case .list(let items): result.content = .list(items.map { withoutNulls($0) })
    case .scalar: break
    }
    return result
  }

  private mutating func note(
    _ old: SourcedValue, _ new: SourcedValue?, _ path: [PathStep], _ place: ValuesPlace? = nil
  ) {
    guard old.place == nil, let place = place ?? new?.place, old.json != new?.json else { return }
    overrides.append(
      Override(path: PathStep.text(path), keys: PathStep.keys(path), old: old.json, new: new?.json, place: place))
  }
}

/// The members of a mapping during a merge, with fast access by key.
private struct MergedMembers {
  private var all: [SourcedValue.Member?]
  private var places: [String: Int]

  init(_ members: [SourcedValue.Member]) {
    all = members
    places = Dictionary(
      members.enumerated().map { ($0.element.key, $0.offset) }, uniquingKeysWith: { first, _ in first })
  }

  var members: [SourcedValue.Member] { all.compactMap(\.self) }

  /// Setting an existing key keeps its position, a new key is appended, and nil removes the key.
  subscript(key: String) -> SourcedValue? {
    get { places[key].flatMap { all[$0]?.value } }
    set {
      let member = newValue.map { SourcedValue.Member(key: key, value: $0) }
      if let at = places[key] {
        all[at] = member
        if member == nil { places[key] = nil }
      } else if let member {
        places[key] = all.count
        all.append(member)
      }
    }
  }
}

extension SourcedValue {
  init(content: Content, place: ValuesPlace?) { (self.content, self.place) = (content, place) }
}

/// A step of a path to a value.
package enum PathStep: Sendable, Equatable {
  case key(String)
  /// An item of a list, by its name or another key.
  case item(String)

  /// The keys of a path, without list items.
  static func keys(_ path: [PathStep]) -> [String] {
    path.compactMap { if case .key(let key) = $0 { key } else { nil } }
  }

  /// `template.spec.containers[runner].env[HTTP_PROXY]`
  package static func text(_ path: [PathStep]) -> String {
    var text = ""
    for step in path {
      switch step {
      case .key(let key):
        let key = SafeText.line(key)
        text += (text.isEmpty ? "" : ".") + (key.contains(".") || key.contains("/") ? "\"\(key)\"" : key)
      case .item(let name): text += "[\(SafeText.line(name))]"
      }
    }
    return text
  }
}
