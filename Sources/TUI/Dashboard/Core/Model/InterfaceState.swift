import Engine
import TerminalKit

/// What the dashboard remembers between starts. It has a separate file whose loss does no harm.
package struct InterfaceState: Sendable, Equatable {
  /// The sort column of each table, by the table's name.
  var sorts: [String: Int] = [:]
  var isAscending: [String: Bool] = [:]
  /// The bottom pane's share of the height in percent; nil to share it by the contents of the panes.
  var bottomShare: Int?
  package var wraps = true
  package var showsTime = true
  package var bell = false
  package var theme: String?
  package var selection: String?

  private static let sort = "Sort"
  private static let order = "Ascending"

  /// An empty state.
  package init() {}

  /// Parses the file; invalid entries are ignored.
  package init(_ bytes: [UInt8]) {
    guard let document = try? JSONValue(parsing: bytes) else { return }
    // Under its former name it was also written when nothing had been chosen.
    bottomShare = document["bottomPercent"]?.intValue.flatMap { (15...80).contains($0) ? $0 : nil }
    for (key, value) in (document.objectValue ?? [:]).members {
      if key.hasSuffix(Self.sort), let column = value.intValue { sorts[String(key.dropLast(Self.sort.count))] = column }
      if key.hasSuffix(Self.order), let ascends = value.boolValue {
        isAscending[String(key.dropLast(Self.order.count))] = ascends
      }
    }
    wraps = document["wraps"]?.boolValue ?? true
    showsTime = document["showsTime"]?.boolValue ?? true
    bell = document["bell"]?.boolValue ?? false
    theme = document["theme"]?.stringValue.flatMap { Theme.named($0)?.name }
    selection = document["selection"]?.stringValue
  }

  /// The contents of the file.
  package var bytes: [UInt8] { Array(JSONValue.object(object).encoded(pretty: true).utf8) }

  private var object: JSONObject {
    var object: JSONObject = [
      "wraps": .bool(wraps), "showsTime": .bool(showsTime), "bell": .bool(bell),
    ]
    object["bottomPercent"] = bottomShare.map(JSONValue.int)
    for (name, column) in sorts.sorted(by: { $0.key < $1.key }) { object[name + Self.sort] = .int(column) }
    for (name, ascends) in isAscending.sorted(by: { $0.key < $1.key }) { object[name + Self.order] = .bool(ascends) }
    object["theme"] = theme.map(JSONValue.string)
    object["selection"] = selection.map(JSONValue.string)
    return object
  }

  /// The new contents of the file: changes made here since `base` was read, on top of what another dashboard may have
  /// written meanwhile.
  package func written(over file: [UInt8]?, base: InterfaceState) -> [UInt8] {
    var result = file.flatMap { try? JSONValue(parsing: $0).objectValue } ?? [:]
    let (mine, former) = (object, base.object)
    for key in Set(mine.keys + former.keys).sorted() where mine[key] != former[key] || result[key] == nil {
      result[key] = mine[key]
    }
    return Array(JSONValue.object(result).encoded(pretty: true).utf8)
  }
}

extension Settings {
  /// The settings with choices from earlier dashboards, unless this call overrides them.
  package func remembering(_ interface: InterfaceState) -> Settings {
    guard !isThemeGiven, let theme = interface.theme.flatMap(Theme.named) else { return self }
    var settings = self
    settings.theme = theme
    return settings
  }
}
