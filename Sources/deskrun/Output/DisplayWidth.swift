/// How many cells text takes on a terminal.
enum DisplayWidth {
  /// The cells of a text without control characters.
  static func of(_ text: some StringProtocol) -> Int {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text.utf8.count }
    return text.reduce(into: 0) { $0 += of($1) }
  }

  /// The cells of one character as a reader sees it: two for wide ones, none for one that only joins or marks.
  static func of(_ character: Character) -> Int {
    var width = 0
    var emojiStyle = false
    for scalar in character.unicodeScalars {
      if scalar.value == 0xFE0F { emojiStyle = true }
      width = max(width, of(scalar))
    }
    return emojiStyle && width == 1 ? 2 : width
  }

  private static func of(_ scalar: Unicode.Scalar) -> Int {
    if scalar.value < 0x7F { return scalar.value < 0x20 ? 0 : 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .control, .format: return scalar.value == 0xAD ? 1 : 0
    default: break
    }
    if scalar.properties.isEmojiPresentation { return 2 }
    return wide.contains { $0.contains(scalar.value) } ? 2 : 1
  }

  /// East Asian Width "W" and "F" of Unicode, whole blocks where everything assigned in them is wide.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0xA4CF,
    0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6B, 0xFF01...0xFF60,
    0xFFE0...0xFFE6, 0x16FE0...0x18CD5, 0x1B000...0x1B2FB, 0x1F200...0x1F265, 0x20000...0x2FFFD, 0x30000...0x3FFFD,
  ]

  /// The text cut to so many cells, with a sign at its end when something was cut.
  static func cut(_ text: String, to cells: Int, ellipsis: String) -> String {
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
