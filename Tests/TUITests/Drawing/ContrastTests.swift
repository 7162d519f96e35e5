import Engine
import Foundation
import Testing

@testable import TerminalKit

/// The contrast of the themes with their own colors: at least 4.5 to 1 between text and background (WCAG 2.2, 1.4.3),
/// with true color and with 256 colors.
@Suite struct ContrastTests {
  /// The channels of a color as drawn by a terminal.
  private func channels(_ color: Color, _ theme: Theme, exact: Bool) throws -> [Double] {
    let index = try #require(color.index)
    if exact, let rgb = theme.exact[index] { return [rgb >> 16 & 0xFF, rgb >> 8 & 0xFF, rgb & 0xFF].map(Double.init) }
    let steps = [0.0, 95, 135, 175, 215, 255]
    guard index < 232 else { return Array(repeating: Double(8 + 10 * (Int(index) - 232)), count: 3) }
    #expect(index >= 16, "the first 16 are the reader's own")
    let cube = Int(index) - 16
    return [cube / 36, cube / 6 % 6, cube % 6].map { steps[$0] }
  }

  private func luminance(_ channels: [Double]) -> Double {
    let linear = channels.map { value -> Double in
      let part = value / 255
      return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
  }

  private func contrast(_ a: [Double], _ b: [Double]) -> Double {
    let (x, y) = (luminance(a), luminance(b))
    return (max(x, y) + 0.05) / (min(x, y) + 0.05)
  }

  @Test(arguments: ["dark", "light"], [true, false]) func `every role can be read, in selected rows too`(
    name: String, exact: Bool
  ) throws {
    let theme = try #require(Theme.named(name))
    // Lines between panes have no meaning.
    for role in Role.allCases where role != .rule {
      let style = theme[role]
      let grounds = [style.background] + ([.selected, .selectedElsewhere].map { theme[$0].background })
      let isOnGround = style.background == theme[.text].background
      for ground in isOnGround ? grounds : [style.background] {
        let ratio = contrast(
          try channels(style.foreground, theme, exact: exact), try channels(ground, theme, exact: exact))
        #expect(ratio >= 4.5, "\(name), \(role): \(ratio)")
      }
    }
  }

  @Test(arguments: ["dark", "light"]) func `a selected row differs from others`(name: String) throws {
    let theme = try #require(Theme.named(name))
    for exact in [true, false] {
      for role in [Role.selected, .selectedElsewhere] {
        #expect(
          try channels(theme[role].background, theme, exact: exact)
            != channels(theme[.text].background, theme, exact: exact))
      }
    }
  }
}
