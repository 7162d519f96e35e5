import Engine

/// An error as the user reads it.
enum ErrorReport {
  /// `error: …`, then why, what to do, and further lines, indented.
  static func text(_ error: EngineError, style: Style) -> String {
    text(what: error.what, why: error.why, fix: error.fix, details: error.details, style: style)
  }

  /// A refusal, in the same form.
  static func text(_ refusal: Refusal, style: Style) -> String {
    text(label: "cancelled", role: .warning, what: refusal.what, fix: refusal.fix, style: style)
  }

  /// The same form for what is no `EngineError`.
  static func text(
    label: String = "error", role: Role = .bad, what: String, why: String? = nil, fix: String? = nil,
    details: [String] = [], style: Style
  ) -> String {
    var text = style.paint(label + ":", role) + " " + indented(what, by: 7) + "\n"
    if let why { text += "  " + style.paint("why:", .faint) + " " + indented(why, by: 7) + "\n" }
    if let fix { text += "  " + style.paint("fix:", .strong) + " " + indented(fix, by: 7) + "\n" }
    for detail in details {
      for line in Sanitizer.lines(detail).split(separator: "\n", omittingEmptySubsequences: false) {
        text += line.isEmpty ? "\n" : "    " + style.paint(String(line), .faint) + "\n"
      }
    }
    return text
  }

  /// A warning on one or more lines.
  static func warning(_ text: String, style: Style) -> String {
    style.paint("warning:", .warning) + " " + indented(Sanitizer.withoutSecrets(text), by: 9) + "\n"
  }

  /// Lines after the first stand below the first.
  private static func indented(_ text: String, by cells: Int) -> String {
    Sanitizer.lines(text).split(separator: "\n", omittingEmptySubsequences: false)
      .joined(separator: "\n" + String(repeating: " ", count: cells))
  }
}
