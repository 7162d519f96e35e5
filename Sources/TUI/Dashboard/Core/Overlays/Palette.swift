import Engine
import TerminalKit

/// The command palette: all commands, found by typing.
package struct PaletteState: Sendable, Equatable {
  package var field = TextField()
  package var index = 0
}

extension PaletteState: OverlayContent {
  var takesText: Bool { true }

  func footer(_ settings: Settings) -> [(key: String, word: String)]? { Self.listFooter(settings) }

  static func listFooter(_ settings: Settings) -> [(key: String, word: String)] {
    [("Enter", "choose"), (settings.usesUnicode ? "↑ ↓" : "Up Down", "move"), ("Esc", "leave")]
  }

  func press(_ key: Key, _ model: inout Model) {
    var state = self
    let items = model.paletteItems(field.text)
    switch key {
    case .escape, .control("c"): return model.closeOverlay()
    case .enter: return run(index, items, &model)
    case .up, .control("p"): state.index = max(0, index - 1)
    case .down, .control("n"), .tab: state.index = min(max(0, items.count - 1), index + 1)
    case .pageUp: state.index = max(0, index - 10)
    case .pageDown: state.index = min(max(0, items.count - 1), index + 10)
    default: if state.field.handle(key) { state.index = 0 }
    }
    model.replaceOverlay(.palette(state))
  }

  func insert(_ text: String, _ model: inout Model) -> Bool {
    var state = self
    let fits = state.field.insert(text)
    state.index = 0
    model.replaceOverlay(.palette(state))
    return fits
  }

  func click(_ target: Target, _ model: inout Model) {
    if case .item(let index) = target { run(index, model.paletteItems(field.text), &model) }
  }

  private func run(_ index: Int, _ items: [(command: Command, availability: Availability)], _ model: inout Model) {
    model.closeOverlay()
    if items.indices.contains(index) { model.perform(items[index].command) }
  }

  func draw(_ painter: inout Painter, _ model: Model) {
    let items = model.paletteItems(field.text)
    let all = model.panes.keymaps + [.page, .anywhere]
    let width = min(model.size.columns, 76)
    let height = min(model.size.rows, 20)
    let rect = Box(title: "Commands").draw(&painter, size: model.size, width: width, height: height)
    let (input, list) = rect.split(top: 1)
    painter.put(":", .key, x: input.x, y: input.y, width: 1)
    let window = field.window(max(1, input.width - 2), masked: false)
    painter.put(window.text, .strong, x: input.x + 2, y: input.y, width: input.width - 2)
    painter.showCursor(x: input.x + 2 + window.cursor, y: input.y)
    let top = max(0, min(index - list.height / 2, items.count - list.height))
    for line in 0..<list.height {
      let item = top + line
      guard items.indices.contains(item) else { break }
      let (command, availability) = items[item]
      let row = Rect(x: list.x, y: list.y + line, width: list.width, height: 1)
      let key = [all[0], Keymap.anywhere].key(of: command) ?? all.lazy.compactMap { [$0].key(of: command) }.first
      let label = key.map { model.settings.usesUnicode ? $0.label : $0.asciiLabel } ?? ""
      var text = command.title
      var role = Role.text
      if case .no(let why) = availability {
        text += "  (\(why))"
        role = .dim
      }
      painter.put(text, role, x: row.x + 1, y: row.y, width: row.width - 8)
      painter.putRight(label, .key, right: row.right - 1, y: row.y, width: 7)
      painter.hit(row, .item(item))
      if item == index { painter.select(row, focused: true) }
    }
    if items.isEmpty { painter.put("No matching command", .dim, x: list.x + 1, y: list.y, width: list.width - 1) }
  }
}

extension Model {
  /// The commands that match the words, available ones first.
  package func paletteItems(_ text: String) -> [(command: Command, availability: Availability)] {
    let words = text.lowercased().split(separator: " ").map(String.init)
    let found = Command.allCases.filter { command in
      guard command.isInPalette else { return false }
      let title = (command.title + " " + command.rawValue).lowercased()
      return words.allSatisfy { Self.isSubsequence($0, of: title) }
    }.map { ($0, availability($0)) }
    func rank(_ item: (Command, Availability)) -> Int {
      let title = item.0.title.lowercased()
      let direct = words.allSatisfy(title.contains) ? 0 : 2
      return direct + (item.1 == .yes ? 0 : 1)
    }
    return found.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(\.element)
  }

  private static func isSubsequence(_ word: String, of text: String) -> Bool {
    var rest = text[...]
    for character in word {
      guard let found = rest.firstIndex(of: character) else { return false }
      rest = rest[rest.index(after: found)...]
    }
    return true
  }
}
