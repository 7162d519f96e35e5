import TerminalKit

/// The help: all keys, from the key bindings.
package enum HelpText {
  static func page(for model: Model) -> TextPage {
    let all = model.panes.all.filter { $0.isOffered(model) }.map { Keymap($0.title, $0.bindings) }
    let current = all.first { $0.title == model.focusedPane.title }
    let others = all.filter { $0.title != current?.title }
    let sections =
      [current.map { section($0, model) }, leaving, marks(model.settings.glyphs), section(.anywhere, model)]
      .compactMap(\.self) + others.map { section($0, model) } + [section(.page, model), forms]
    return TextPage(title: "Help", flow: .columns(sections), width: model.size.columns)
  }

  /// The column of the description and of its continuation lines.
  private static let column = 22

  private static func line(_ keys: String, _ text: String) -> TextPage.Paragraph {
    .init("  " + keys + String(repeating: " ", count: max(2, column - 2 - CellText.width(keys))) + text, hang: column)
  }

  private static let leaving: [TextPage.Paragraph] = [
    .init("Leaving"), line("q, ^C", "Quit; the cluster and its runners keep running"),
    line("Esc", "Back: close what is open, clear the filter, show all"), line("^Z", "Suspend; fg resumes"),
  ]

  private static let forms: [TextPage.Paragraph] = [
    .init("In forms"), line("Tab, Down", "Next field"), line("Shift-Tab, Up", "Previous field"),
    line("Left, Right, Space", "Choose"), line("Right", "At the end of a path: accept the completion"),
    line("^U", "Clear the field"), line("^V", "Show the values for Helm"), line("Enter", "Apply"),
    line("Esc", "Leave; the draft of a new installation is kept"),
  ]

  private static func marks(_ glyphs: Glyphs) -> [TextPage.Paragraph] {
    let marks = [
      (glyphs.starting, "starting, or in progress: the row says which step"),
      (glyphs.idle, "idle, or healthy: registered and waiting for a job"), (glyphs.busy, "busy: has a job"),
      (glyphs.finishing, "finishing: its job is over, it is being removed"),
      (glyphs.warning, "warning: works, but needs attention"),
      (glyphs.failing, "failing, failed or lost: the row says why"), (glyphs.succeeded, "succeeded, done"),
      (glyphs.cancelled, "canceled"), (glyphs.off, "off: does not exist, or is stopped"),
      (glyphs.unknown, "unknown: could not be determined"),
      ("\(glyphs.unfolded) \(glyphs.folded)", "group of a log, open and folded"),
    ]
    return [.init("Marks")] + marks.map { line($0.0, $0.1) }
  }

  /// The list of keys in the manual, as Markdown.
  package static func manual(_ panes: PaneSet) -> String {
    var text = """
      # Keys of the dashboard

      `?` in the dashboard shows the same, `:` finds any command by its name. Keys that belong to a pane work while it has
      the focus; Tab and `1`, `2`, `3` move it. A key that does nothing in a pane says where it works.

      Keys are those that k9s, less and vim agree on: `j` `k` `g` `G` `/` `n` `N` move and search, `&` filters lines, `l` is
      the log, `:` the commands, `?` the help, `q` leaves; `d` deletes what is selected and asks first. A letter means one
      thing wherever it works, with four exceptions, in panes that have no use for the other meaning: `n` and `N` go to
      the next and the previous *activity* in Activity, `R` runs the shown activity again there and restarts the listener
      elsewhere, `X` cancels what is running there and deletes failing runners elsewhere (both ask first), and `+` and `-`
      zoom the Timeline and scale the installation elsewhere. Enter opens or applies what is selected.

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

  private static func section(_ keymap: Keymap, _ model: Model) -> [TextPage.Paragraph] {
    var seen: Set<Command> = []
    let bindings = keymap.bindings.filter {
      // The list of clusters exists only with several clusters.
      ($0.command != .tabClusters || model.hasSeveralClusters) && seen.insert($0.command).inserted
    }
    return [.init(keymap.title)]
      + bindings.map { binding in
        line(
          binding.keys.map { model.settings.usesUnicode ? $0.label : $0.asciiLabel }.joined(separator: ", "),
          binding.command.title)
      }
  }
}
