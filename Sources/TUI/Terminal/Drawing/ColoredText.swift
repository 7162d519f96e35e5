/// Splits text with SGR colors, as written by build tools, into spans. The text must be sanitized: the only escape
/// sequences in it are SGR.
package enum ColoredText {
  /// The spans of a line, which is drawn in the base style unless it says otherwise.
  package static func spans(_ text: String, base: Style, usesColor: Bool) -> [Span] {
    guard text.utf8.contains(0x1B) else { return [Span(text, base)] }
    var spans: [Span] = []
    var style = base
    var rest = text.utf8[...]
    while let escape = rest.firstIndex(of: 0x1B) {
      if escape > rest.startIndex { spans.append(Span(String(Substring(rest[..<escape])), style)) }
      let after = rest.index(after: escape)
      guard after < rest.endIndex, rest[after] == UInt8(ascii: "["), let end = rest[after...].firstIndex(of: 0x6D)
      else {
        rest = rest[after...]
        continue
      }
      let parameters = Substring(rest[rest.index(after: after)..<end])
      apply(parameters, to: &style, base: base, usesColor: usesColor)
      rest = rest[rest.index(after: end)...]
    }
    if !rest.isEmpty { spans.append(Span(String(Substring(rest)), style)) }
    return spans
  }

  /// The text without colors.
  package static func plain(_ text: String) -> String {
    guard text.utf8.contains(0x1B) else { return text }
    return spans(text, base: .plain, usesColor: false).map(\.text).joined()
  }

  private static func apply(_ parameters: Substring, to style: inout Style, base: Style, usesColor: Bool) {
    let codes = parameters.split(omittingEmptySubsequences: false) { $0 == ";" || $0 == ":" }.map { Int($0) ?? 0 }
    var at = 0
    while at < codes.count {
      switch codes[at] {
      case 0: style = base
      case 1: style.attributes.insert(.bold)
      case 2: style.attributes.insert(.dim)
      case 3: style.attributes.insert(.italic)
      case 4: style.attributes.insert(.underline)
      case 7: style.attributes.insert(.reverse)
      case 22: style.attributes.subtract([.bold, .dim])
      case 23: style.attributes.remove(.italic)
      case 24: style.attributes.remove(.underline)
      case 27: style.attributes.remove(.reverse)
      case 39: style.foreground = base.foreground
      case 49: style.background = base.background
      case 38, 48:
        let isForeground = codes[at] == 38
        guard let (color, used) = extended(codes[(at + 1)...]) else { return }
        at += used
        guard usesColor else { break }
        if isForeground { style.foreground = color } else { style.background = color }
      case let code where usesColor:
        switch code {
        case 30...37: style.foreground = Color(UInt8(code - 30))
        case 40...47: style.background = Color(UInt8(code - 40))
        case 90...97: style.foreground = Color(UInt8(code - 82))
        case 100...107: style.background = Color(UInt8(code - 92))
        default: break
        }
      default: break
      }
      at += 1
    }
  }

  private static func extended(_ codes: ArraySlice<Int>) -> (Color, Int)? {
    let values = codes.map { UInt8(clamping: $0) }
    switch values.first {
    case 5 where values.count >= 2: return (Color(values[1]), 2)
    case 2 where values.count >= 4: return (Color(red: values[1], green: values[2], blue: values[3]), 4)
    default: return nil
    }
  }
}
