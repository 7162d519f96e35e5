/// Makes untrusted text safe to show. Names, logs, events and messages of other programs may contain control characters
/// that move the cursor, change the title or reverse the direction of text, and invisible characters that make one name
/// look like another.
package enum SafeText {
  /// The text on one line: a line break becomes a space, a tab four, and other control characters are removed together
  /// with the escape sequences they start.
  package static func line(_ text: some StringProtocol) -> String { clean(text, keepingLines: false, tab: 4) }

  /// The same, keeping line breaks.
  package static func lines(_ text: some StringProtocol) -> String { clean(text, keepingLines: true, tab: 4) }

  /// The text on one line with its colors: SGR sequences (`ESC [ … m`) are kept, everything else is treated as in
  /// `line`. For front ends that draw colors themselves.
  package static func colored(_ text: String) -> String {
    guard text.utf8.contains(0x1B) else { return line(text) }
    var result = ""
    var rest = Substring(text)
    while let begin = rest.utf8.firstIndex(of: 0x1B) {
      guard let end = endOfColor(rest.utf8[begin...]) else {
        // The next sequence may be a color; what comes before it belongs to this one.
        let after = rest.utf8.index(after: begin)
        let next = rest.utf8[after...].firstIndex(of: 0x1B) ?? rest.endIndex
        result += line(rest[..<next])
        rest = rest[next...]
        continue
      }
      result += line(rest[..<begin])
      result += rest[begin..<end]
      rest = rest[end...]
    }
    return result + line(rest)
  }

  /// Whether a text is plain ASCII, without escape sequences except SGR if colors are kept. Such text is shown
  /// unchanged, and checking is all it costs.
  package static func isHarmless(_ bytes: UnsafeBufferPointer<UInt8>, keepsColors: Bool) -> Bool {
    var at = 0
    while at < bytes.count {
      if bytes[at] >= 0x20, bytes[at] < 0x7F {
        at += 1
        continue
      }
      guard keepsColors, bytes[at] == 0x1B, at + 2 < bytes.count, bytes[at + 1] == UInt8(ascii: "[") else {
        return false
      }
      at += 2
      while at < bytes.count, (0x30...0x3B).contains(bytes[at]) { at += 1 }
      guard at < bytes.count, bytes[at] == UInt8(ascii: "m") else { return false }
      at += 1
    }
    return true
  }

  /// The end of the SGR sequence that starts here; nil if there is none.
  private static func endOfColor(_ bytes: Substring.UTF8View) -> String.Index? {
    var place = bytes.index(after: bytes.startIndex)
    guard place < bytes.endIndex, bytes[place] == UInt8(ascii: "[") else { return nil }
    place = bytes.index(after: place)
    while place < bytes.endIndex, (0x30...0x3B).contains(bytes[place]) { place = bytes.index(after: place) }
    guard place < bytes.endIndex, bytes[place] == UInt8(ascii: "m") else { return nil }
    return bytes.index(after: place)
  }

  private static func clean(_ text: some StringProtocol, keepingLines: Bool, tab: Int) -> String {
    // Most text is harmless, and checking is cheaper than copying.
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return String(text) }
    var result = String.UnicodeScalarView()
    var scalars = text.unicodeScalars.makeIterator()
    var next = scalars.next()
    while let scalar = next {
      next = scalars.next()
      switch scalar.value {
      case 0x0A: result.append(keepingLines ? "\n" : " ")
      case 0x09: result.append(contentsOf: String(repeating: " ", count: tab).unicodeScalars)
      case 0x0D: if next?.value != 0x0A { result.append(keepingLines ? "\n" : " ") }
      case 0x1B: next = afterSequence(next, &scalars)
      case 0x9B: next = afterControlSequence(next, &scalars)
      case 0x90, 0x98, 0x9D, 0x9E, 0x9F: next = afterString(next, &scalars)
      case 0x200D: if joins(result.last, next) { result.append(scalar) }
      case let value where isHidden(value): break
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  /// Invisible characters: control characters, and those that only affect the layout of other text or fill a cell with
  /// nothing.
  package static func isHidden(_ value: UInt32) -> Bool {
    switch value {
    case 0x20..<0x7F, 0xA0..<0xAD, 0xAE..<0x61C: false
    case 0..<0x20, 0x7F..<0xA0, 0xAD, 0x61C, 0x115F, 0x1160, 0x180E: true
    // Joiners, directional marks and overrides, separators, and characters that Unicode deprecates.
    case 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F: true
    case 0x3164, 0xFEFF, 0xFFA0, 0xFFF9...0xFFFB, 0xE0000...0xE007F: true
    default: false
    }
  }

  /// Whether a zero width joiner combines two pictographs.
  private static func joins(_ before: Unicode.Scalar?, _ after: Unicode.Scalar?) -> Bool {
    guard let before, let after, after.value > 0xFF, after.properties.isEmoji else { return false }
    return before.value == 0xFE0F || before.value > 0xFF && before.properties.isEmoji
  }

  /// The first scalar after an escape sequence that starts with ESC and `first`.
  private static func afterSequence<I: IteratorProtocol<Unicode.Scalar>>(
    _ first: Unicode.Scalar?, _ scalars: inout I
  ) -> Unicode.Scalar? {
    switch first?.value {
    case 0x5B: return afterControlSequence(scalars.next(), &scalars)
    case 0x50, 0x58, 0x5D, 0x5E, 0x5F: return afterString(scalars.next(), &scalars)
    case .some(0x20...0x2F):
      var next = scalars.next()
      while let scalar = next, (0x20...0x2F).contains(scalar.value) { next = scalars.next() }
      return next.map { (0x30...0x7E).contains($0.value) } == true ? scalars.next() : next
    case .some(0x30...0x7E): return scalars.next()
    default: return first
    }
  }

  /// CSI: parameters, then a final byte.
  private static func afterControlSequence<I: IteratorProtocol<Unicode.Scalar>>(
    _ first: Unicode.Scalar?, _ scalars: inout I
  ) -> Unicode.Scalar? {
    var next = first
    while let scalar = next, (0x20...0x3F).contains(scalar.value) { next = scalars.next() }
    return next.map { (0x40...0x7E).contains($0.value) } == true ? scalars.next() : next
  }

  /// OSC and similar: up to BEL or ST. An unterminated one is dropped up to the end of its line, so that it cannot
  /// swallow what follows.
  private static func afterString<I: IteratorProtocol<Unicode.Scalar>>(
    _ first: Unicode.Scalar?, _ scalars: inout I
  ) -> Unicode.Scalar? {
    var next = first
    while let scalar = next {
      switch scalar.value {
      case 0x07, 0x9C: return scalars.next()
      case 0x0A, 0x0D: return scalar
      case 0x1B:
        next = scalars.next()
        if next?.value == 0x5C { return scalars.next() }
      default: next = scalars.next()
      }
    }
    return nil
  }
}
