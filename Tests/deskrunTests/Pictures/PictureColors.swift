/// The colors of the terminal in a picture: the background, the text, and the 16 that a user can choose. All of the
/// latter except black have a contrast of at least 4.5 to 1 with the background.
struct PictureColors {
  let background: UInt32
  let text: UInt32
  let sixteen: [UInt32]

  static let dark = PictureColors(
    background: 0x16181D, text: 0xD4D7DD,
    sixteen: [
      0x2C323C, 0xF0716B, 0x8CC265, 0xE5B567, 0x7AA2F7, 0xC792EA, 0x4DB8C4, 0xD4D7DD,
      0x8B929E, 0xFF8F88, 0xA5D982, 0xF5CC85, 0x99B8FF, 0xDDB3F8, 0x74D3DD, 0xFFFFFF,
    ])

  static let light = PictureColors(
    background: 0xFAFAFA, text: 0x24292F,
    sixteen: [
      0x24292F, 0xB3261E, 0x2E7D32, 0x8A5A00, 0x2457C5, 0x7B3FB0, 0x00708A, 0x6B727B,
      0x57606A, 0xC93C33, 0x39803D, 0x8F6200, 0x3566D1, 0x8A4DC0, 0x127A93, 0x000000,
    ])

  /// The colors of a style's text and background, as red, green and blue in the lowest 24 bits.
  func colors(of style: TerminalStyle) -> (text: UInt32, ground: UInt32) {
    var text = rgb(style.foreground, standard: self.text)
    var ground = rgb(style.background, standard: background)
    if style.isReversed { swap(&text, &ground) }
    if style.isDim { text = Self.mixed(text, ground) }
    return (text, ground)
  }

  private func rgb(_ color: TerminalColor, standard: UInt32) -> UInt32 {
    switch color {
    case .standard: return standard
    case .exact(let rgb): return rgb
    case .palette(let index) where index < 16: return sixteen[Int(index)]
    case .palette(let index) where index >= 232:
      let level = UInt32(index - 232) * 10 + 8
      return level << 16 | level << 8 | level
    case .palette(let index):
      let levels: [UInt32] = [0, 95, 135, 175, 215, 255]
      let place = Int(index) - 16
      return levels[place / 36] << 16 | levels[place / 6 % 6] << 8 | levels[place % 6]
    }
  }

  /// A mixture of two thirds of the first color and a third of the second.
  private static func mixed(_ one: UInt32, _ other: UInt32) -> UInt32 {
    var result: UInt32 = 0
    for shift: UInt32 in [16, 8, 0] {
      result |= (((one >> shift & 0xFF) * 2 + (other >> shift & 0xFF)) / 3) << shift
    }
    return result
  }
}
