import TerminalKit

/// Text for fields: typed or pasted.
extension Model {
  /// Whether all characters are typed into a field.
  package var takesText: Bool { overlays.last?.content.takesText ?? false }

  package mutating func paste(_ text: String) {
    // Pasted text would otherwise be treated as commands.
    guard takesText else { return toast("There is nothing to paste into", .plain) }
    if case .form? = overlays.last { insert(InstallationDraft.trimmed(text)) } else { insert(text) }
  }

  /// Inserts text into the focused field, in full or not at all: half of a path or a token is useless.
  package mutating func insert(_ text: String) {
    let fits = overlays.last?.content.insert(text, &self) ?? true
    if !fits { toast("Too long: a field takes at most \(TextField.limit) characters", .plain) }
  }
}
