/// Where the reader is in a table. The selection follows the object, not the place.
package struct TableState: Equatable, Sendable {
  /// The place of the selection.
  package var index = 0
  /// The selected object.
  package var key: String?
  /// The first row that is shown.
  package var offset = 0
  /// The column it is sorted by.
  package var sort: Int
  package var isAscending = true
  /// What rows must contain; `!` before it turns that round.
  package var filter = ""

  /// Rows have changed: finds the selected object again, or stays near where it was.
  mutating func settle(count: Int, height: Int, keys: (Int) -> String) {
    guard count > 0 else {
      (index, offset) = (0, 0)
      return
    }
    index = max(0, min(index, count - 1))
    if let key, let found = place(of: key, count: count, keys: keys) { index = found }
    key = keys(index)
    keepVisible(count: count, height: height)
  }

  /// Where an object is now, looked for from where it was: it is mostly there or near.
  private func place(of key: String, count: Int, keys: (Int) -> String) -> Int? {
    for distance in 0..<count {
      let (below, above) = (index + distance, index - distance)
      if below < count, keys(below) == key { return below }
      if above >= 0, distance > 0, keys(above) == key { return above }
      if below >= count, above < 0 { return nil }
    }
    return nil
  }

  /// Scrolls so far that the selection is seen, and no further than the end.
  mutating func keepVisible(count: Int, height: Int) {
    let height = max(1, height)
    if index < offset { offset = index }
    if index >= offset + height { offset = index - height + 1 }
    offset = max(0, min(offset, count - height))
  }

  /// Selects another row.
  package mutating func select(_ index: Int, count: Int, keys: (Int) -> String) {
    guard count > 0 else { return }
    self.index = max(0, min(index, count - 1))
    key = keys(self.index)
  }
}

/// What a filter lets through: all of its words, in any order, large or small; `!word` keeps out.
struct RowFilter: Sendable {
  private let wanted: [Needle]
  private let unwanted: [Needle]

  package init(_ text: String) {
    let words = text.lowercased().split(separator: " ").map(String.init)
    wanted = words.filter { !$0.hasPrefix("!") }.map(Needle.init)
    unwanted = words.filter { $0.hasPrefix("!") && $0.count > 1 }.map { Needle(String($0.dropFirst())) }
  }

  package var isEmpty: Bool { wanted.isEmpty && unwanted.isEmpty }

  package func matches(_ text: String) -> Bool { matches(CollectionOfOne(text)) }

  /// Whether each word is in one of the texts.
  package func matches(_ texts: some Collection<String>) -> Bool {
    wanted.allSatisfy { word in texts.contains { word.isIn($0) } }
      && !unwanted.contains { word in texts.contains { word.isIn($0) } }
  }
}

/// A word that is looked for, large or small. Thousands of texts are looked through at each key, so plain text is
/// compared byte by byte.
struct Needle: Sendable {
  private let text: String
  private let bytes: [UInt8]
  private let isPlain: Bool

  /// - Parameter text: in small letters.
  package init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
    isPlain = bytes.allSatisfy { $0 < 0x80 }
  }

  func isIn(_ text: String) -> Bool {
    guard isPlain else { return text.lowercased().contains(self.text) }
    var text = text
    return text.withUTF8 { found(in: $0) }
  }

  private func found(in text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = bytes.first else { return true }
    guard text.count >= bytes.count else { return false }
    for start in 0...(text.count - bytes.count) where Self.small(text[start]) == first {
      if (1..<bytes.count).allSatisfy({ Self.small(text[start + $0]) == bytes[$0] }) { return true }
    }
    return false
  }

  private static func small(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }
}
