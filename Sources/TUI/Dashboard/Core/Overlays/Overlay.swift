import Engine
import TerminalKit

/// What lies over the dashboard and has the keys.
package enum Overlay: Sendable, Equatable {
  case page(TextPage)
  case palette(PaletteState)
  case prompt(PromptState)
  case dialog(DialogState)
  case picker(PickerState)
  case form(FormState)

  var content: any OverlayContent {
    switch self {
    case .page(let page): page
    case .palette(let state): state
    case .prompt(let state): state
    case .dialog(let state): state
    case .picker(let state): state
    case .form(let state): state
    }
  }
}

/// What an overlay does with keys and the mouse while it is the uppermost, and how it is drawn.
protocol OverlayContent {
  /// The keys that are commands; others are pressed.
  var keymaps: [Keymap] { get }
  var wantsMouse: Bool { get }
  /// Whether characters go into a field, whatever they are.
  var takesText: Bool { get }
  /// Whether all of the screen is its own, so that nothing below is drawn.
  var coversAll: Bool { get }
  /// The keys the footer names in place of those of a pane.
  func footer(_ settings: Settings) -> [(key: String, word: String)]?

  /// - Returns: nil for what is not its own.
  func availability(_ command: Command) -> Availability?
  /// - Returns: false for what is no command of its own.
  func perform(_ command: Command, _ model: inout Model) -> Bool
  func press(_ key: Key, _ model: inout Model)
  /// Puts text into its field.
  ///
  /// - Returns: false when it does not fit; nothing has changed then.
  func insert(_ text: String, _ model: inout Model) -> Bool
  func click(_ target: Target, _ model: inout Model)
  func settle(_ model: inout Model)
  func draw(_ painter: inout Painter, _ model: Model)
}

extension OverlayContent {
  var keymaps: [Keymap] { [] }
  var wantsMouse: Bool { true }
  var takesText: Bool { false }
  var coversAll: Bool { false }
  func footer(_ settings: Settings) -> [(key: String, word: String)]? { nil }
  func availability(_ command: Command) -> Availability? { nil }
  func perform(_ command: Command, _ model: inout Model) -> Bool { false }
  func press(_ key: Key, _ model: inout Model) {}
  func insert(_ text: String, _ model: inout Model) -> Bool { true }
  func click(_ target: Target, _ model: inout Model) {}
  func settle(_ model: inout Model) {}
}

extension Model {
  mutating func replaceOverlay(_ overlay: Overlay) {
    if overlays.isEmpty { overlays.append(overlay) } else { overlays[overlays.count - 1] = overlay }
  }

  mutating func closeOverlay() { if !overlays.isEmpty { overlays.removeLast() } }
}
