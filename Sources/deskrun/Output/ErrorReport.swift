import Engine

/// An error for display.
package enum ErrorReport {
  /// `error: …`, then the reason, the fix, and further lines, indented.
  package static func text(_ error: EngineError, style: Style) -> PrintableText {
    text(what: error.what, why: error.why, fix: error.fix, details: error.details, style: style)
  }

  /// A refusal, in the same format.
  package static func text(_ refusal: Refusal, style: Style) -> PrintableText {
    text(label: "canceled", role: .warning, what: refusal.what, fix: refusal.fix, style: style)
  }

  /// The same format for errors other than `EngineError`.
  package static func text(
    label: PrintableText = "error", role: Role = .bad, what: String, why: String? = nil, fix: String? = nil,
    details: [String] = [], style: Style
  ) -> PrintableText {
    var text: PrintableText = "\(style.paint("\(label):", role)) \(indented(what, by: 7))\n"
    if let why { text += "  \(style.paint("why:", .faint)) \(indented(why, by: 7))\n" }
    if let fix { text += "  \(style.paint("fix:", .strong)) \(indented(fix, by: 7))\n" }
    // A program's output is often the reason itself.
    func bare(_ line: String) -> Substring {
      line.hasPrefix("error: ") || line.hasPrefix("Error: ") ? line.dropFirst("error: ".count) : line[...]
    }
    let told = [what, why ?? ""]
    for detail in details where !told.contains(where: { bare($0) == bare(detail) }) {
      // Split into lines only after sanitizing: what ends a line there does so here.
      let lines = Sanitizer.withoutSecrets(Sanitizer.lines(detail))
      for line in lines.split(separator: "\n", omittingEmptySubsequences: false) {
        text += line.isEmpty ? "\n" : "    \(style.paint(line, .faint))\n"
      }
    }
    return text
  }

  /// A warning on one or more lines.
  package static func warning(_ text: String, style: Style) -> PrintableText {
    "\(style.paint("warning:", .warning)) \(indented(text, by: 9))\n"
  }

  /// Indents all lines except the first.
  private static func indented(_ text: String, by cells: Int) -> PrintableText {
    PrintableText(prose: text, indent: cells)
  }
}
