/// A color in a terminal sequence.
enum TerminalColor: Hashable {
  /// The terminal's default, for text or background.
  case standard
  /// A color of the palette of 256.
  case palette(UInt8)
  /// Red, green and blue in the lowest 24 bits.
  case exact(UInt32)
}

/// The style of a terminal's cell, as set by `ESC [ … m` (SGR).
struct TerminalStyle: Hashable {
  var foreground = TerminalColor.standard
  var background = TerminalColor.standard
  var isBold = false
  var isDim = false
  var isItalic = false
  var isUnderlined = false
  var isReversed = false

  /// Applies the parameters of an SGR sequence.
  mutating func apply(_ parameters: String) {
    let codes = parameters.split(omittingEmptySubsequences: false) { $0 == ";" || $0 == ":" }.map { Int($0) ?? 0 }
    var at = 0
    while at < codes.count {
      switch codes[at] {
      case 0: self = TerminalStyle()
      case 1: isBold = true
      case 2: isDim = true
      case 3: isItalic = true
      case 4: isUnderlined = true
      case 7: isReversed = true
      case 22: (isBold, isDim) = (false, false)
      case 23: isItalic = false
      case 24: isUnderlined = false
      case 27: isReversed = false
      case 30...37: foreground = .palette(UInt8(codes[at] - 30))
      case 39: foreground = .standard
      case 40...47: background = .palette(UInt8(codes[at] - 40))
      case 49: background = .standard
      case 90...97: foreground = .palette(UInt8(codes[at] - 82))
      case 100...107: background = .palette(UInt8(codes[at] - 92))
      case 38, 48:
        guard let (color, used) = Self.extended(codes[(at + 1)...]) else { return }
        if codes[at] == 38 { foreground = color } else { background = color }
        at += used
      default: break
      }
      at += 1
    }
  }

  /// Reads `5;N` or `2;R;G;B`; returns the color and the number of parameters.
  private static func extended(_ codes: ArraySlice<Int>) -> (TerminalColor, Int)? {
    let values = codes.prefix(4).map { UInt8(clamping: $0) }
    switch values.first {
    case 5 where values.count >= 2: return (.palette(values[1]), 2)
    case 2 where values.count == 4:
      return (.exact(UInt32(values[1]) << 16 | UInt32(values[2]) << 8 | UInt32(values[3])), 4)
    default: return nil
    }
  }
}

struct TerminalCell: Hashable {
  /// The right half of a wide character.
  static let restOfWide: Character = "\0"

  var character: Character = " "
  var style = TerminalStyle()
}

/// The contents of a terminal's screen at one time.
struct TerminalScreen: Equatable {
  let columns: Int
  let rows: Int
  let cells: [[TerminalCell]]
  /// The position of the cursor; nil if it is hidden.
  let cursor: (x: Int, y: Int)?

  static func == (one: TerminalScreen, other: TerminalScreen) -> Bool {
    one.cells == other.cells && one.cursor?.x == other.cursor?.x && one.cursor?.y == other.cursor?.y
  }
}
