import TerminalKit

/// The help: every key, from the table of bindings.
package enum HelpText {
  static func page(for model: Model) -> TextPage {
    var lines: [String] = []
    let all = model.panes.keymaps
    let current = all.first { $0.title == model.focusedPane.title }
    let others = all.filter { $0.title != current?.title }
    for keymap in [current].compactMap(\.self) + others + [.anywhere] { lines += section(keymap, model) + [""] }
    lines += [
      "In forms",
      "  Tab, ↓            next field", "  Shift-Tab, ↑      previous field", "  ←, →, Space       choose",
      "  →                 at the end of a path: take what is offered", "  ^U                clear the field",
      "  ^V                show the values for Helm", "  Enter             do it",
      "  Esc               leave; a new one is kept",
      "",
      "Marks",
    ]
    let glyphs = model.settings.glyphs
    lines += [
      "  \(glyphs.starting)  starting: the row says which step", "  \(glyphs.idle)  idle: registered, waits for a job",
      "  \(glyphs.busy)  busy: has a job", "  \(glyphs.finishing)  finishing: its job is over",
      "  \(glyphs.failing)  failing: will not get better by itself; the row says why",
      "  \(glyphs.succeeded) \(glyphs.failed) \(glyphs.cancelled)  a job that succeeded, failed or was lost, was cancelled",
      "  \(glyphs.off)  off: not there, and not meant to be",
    ]
    return TextPage(title: "Help", text: lines.joined(separator: "\n"))
  }

  /// The manual's list of keys, as Markdown.
  package static func manual(_ panes: PaneSet) -> String {
    var text = """
      # Keys of the dashboard

      `?` in the dashboard shows the same, `:` finds any command by its name. Keys that belong to a pane work while it has
      the focus; Tab and `1`, `2`, `3` move it.

      """
    for keymap in [.anywhere] + panes.keymaps + [.page] {
      text += "\n## \(keymap.title)\n\n| key | |\n|---|---|\n"
      var seen: Set<Command> = []
      for binding in keymap.bindings where seen.insert(binding.command).inserted {
        let keys = binding.keys.map { "`\($0.label)`" }.joined(separator: ", ")
        text += "| \(keys) | \(binding.command.title) |\n"
      }
    }
    return text
  }

  private static func section(_ keymap: Keymap, _ model: Model) -> [String] {
    var seen: Set<Command> = []
    let bindings = keymap.bindings.filter { seen.insert($0.command).inserted }
    return [keymap.title]
      + bindings.map { binding in
        let keys = binding.keys.map { model.settings.usesUnicode ? $0.label : $0.asciiLabel }.joined(separator: ", ")
        return "  " + keys + String(repeating: " ", count: max(1, 18 - CellText.width(keys))) + binding.command.title
      }
  }
}
