import TerminalKit

/// Text that goes into fields: typed, or pasted.
extension Model {
  /// Whether characters go into a field, whatever they are.
  package var takesText: Bool { overlays.last?.content.takesText ?? false }

  package mutating func paste(_ text: String) {
    // What is pasted elsewhere would be taken for commands.
    guard takesText else { return toast("There is nothing to paste into", .plain) }
    if case .form? = overlays.last { insert(InstallationDraft.trimmed(text)) } else { insert(text) }
  }

  /// Puts text into the field that has the keys, all of it or nothing: half of a path or of a token is worth less.
  package mutating func insert(_ text: String) {
    let fits = overlays.last?.content.insert(text, &self) ?? true
    if !fits { toast("Too long: a field takes at most \(TextField.limit) characters", .plain) }
  }
}
