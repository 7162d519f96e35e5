import Basics
import Tools

/// One line of text that is typed.
package struct TextField: Sendable, Equatable {
  package private(set) var characters: [Character] = []
  /// How many characters stand before the cursor.
  package private(set) var cursor = 0
  /// Whether all of it is selected, so that what is typed takes its place.
  package private(set) var isSelected = false
  /// The most characters that can be typed. More than any name, path or token has, and little enough to be looked
  /// through with each key.
  package static let limit = 4096

  package init(_ text: String = "", isSelected: Bool = false) {
    set(text)
    self.isSelected = isSelected && !characters.isEmpty
  }

  package var text: String { String(characters) }

  /// Puts a text in place of what there was. What is set is not cut: it was not typed, and what is saved must not lose
  /// its end by being looked at.
  package mutating func set(_ text: String) {
    characters = Array(text)
    cursor = characters.count
    isSelected = false
  }

  /// Puts in text that was typed or pasted; line ends and control characters do not belong in a field.
  ///
  /// - Returns: false when there is no room for all of it; nothing is put in then.
  @discardableResult
  package mutating func insert(_ text: String) -> Bool {
    // No character is made of so many bytes that this refuses what would fit.
    guard text.utf8.count <= Self.limit * 64 else { return false }
    let new = Array(SafeText.line(text).filter { !$0.isNewline })
    guard (isSelected ? 0 : characters.count) + new.count <= Self.limit || new.isEmpty else { return false }
    if isSelected, !new.isEmpty { set("") }
    characters.insert(contentsOf: new, at: cursor)
    cursor += new.count
    return true
  }

  /// Handles a key that edits.
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

  /// What a key does to a text that is selected: one that deletes takes all of it, one that moves only ends the selection.
  ///
  /// - Returns: false for a key that does to it what it does to any text.
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
    // On a separator itself at least that goes.
    return at == cursor && at > 0 ? at - 1 : at
  }

  /// What of it is seen in so many cells, and where the cursor stands in that.
  package func window(_ cells: Int, masked: Bool) -> (text: String, cursor: Int) {
    func shown(_ index: Int) -> Character { masked ? "•" : characters[index] }
    // Back from the cursor as far as there is room, so that the cost does not depend on what is not seen.
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
