/// A key that the program understands.
package enum Key: Hashable, Sendable {
  case character(Character)
  case control(Character)
  case alt(Character)
  case up, down, left, right, home, end, pageUp, pageDown
  case enter, escape, tab, backTab, backspace, delete, insert
  case function(Int)

  /// Its label in footers and help.
  package var label: String {
    switch self {
    case .character(" "): "Space"
    case .character(let character): String(character)
    case .control(let character): "^" + String(character).uppercased()
    case .alt(let character): "Alt-" + String(character)
    case .up: "↑"
    case .down: "↓"
    case .left: "←"
    case .right: "→"
    case .home: "Home"
    case .end: "End"
    case .pageUp: "PgUp"
    case .pageDown: "PgDn"
    case .enter: "Enter"
    case .escape: "Esc"
    case .tab: "Tab"
    case .backTab: "Shift-Tab"
    case .backspace: "Backspace"
    case .delete: "Del"
    case .insert: "Ins"
    case .function(let number): "F\(number)"
    }
  }

  /// The label if arrows cannot be drawn.
  package var asciiLabel: String {
    switch self {
    case .up: "Up"
    case .down: "Down"
    case .left: "Left"
    case .right: "Right"
    default: label
    }
  }
}

/// A mouse action.
package struct MouseEvent: Hashable, Sendable {
  package enum Action: Hashable, Sendable {
    case press, release, drag, wheelUp, wheelDown
  }

  package var action: Action
  package var button: Int
  package var x: Int
  package var y: Int
}

/// Input from the terminal.
package enum InputEvent: Hashable, Sendable {
  case key(Key)
  case paste(String)
  case mouse(MouseEvent)
  case focus(Bool)

  /// The characters at the start of these events.
  package static func characters(_ events: ArraySlice<InputEvent>) -> [Character] {
    var characters: [Character] = []
    for event in events {
      guard case .key(.character(let character)) = event else { break }
      characters.append(character)
    }
    return characters
  }
}
