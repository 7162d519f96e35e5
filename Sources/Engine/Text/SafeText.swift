/// Makes text from outside fit to be shown. Names, logs, events and messages of other programs are not to be trusted:
/// a control character in them could move the cursor, change the title, or answer a question for the user.
public enum SafeText {
  /// One line without control characters and escape sequences; tabs become spaces, and characters that turn the
  /// direction of the text around or break lines are replaced.
  public static func line(_ text: String) -> String {
    // Most text is harmless, and looking is cheaper than copying.
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
    var result = String.UnicodeScalarView()
    var scalars = text.unicodeScalars.makeIterator()
    var pending = scalars.next()
    var column = 0
    while let scalar = pending {
      pending = scalars.next()
      switch scalar.value {
      case 0x1B: skipSequence(&pending, &scalars)
      case 0x9B: skipControlSequence(&pending, &scalars)
      case 0x09:
        repeat {
          result.append(" ")
          column += 1
        } while column % 8 != 0
      case 0..<0x20, 0x7F..<0xA0: break
      // Marks, embeddings and overrides of direction, isolates, line and paragraph separators, and the byte order mark.
      case 0x200E, 0x200F, 0x061C, 0x202A...0x202E, 0x2066...0x2069, 0x2028, 0x2029, 0xFEFF: result.append("\u{FFFD}")
      default:
        result.append(scalar)
        column += 1
      }
    }
    return String(result)
  }

  /// Several lines, each made safe.
  public static func lines(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line(String($0)) }
  }

  /// After ESC: a control sequence, a string that ends in BEL or ST, or one more character.
  private static func skipSequence(_ pending: inout Unicode.Scalar?, _ rest: inout String.UnicodeScalarView.Iterator) {
    guard let next = pending else { return }
    switch next {
    case "[":
      pending = rest.next()
      skipControlSequence(&pending, &rest)
    case "]", "P", "X", "^", "_":
      var before: Unicode.Scalar = next
      while let scalar = rest.next() {
        if scalar.value == 0x07 || scalar.value == 0x9C || (before.value == 0x1B && scalar == "\\") { break }
        before = scalar
      }
      pending = rest.next()
    case "(", ")", "*", "+", "#", "%", " ":
      _ = rest.next()
      pending = rest.next()
    default: pending = rest.next()
    }
  }

  /// Parameters up to and with the final byte.
  private static func skipControlSequence(
    _ pending: inout Unicode.Scalar?, _ rest: inout String.UnicodeScalarView.Iterator
  ) {
    while let scalar = pending {
      guard (0x20...0x3F).contains(scalar.value) else {
        if (0x40...0x7E).contains(scalar.value) { pending = rest.next() }
        return
      }
      pending = rest.next()
    }
  }
}
