import Engine
import TerminalKit

/// What covers the dashboard and receives keys.
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

/// How an overlay handles keys and the mouse while it is on top, and how it is drawn.
protocol OverlayContent {
  /// The keys bound to commands; others are passed on as key presses.
  var keymaps: [Keymap] { get }
  var wantsMouse: Bool { get }
  /// Whether all characters are typed into a field.
  var takesText: Bool { get }
  /// Whether it covers the whole screen, so that nothing below is drawn.
  var coversAll: Bool { get }
  /// The keys to show in the footer instead of those of a pane.
  func footer(_ settings: Settings) -> [(key: String, word: String)]?

  /// - Returns: nil for a command of others.
  func availability(_ command: Command) -> Availability?
  /// - Returns: false for a command of others.
  func perform(_ command: Command, _ model: inout Model) -> Bool
  func press(_ key: Key, _ model: inout Model)
  /// Inserts text into its field.
  ///
  /// - Returns: false if it does not fit; then nothing has changed.
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
