import Engine

/// One line of text that is typed.
struct TextField: Sendable, Equatable {
  private(set) var characters: [Character] = []
  /// How many characters stand before the cursor.
  private(set) var cursor = 0
  static let limit = 10_000

  init(_ text: String = "") { set(text) }

  var text: String { String(characters) }

  mutating func set(_ text: String) {
    characters = Array(text.prefix(Self.limit))
    cursor = characters.count
  }

  /// Puts in text that was typed or pasted; line ends and control characters do not belong into a field.
  mutating func insert(_ text: String) {
    let clean = SafeText.line(text).filter { !$0.isNewline }
    let room = Self.limit - characters.count
    let new = Array(clean.prefix(max(0, room)))
    characters.insert(contentsOf: new, at: cursor)
    cursor += new.count
  }

  /// Handles a key that edits.
  ///
  /// - Returns: whether it was one.
  mutating func handle(_ key: Key) -> Bool {
    switch key {
    case .character(let character): insert(String(character))
    case .left, .control("b"): cursor = max(0, cursor - 1)
    case .right, .control("f"): cursor = min(characters.count, cursor + 1)
    case .home, .control("a"): cursor = 0
    case .end, .control("e"): cursor = characters.count
    case .backspace, .control("h"):
      guard cursor > 0 else { return true }
      cursor -= 1
      characters.remove(at: cursor)
    case .delete, .control("d"):
      if cursor < characters.count { characters.remove(at: cursor) }
    case .control("u"): set("")
    case .control("k"): characters.removeSubrange(cursor...)
    case .control("w"), .alt("\u{7F}"):
      let start = wordStart
      characters.removeSubrange(start..<cursor)
      cursor = start
    case .alt("b"): cursor = wordStart
    case .alt("f"):
      while cursor < characters.count, characters[cursor] == " " { cursor += 1 }
      while cursor < characters.count, characters[cursor] != " " { cursor += 1 }
    default: return false
    }
    return true
  }

  private var wordStart: Int {
    var at = cursor
    while at > 0, characters[at - 1] == " " { at -= 1 }
    while at > 0, !" /,:=".contains(characters[at - 1]) { at -= 1 }
    // On a separator itself at least that goes.
    return at == cursor && at > 0 ? at - 1 : at
  }

  /// What of it is seen in so many cells, and where the cursor stands in that.
  func window(_ cells: Int, masked: Bool) -> (text: String, cursor: Int) {
    let shown = masked ? Array(repeating: Character("•"), count: characters.count) : characters
    var start = 0
    func width(_ range: Range<Int>) -> Int { shown[range].reduce(0) { $0 + CellText.width(of: $1) } }
    while start < cursor, width(start..<cursor) >= max(1, cells) { start += 1 }
    return (CellText.prefix(String(shown[start...]), cells: cells), width(start..<cursor))
  }
}

extension Mount {
  /// As it is written on the command line.
  var text: String { "\(source):\(target):\(kind.rawValue)" }
}
