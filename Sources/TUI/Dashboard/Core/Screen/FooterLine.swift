import Engine
import TerminalKit

/// The last row: the keys that do something here, the most wanted first. What does not fit stands in the help.
struct FooterLine {
  package let model: Model

  func draw(_ painter: inout Painter, _ rect: Rect) {
    if let keys = model.overlays.last?.content.footer(model.settings) {
      drawKeys(&painter, rect, keys)
      return
    }
    var x = rect.x + 1
    let reserved = 8
    var shown: Set<Command> = []
    let keymaps = model.keymaps
    for keymap in keymaps {
      let isAnywhere = keymap.title == Keymap.anywhere.title
      for binding in keymap.bindings {
        guard !shown.contains(binding.command), let short = word(binding, isAnywhere), let key = binding.keys.first,
          keymaps.command(for: key) == binding.command,
          case .yes = model.availability(binding.command)
        else { continue }
        let label = model.settings.usesUnicode ? key.label : key.asciiLabel
        let width = CellText.width(label) + 1 + CellText.width(short)
        let room = rect.right - x - (binding.command == .help || binding.command == .quit ? 0 : reserved)
        guard width <= room else { continue }
        shown.insert(binding.command)
        let start = x
        x += painter.put(label, .key, x: x, y: rect.y, width: width)
        x += 1
        x += painter.put(short, .text, x: x, y: rect.y, width: rect.right - x)
        painter.hit(Rect(x: start, y: rect.y, width: x - start, height: 1), .command(binding.command))
        x += 2
      }
    }
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
      [.open, .filter, .nextTab, .zoom, .scale, .mergedLog].contains(binding.command)
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
    if binding.command == .createCluster, isAnywhere, case .yes = model.availability(.createCluster) {
      return model.isEmpty ? nil : "start cluster"
    }
    return isAnywhere || !model.overlays.isEmpty ? binding.short : model.focusedPane.word(binding, model)
  }
}
