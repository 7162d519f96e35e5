/// The meaning of a part of the screen; themes define its appearance.
package enum Role: Int, Sendable, CaseIterable {
  case text, dim, strong, title, titleFocused, rule
  case good, busy, warning, bad, accent
  case key, header, banner, selected, selectedElsewhere
  case input, inputFocused, match, matchCurrent, toast
}

/// The appearance of the roles. The first theme uses the terminal's own 16 colors, so it matches the user's choice.
package struct Theme: Sendable, Equatable {
  /// Its name for `--theme`.
  package let name: String
  /// The true colors to use instead of palette colors on terminals that support them, by palette index.
  package let exact: [UInt8: UInt32]
  private let styles: [Style]

  private init(name: String, exact: [UInt8: UInt32], styles: [Role: Style]) {
    self.name = name
    self.exact = exact
    self.styles = Role.allCases.map { styles[$0] ?? .plain }
  }

  package subscript(_ role: Role) -> Style { styles[role.rawValue] }

  /// The names of all themes.
  package static let names = [terminal, dark, light, mono].map(\.name)

  /// The theme with a name.
  package static func named(_ name: String) -> Theme? { [terminal, dark, light, mono].first { $0.name == name } }

  /// The terminal's own palette.
  package static let terminal = Theme(
    name: "terminal", exact: [:],
    styles: [
      .text: Style(), .dim: Style(.standard, .dim), .strong: Style(.standard, .bold), .title: Style(.standard, .dim),
      .titleFocused: Style(.standard, .bold), .rule: Style(.standard, .dim),
      .good: Style(.green), .busy: Style(.cyan), .warning: Style(.yellow), .bad: Style(.red, .bold),
      .accent: Style(.blue), .key: Style(.standard, .bold), .header: Style(), .banner: Style(.yellow, .bold),
      .selected: Style(.standard, .reverse), .selectedElsewhere: Style(.standard, .bold),
      .input: Style(.standard, .underline), .inputFocused: Style(.standard, .reverse),
      .match: Style(.black, on: .yellow), .matchCurrent: Style(.black, on: .cyan, .bold),
      .toast: Style(.standard, .reverse),
    ])

  /// No colors.
  package static let mono = Theme(
    name: "mono", exact: [:],
    styles: [
      .text: Style(), .dim: Style(.standard, .dim), .strong: Style(.standard, .bold), .title: Style(.standard, .dim),
      .titleFocused: Style(.standard, .bold), .rule: Style(.standard, .dim),
      .good: Style(), .busy: Style(), .warning: Style(.standard, .bold), .bad: Style(.standard, .bold),
      .accent: Style(), .key: Style(.standard, .bold), .header: Style(), .banner: Style(.standard, .bold),
      .selected: Style(.standard, .reverse), .selectedElsewhere: Style(.standard, .bold),
      .input: Style(.standard, .underline), .inputFocused: Style(.standard, .reverse),
      .match: Style(.standard, .reverse), .matchCurrent: Style(.standard, [.reverse, .bold]),
      .toast: Style(.standard, .reverse),
    ])

  /// Soft colors on a dark background.
  static let dark = made(
    "dark", text: 0xD4D7DD, ground: 0x16181D, dim: 0x989FAA, strong: 0xFFFFFF, rule: 0x474C56, good: 0x8CC265,
    busy: 0x4DB8C4, warning: 0xE5B567, bad: 0xF4807A, accent: 0x7AA2F7, bar: 0x2A2F38)

  /// Deep colors on a light background.
  static let light = made(
    "light", text: 0x24292F, ground: 0xFAFAFA, dim: 0x585E67, strong: 0x000000, rule: 0xB8BEC6, good: 0x23692A,
    busy: 0x00657C, warning: 0x7E5300, bad: 0xB3261E, accent: 0x1F50B8, bar: 0xE1E9F5)

  private static func made(
    _ name: String, text: UInt32, ground: UInt32, dim: UInt32, strong: UInt32, rule: UInt32, good: UInt32,
    busy: UInt32, warning: UInt32, bad: UInt32, accent: UInt32, bar: UInt32
  ) -> Theme {
    var exact: [UInt8: UInt32] = [:]
    func color(_ rgb: UInt32) -> Color {
      let color = Color(
        red: UInt8(rgb >> 16 & 0xFF), green: UInt8(rgb >> 8 & 0xFF), blue: UInt8(rgb & 0xFF))
      if let index = color.index, exact[index] == nil { exact[index] = rgb }
      return color
    }
    let on = color(ground)
    func style(_ rgb: UInt32, _ attributes: Style.Attributes = []) -> Style { Style(color(rgb), on: on, attributes) }
    let reversed = Style(color(strong), on: color(bar), .bold)
    let styles: [Role: Style] = [
      .text: style(text), .dim: style(dim), .strong: style(strong, .bold), .title: style(dim),
      .titleFocused: style(accent, .bold), .rule: style(rule), .good: style(good), .busy: style(busy),
      .warning: style(warning), .bad: style(bad, .bold), .accent: style(accent), .key: style(accent, .bold),
      .header: style(text), .banner: style(warning, .bold), .selected: reversed,
      .selectedElsewhere: Style(color(text), on: color(bar)), .input: Style(color(text), on: color(bar)),
      .inputFocused: Style(on, on: color(accent)), .match: Style(on, on: color(warning)),
      .matchCurrent: Style(on, on: color(busy), .bold), .toast: Style(on, on: color(accent)),
    ]
    return Theme(name: name, exact: exact, styles: styles)
  }
}

extension Style {
  package init(_ foreground: Color, _ attributes: Attributes) { self.init(foreground, on: .standard, attributes) }
}
