import Basics
import Tools

/// A line of text to edit.
package struct TextField: Sendable, Equatable {
  package private(set) var characters: [Character] = []
  /// The number of characters before the cursor.
  package private(set) var cursor = 0
  /// Whether the whole text is selected, so that typing replaces it.
  package private(set) var isSelected = false
  /// Maximum number of characters. More than any name, path or token has, and small enough to process with each key.
  package static let limit = 4096

  package init(_ text: String = "", isSelected: Bool = false) {
    set(text)
    self.isSelected = isSelected && !characters.isEmpty
  }

  package var text: String { String(characters) }

  /// Replaces the text. It is not truncated: it was not typed, and a saved value must not lose its end by being
  /// displayed.
  package mutating func set(_ text: String) {
    characters = Array(text)
    cursor = characters.count
    isSelected = false
  }

  /// Inserts typed or pasted text, without line ends and control characters.
  ///
  /// - Returns: false if it does not fit; then nothing is inserted.
  @discardableResult
  package mutating func insert(_ text: String) -> Bool {
    // No character has enough bytes for this to reject what would fit.
    guard text.utf8.count <= Self.limit * 64 else { return false }
    let new = Array(SafeText.line(text).filter { !$0.isNewline })
    guard (isSelected ? 0 : characters.count) + new.count <= Self.limit || new.isEmpty else { return false }
    if isSelected, !new.isEmpty { set("") }
    characters.insert(contentsOf: new, at: cursor)
    cursor += new.count
    return true
  }

  /// Handles an editing key.
  ///
  /// - Returns: whether it was one.
  package mutating func handle(_ key: Key) -> Bool {
    if isSelected, handleSelected(key) { return true }
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

  /// Handles a key while the text is selected: deletion deletes all of it, movement ends the selection.
  ///
  /// - Returns: false for a key that has its usual effect.
  private mutating func handleSelected(_ key: Key) -> Bool {
    switch key {
    case .backspace, .delete, .control("h"), .control("d"), .control("w"), .control("k"), .alt("\u{7F}"): set("")
    case .left, .control("b"): (cursor, isSelected) = (0, false)
    case .right, .control("f"): isSelected = false
    case .home, .end, .control("a"), .control("e"), .alt("b"), .alt("f"):
      isSelected = false
      return false
    default: return false
    }
    return true
  }

  private var wordStart: Int {
    var at = cursor
    while at > 0, characters[at - 1] == " " { at -= 1 }
    while at > 0, !" /,:=".contains(characters[at - 1]) { at -= 1 }
    // On a separator, at least that is deleted.
    return at == cursor && at > 0 ? at - 1 : at
  }

  /// The part of the text that is visible in this many cells, and the position of the cursor in it.
  package func window(_ cells: Int, masked: Bool) -> (text: String, cursor: Int) {
    func shown(_ index: Int) -> Character { masked ? "•" : characters[index] }
    // Goes back from the cursor as far as there is room, so that the cost does not depend on hidden text.
    var start = cursor
    var before = 0
    while start > 0 {
      let width = CellText.width(of: shown(start - 1))
      if before + width >= max(1, cells) { break }
      before += width
      start -= 1
    }
    let end = min(characters.count, start + max(0, cells) * 4)
    return (CellText.prefix(String((start..<end).map(shown)), cells: cells), before)
  }
}
