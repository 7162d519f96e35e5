import Engine
import TerminalKit

/// A choice from a list.
package struct PickerState: Sendable, Equatable {
  package enum Purpose: Sendable, Equatable {
    case sort(PaneID)
    /// A question of a pane, which receives the answer.
    case pane(PaneID)
  }

  package struct Item: Sendable, Equatable {
    package var label: String
    package var detail: String
    package var value: String

    package init(label: String, detail: String, value: String) {
      (self.label, self.detail, self.value) = (label, detail, value)
    }
  }

  package var purpose: Purpose
  package var title: String
  package var items: [Item]
  package var index = 0

  package init(purpose: Purpose, title: String, items: [Item], index: Int = 0) {
    (self.purpose, self.title, self.items, self.index) = (purpose, title, items, index)
  }
}

extension PickerState: OverlayContent {
  func footer(_ settings: Settings) -> [(key: String, word: String)]? { PaletteState.listFooter(settings) }

  func press(_ key: Key, _ model: inout Model) {
    var state = self
    // A letter goes to the next choice that starts with it.
    if case .character(let letter) = key {
      let order = items.indices.map { (index + 1 + $0) % items.count }
      if let found = order.first(where: { items[$0].label.lowercased().hasPrefix(letter.lowercased()) }) {
        state.index = found
        return model.replaceOverlay(.picker(state))
      }
    }
    switch key {
    case .escape, .control("c"), .character("q"): return model.closeOverlay()
    case .up, .character("k"): state.index = max(0, index - 1)
    case .down, .character("j"), .tab: state.index = min(max(0, items.count - 1), index + 1)
    case .enter: return choose(index, &model)
    default: return
    }
    model.replaceOverlay(.picker(state))
  }

  func click(_ target: Target, _ model: inout Model) {
    if case .item(let index) = target { choose(index, &model) }
  }

  private func choose(_ index: Int, _ model: inout Model) {
    model.closeOverlay()
    guard items.indices.contains(index) else { return }
    switch purpose {
    case .sort(let pane): model.sort(pane, by: Int(items[index].value) ?? 0)
    case .pane(let pane): model.panes[pane].choose(items[index].value, &model)
    }
  }

  func draw(_ painter: inout Painter, _ model: Model) {
    let widest = items.map { CellText.width($0.label) + CellText.width($0.detail) + 4 }.max() ?? 0
    let rect = Box(title: title).draw(
      &painter, size: model.size, width: max(30, min(70, widest + 6)), height: items.count + 2)
    let top = max(0, min(index - rect.height / 2, items.count - rect.height))
    for line in 0..<rect.height {
      let at = top + line
      guard items.indices.contains(at) else { break }
      let item = items[at]
      let row = Rect(x: rect.x, y: rect.y + line, width: rect.width, height: 1)
      let used = painter.put(item.label, .text, x: row.x + 1, y: row.y, width: row.width - 2)
      painter.put(item.detail, .dim, x: row.x + used + 3, y: row.y, width: max(0, row.width - used - 4))
      painter.hit(row, .item(at))
      if at == index { painter.select(row, focused: true) }
    }
  }
}
