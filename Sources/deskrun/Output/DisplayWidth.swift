import TerminalKit

/// The width of text on a terminal.
enum DisplayWidth {
  /// The width of a text without control characters.
  package static func of(_ text: some StringProtocol) -> Int {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text.utf8.count }
    return text.reduce(into: 0) { $0 += of($1) }
  }

  /// The width of a character as a reader sees it: two for wide ones, zero for one that only joins or marks.
  package static func of(_ character: Character) -> Int {
    var width = 0
    var emojiStyle = false
    for scalar in character.unicodeScalars {
      if scalar.value == 0xFE0F { emojiStyle = true }
      // The two letters of a flag are side by side; other scalars of a character share one place.
      let isFlagLetter = (0x1F1E6...0x1F1FF).contains(scalar.value)
      width = isFlagLetter ? width + 1 : max(width, ScalarWidth.of(scalar))
    }
    return emojiStyle && width == 1 ? 2 : width
  }

  /// The text truncated to this many cells, with an ellipsis if it was.
  package static func cut(_ text: String, to cells: Int, ellipsis: String) -> String {
    if of(text) <= cells { return text }
    let room = cells - of(ellipsis)
    guard room >= 0 else { return "" }
    var kept = ""
    var used = 0
    for character in text {
      let width = of(character)
      if used + width > room { break }
      kept.append(character)
      used += width
    }
    return kept + ellipsis
  }
}
