import Basics
import Tools

/// Converts text to cells. Terminals disagree about sequences of several scalars (emoji joined with ZWJ, variation
/// selectors, flags), and a wrong guess shifts the rest of a row. So a character is drawn as its first scalar with at
/// most one mark, and has that scalar's width, on which all terminals agree.
package enum CellText {
  /// What is drawn for a character; nil if it is invisible.
  package struct Glyph: Equatable {
    package var scalar: UInt32
    package var mark: UInt32
    package var width: Int
  }

  /// The glyphs of a character: one, or two for the letters of a flag.
  package static func glyphs(of character: Character) -> [Glyph] {
    let scalars = character.unicodeScalars
    if let first = scalars.first, isDrawn(first), scalars.dropFirst().isEmpty {
      return [Glyph(scalar: first.value, mark: 0, width: 1)]
    }
    var glyphs: [Glyph] = []
    // Wherever the text comes from, nothing that controls the terminal becomes a cell.
    for scalar in character.unicodeScalars where !SafeText.isHidden(scalar.value) {
      if (0x1F1E6...0x1F1FF).contains(scalar.value) {
        glyphs.append(Glyph(scalar: scalar.value - 0x1F1E6 + 0x41, mark: 0, width: 1))
        continue
      }
      let width = ScalarWidth.of(scalar)
      if glyphs.isEmpty {
        if width > 0 { glyphs.append(Glyph(scalar: scalar.value, mark: 0, width: width)) }
      } else if glyphs[0].mark == 0, width == 0, scalar.properties.generalCategory == .nonspacingMark,
        !(0xFE00...0xFE0F).contains(scalar.value)
      {
        glyphs[0].mark = scalar.value
      }
    }
    return glyphs
  }

  /// The lines, blocks, arrows and symbols that screens are drawn with, all one cell wide.
  private static func isDrawn(_ scalar: Unicode.Scalar) -> Bool {
    (0x2500...0x25FC).contains(scalar.value) || scalar.value == 0x2026 || scalar.value == 0xB7
  }

  /// The width of a text in cells.
  package static func width(_ text: some StringProtocol) -> Int {
    if isPlain(text) { return text.utf8.count }
    return text.reduce(into: 0) { sum, character in sum += width(of: character) }
  }

  /// The width of a character in cells.
  package static func width(of character: Character) -> Int {
    if let ascii = character.asciiValue { return ascii >= 0x20 && ascii < 0x7F ? 1 : 0 }
    if let first = character.unicodeScalars.first, isDrawn(first), character.utf8.count <= 3 { return 1 }
    return glyphs(of: character).reduce(0) { $0 + $1.width }
  }

  /// Whether each byte is one cell.
  package static func isPlain(_ text: some StringProtocol) -> Bool {
    // Called for all text of a frame: accessing each byte through the protocol took a tenth of a frame's time.
    text.utf8.withContiguousStorageIfAvailable { $0.allSatisfy(isPlain) } ?? text.utf8.allSatisfy(isPlain)
  }

  private static func isPlain(_ byte: UInt8) -> Bool { byte >= 0x20 && byte < 0x7F }

  /// The beginning of a text, truncated to fit, with a sign at the end if it was.
  package static func cutEnd(_ text: String, to cells: Int, sign: String = "…") -> String {
    guard cells > 0 else { return "" }
    if width(text) <= cells { return text }
    return prefix(text, cells: cells - width(sign)) + (cells >= width(sign) ? sign : "")
  }

  /// A text without its middle, if truncated: often only the end distinguishes names.
  package static func cutMiddle(_ text: String, to cells: Int, sign: String = "…") -> String {
    guard cells > 0 else { return "" }
    if width(text) <= cells { return text }
    let room = cells - width(sign)
    guard room >= 4 else { return cutEnd(text, to: cells, sign: sign) }
    let tail = min(room / 2 + 1, room - 2)
    return prefix(text, cells: room - tail) + sign + suffix(text, cells: tail)
  }

  /// As much of the beginning as fits.
  package static func prefix(_ text: some StringProtocol, cells: Int) -> String {
    if isPlain(text) { return String(decoding: text.utf8.prefix(max(0, cells)), as: UTF8.self) }
    var used = 0
    var kept = ""
    for character in text {
      let width = width(of: character)
      if used + width > cells { break }
      used += width
      kept.append(character)
    }
    return kept
  }

  /// As much of the end as fits.
  package static func suffix(_ text: some StringProtocol, cells: Int) -> String {
    if isPlain(text) { return String(decoding: text.utf8.suffix(max(0, cells)), as: UTF8.self) }
    var used = 0
    var kept: [Character] = []
    for character in text.reversed() {
      let width = width(of: character)
      if used + width > cells { break }
      used += width
      kept.append(character)
    }
    return String(kept.reversed())
  }

  /// Wraps the text to lines of at most this many cells, breaking at spaces where possible.
  package static func wrapped(_ text: String, to cells: Int) -> [String] {
    guard cells > 0 else { return [] }
    var lines: [String] = []
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var line = ""
      var used = 0
      for word in paragraph.split(separator: " ", omittingEmptySubsequences: false) {
        var word = Substring(word)
        var length = width(word)
        if used > 0 || !line.isEmpty {
          if used + 1 + length <= cells {
            line += " " + word
            used += 1 + length
            continue
          }
          lines.append(line)
          line = ""
        }
        while length > cells {
          let head = prefix(word, cells: cells)
          if head.isEmpty { break }
          lines.append(head)
          word = word.dropFirst(head.count)
          length = width(word)
        }
        line = String(word)
        used = length
      }
      lines.append(line)
    }
    return lines
  }
}
