import Engine

/// The meaning of a piece of text, which determines its color; words and symbols always tell the same, so nothing is
/// lost without colors.
package enum Role: Sendable, CaseIterable {
  case plain
  /// Works as intended.
  case good
  /// Currently working.
  case active
  /// Needs attention.
  case warning
  /// Broken.
  case bad
  /// Secondary.
  case faint
  /// Emphasized: headings and names.
  case strong

  /// The SGR parameters; only the terminal's own sixteen colors, which its owner chose to be readable.
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

/// Symbols before words, the same as in the dashboard.
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

/// Styles text for a stream.
package struct Style: Sendable, Equatable {
  package var usesColor: Bool
  package var usesUnicode: Bool

  package init(usesColor: Bool, usesUnicode: Bool) {
    self.usesColor = usesColor
    self.usesUnicode = usesUnicode
  }

  package init(_ terminal: Terminal) { self.init(usesColor: terminal.usesColor, usesUnicode: terminal.usesUnicode) }

  /// The text in the color of its role.
  package func paint(_ text: PrintableText, _ role: Role) -> PrintableText {
    guard usesColor, let parameters = role.parameters else { return text }
    return text.colored(parameters)
  }

  /// Untrusted text, on one line, in the color of its role.
  @_disfavoredOverload
  package func paint(_ outside: some StringProtocol, _ role: Role) -> PrintableText {
    paint(PrintableText(outside), role)
  }

  /// The symbol without color.
  package func sign(_ mark: Mark) -> PrintableText { PrintableText(usesUnicode ? mark.unicode : mark.ascii) }

  /// The symbol in its color.
  package func paint(_ mark: Mark) -> PrintableText { paint(sign(mark), mark.role) }

  /// A progress bar.
  func bar(_ count: StepProgress.Count, cells: Int = 10) -> PrintableText {
    let filled = count.filled(of: cells)
    let parts = (0..<cells).map { at -> PrintableText in
      usesUnicode ? (at < filled ? "█" : "░") : (at < filled ? "#" : ".")
    }
    return "[\(parts.joined())]"
  }

  /// The sign for truncated text.
  var ellipsis: PrintableText { usesUnicode ? "…" : "~" }
}
