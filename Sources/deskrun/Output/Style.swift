import Engine

/// What a piece of text means. Colours follow from it; words and marks always say the same, so nothing is lost
/// without colours.
package enum Role: Sendable, CaseIterable {
  case plain
  /// Works as it should.
  case good
  /// At work right now.
  case active
  /// Deserves a look.
  case warning
  /// Broken.
  case bad
  /// Secondary.
  case faint
  /// Stands out: headings and names.
  case strong

  /// The SGR parameters; only the terminal's own sixteen colours, which its owner chose to be readable.
  var parameters: StaticString? {
    switch self {
    case .plain: nil
    case .good: "32"
    case .active: "36"
    case .warning: "33"
    case .bad: "31"
    case .faint: "2"
    case .strong: "1"
    }
  }
}

/// Signs before words, the same as in the dashboard.
package typealias Mark = Sign

extension Sign {
  package var role: Role {
    switch self {
    case .healthy, .done: .good
    case .busy: .active
    case .pending, .warning: .warning
    case .failing: .bad
    case .finishing, .off, .cancelled, .unknown: .faint
    }
  }
}

/// Paints text for one stream.
package struct Style: Sendable, Equatable {
  package var usesColor: Bool
  package var usesUnicode: Bool

  package init(usesColor: Bool, usesUnicode: Bool) {
    self.usesColor = usesColor
    self.usesUnicode = usesUnicode
  }

  package init(_ terminal: Terminal) { self.init(usesColor: terminal.usesColor, usesUnicode: terminal.usesUnicode) }

  /// The text in the colour of its meaning.
  package func paint(_ text: PrintableText, _ role: Role) -> PrintableText {
    guard usesColor, let parameters = role.parameters else { return text }
    return text.colored(parameters)
  }

  /// Text from outside, on one line, in the colour of its meaning.
  @_disfavoredOverload
  package func paint(_ outside: some StringProtocol, _ role: Role) -> PrintableText {
    paint(PrintableText(outside), role)
  }

  /// The sign alone, without colour.
  package func sign(_ mark: Mark) -> PrintableText { PrintableText(usesUnicode ? mark.unicode : mark.ascii) }

  /// The sign in its colour.
  package func paint(_ mark: Mark) -> PrintableText { paint(sign(mark), mark.role) }

  /// How much of something is done.
  func bar(_ count: StepProgress.Count, cells: Int = 10) -> PrintableText {
    let filled = count.filled(of: cells)
    let parts = (0..<cells).map { at -> PrintableText in
      usesUnicode ? (at < filled ? "█" : "░") : (at < filled ? "#" : ".")
    }
    return "[\(parts.joined())]"
  }

  /// What stands where text was cut.
  var ellipsis: PrintableText { usesUnicode ? "…" : "~" }
}
