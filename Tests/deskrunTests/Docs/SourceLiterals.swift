/// Finds the string literals of a Swift source, for checking their words.
struct SourceLiterals {
  struct Literal {
    /// The first line, starting from 1.
    var line: Int
    /// The text, with `{}` for interpolations.
    var text: String
  }

  private let bytes: [UInt8]
  private var at = 0
  private var line = 1
  private var found: [Literal] = []

  static func of(_ source: String) -> [Literal] {
    var reader = SourceLiterals(bytes: Array(source.utf8))
    reader.readCode(untilParenthesis: false)
    return reader.found
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private func comes(_ text: StaticString) -> Bool {
    let start = text.utf8Start
    // Called for each byte of all sources.
    guard at < bytes.count, bytes[at] == start.pointee else { return false }
    let count = text.utf8CodeUnitCount
    guard bytes.count - at >= count else { return false }
    for place in 1..<max(count, 1) where bytes[at + place] != start[place] { return false }
    return true
  }

  private mutating func advance(_ count: Int = 1) {
    for _ in 0..<count where at < bytes.count {
      if bytes[at] == UInt8(ascii: "\n") { line += 1 }
      at += 1
    }
  }

  private mutating func skip(past end: StaticString) {
    while at < bytes.count, !comes(end) { advance() }
    advance(end.utf8CodeUnitCount)
  }

  /// Reads code to its end, or to the closing parenthesis of an interpolation.
  private mutating func readCode(untilParenthesis: Bool) {
    var depth = 0
    while at < bytes.count {
      if comes("//") {
        while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { advance() }
      } else if comes("/*") {
        skip(past: "*/")
      } else if comes("#\"") {
        readRaw()
      } else if bytes[at] == UInt8(ascii: "\"") {
        readLiteral()
      } else {
        if bytes[at] == UInt8(ascii: "(") { depth += 1 }
        if bytes[at] == UInt8(ascii: ")") {
          if untilParenthesis, depth == 0 { return advance() }
          depth -= 1
        }
        advance()
      }
    }
  }

  /// Reads `#"…"#`, in which a backslash is a normal character.
  private mutating func readRaw() {
    let isLong = comes("#\"\"\"")
    let start = line
    advance(isLong ? 4 : 2)
    let first = at
    while at < bytes.count, !(isLong ? comes("\"\"\"#") : comes("\"#")) { advance() }
    found.append(Literal(line: start, text: String(decoding: bytes[first..<at], as: UTF8.self)))
    advance(isLong ? 4 : 2)
  }

  private mutating func readLiteral() {
    let isLong = comes("\"\"\"")
    let start = line
    var text: [UInt8] = []
    advance(isLong ? 3 : 1)
    while at < bytes.count, !(isLong ? comes("\"\"\"") : bytes[at] == UInt8(ascii: "\"")) {
      if comes("\\(") {
        advance(2)
        readCode(untilParenthesis: true)
        text += Array("{}".utf8)
      } else if bytes[at] == UInt8(ascii: "\\") {
        // An escaped character is not part of a word; an escaped line end joins two lines.
        advance(2)
        text.append(UInt8(ascii: " "))
      } else {
        text.append(bytes[at])
        advance()
      }
    }
    advance(isLong ? 3 : 1)
    found.append(Literal(line: start, text: String(decoding: text, as: UTF8.self)))
  }
}
