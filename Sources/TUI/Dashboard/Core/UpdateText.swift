import TerminalKit

/// Text that goes into fields: typed, or pasted.
extension Model {
  /// Whether characters go into a field, whatever they are.
  package var takesText: Bool {
    switch overlays.last {
    case .palette?, .prompt?: true
    case .form(let form)?: !form.focus.isChoice
    default: false
    }
  }

  package mutating func paste(_ text: String) {
    // What is pasted elsewhere would be taken for commands.
    guard takesText else { return toast("There is nothing to paste into", .plain) }
    if case .form? = overlays.last { insert(InstallationDraft.trimmed(text)) } else { insert(text) }
  }

  /// Puts text into the field that has the keys, all of it or nothing: half of a path or of a token is worth less.
  package mutating func insert(_ text: String) {
    var fits = true
    switch overlays.last {
    case .palette(var state)?:
      fits = state.field.insert(text)
      state.index = 0
      replaceOverlay(.palette(state))
    case .prompt(var state)?:
      fits = state.field.insert(text)
      state.problem = nil
      replaceOverlay(.prompt(state))
      if fits { applyLive(state) }
    case .form(let form)?: fits = insert(text, form: form)
    default: break
    }
    if !fits { toast("Too long: a field takes at most \(TextField.limit) characters", .plain) }
  }
}
