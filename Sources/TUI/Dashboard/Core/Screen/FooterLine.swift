import Engine
import TerminalKit

/// The last row: the keys that can be used here, most important first. Those that do not fit are in the help.
struct FooterLine {
  package let model: Model

  func draw(_ painter: inout Painter, _ rect: Rect) {
    if let keys = model.overlays.last?.content.footer(model.settings) {
      drawKeys(&painter, rect, keys)
      return
    }
    let keymaps = model.keymaps
    var shown: Set<Command> = []
    var items: [Item] = []
    for keymap in keymaps {
      let isAnywhere = keymap.title == Keymap.anywhere.title
      for binding in keymap.bindings {
        guard !shown.contains(binding.command), let short = word(binding, isAnywhere), let key = binding.keys.first,
          keymaps.command(for: key) == binding.command,
          case .yes = model.availability(binding.command)
        else { continue }
        shown.insert(binding.command)
        items.append(
          Item(
            label: model.settings.usesUnicode ? key.label : key.asciiLabel, word: short, command: binding.command))
      }
    }
    var x = rect.x + 1
    for item in fitting(items, rect.width - 2) {
      let start = x
      x += painter.put(item.label, .key, x: x, y: rect.y, width: rect.right - x) + 1
      x += painter.put(item.word, .text, x: x, y: rect.y, width: max(0, rect.right - x))
      painter.hit(Rect(x: start, y: rect.y, width: x - start, height: 1), .command(item.command))
      x += 2
    }
  }

  private struct Item {
    var label: String
    var word: String
    var command: Command
    var width: Int { CellText.width(label) + 1 + CellText.width(word) + 2 }
  }

  /// The items that fit, in order. How to leave, get help and get to the jobs is always shown.
  private func fitting(_ items: [Item], _ width: Int) -> [Item] {
    let always: [Command] = [.quit, .back, .help, .tabJobs]
    var room = width + 2
    var chosen: Set<Command> = []
    for command in always {
      guard let item = items.first(where: { $0.command == command }), item.width <= room else { continue }
      room -= item.width
      chosen.insert(command)
    }
    for item in items where !chosen.contains(item.command) && item.width <= room {
      room -= item.width
      chosen.insert(item.command)
    }
    return items.filter { chosen.contains($0.command) }
  }

  private func drawKeys(_ painter: inout Painter, _ rect: Rect, _ keys: [(key: String, word: String)]) {
    var x = rect.x + 1
    for (key, word) in keys where x + CellText.width(key) + CellText.width(word) + 2 < rect.right {
      x += painter.put(key, .key, x: x, y: rect.y, width: rect.right - x) + 1
      x += painter.put(word, .text, x: x, y: rect.y, width: rect.right - x) + 2
    }
  }

  private func word(_ binding: Binding, _ isAnywhere: Bool) -> String? {
    if model.isEmpty, model.overlays.isEmpty,
      [.open, .filter, .nextTab, .zoom, .scale, .logs, .tabJobs].contains(binding.command)
    {
      return nil
    }
    if model.isEmpty, isAnywhere {
      switch binding.command {
      case .add: return "add"
      case .doctor: return "doctor"
      default: break
      }
    }
    if model.overlays.isEmpty, isAnywhere {
      if binding.command == .back { return model.backWord }
      if binding.command == .zoom, model.isZoomed { return nil }
    }
    if binding.command == .createCluster, isAnywhere, case .yes = model.availability(.createCluster) {
      return model.isEmpty ? nil : "start cluster"
    }
    return isAnywhere || !model.overlays.isEmpty ? binding.short : model.focusedPane.word(binding, model)
  }
}

extension Model {
  /// The effect of Esc in a word; nil if it only moves the focus.
  fileprivate var backWord: String? {
    if focus == .bottom, let tab = returnsTo { return focusedPane.narrowing(self) ?? panes[tab].title.lowercased() }
    return isZoomed ? "unzoom" : focusedPane.narrowing(self)
  }
}
