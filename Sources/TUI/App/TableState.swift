/// Where the reader is in a table. The selection follows the object, not the place.
struct TableState: Equatable, Sendable {
  /// The place of the selection.
  var index = 0
  /// The selected object.
  var key: String?
  /// The first row that is shown.
  var offset = 0
  /// The column it is sorted by.
  var sort: Int
  var isAscending = true
  /// What rows must contain; `!` before it turns that round.
  var filter = ""

  /// Rows have changed: finds the selected object again, or stays near where it was.
  mutating func settle(count: Int, height: Int, keys: (Int) -> String) {
    guard count > 0 else {
      (index, offset) = (0, 0)
      return
    }
    index = max(0, min(index, count - 1))
    if let key, keys(index) != key, let found = (0..<count).first(where: { keys($0) == key }) { index = found }
    key = keys(index)
    keepVisible(count: count, height: height)
  }

  /// Scrolls so far that the selection is seen, and no further than the end.
  mutating func keepVisible(count: Int, height: Int) {
    let height = max(1, height)
    if index < offset { offset = index }
    if index >= offset + height { offset = index - height + 1 }
    offset = max(0, min(offset, count - height))
  }

  /// Selects another row.
  mutating func select(_ index: Int, count: Int, keys: (Int) -> String) {
    guard count > 0 else { return }
    self.index = max(0, min(index, count - 1))
    key = keys(self.index)
  }
}

/// What a filter lets through: all of its words, in any order, large or small; `!word` keeps out.
struct RowFilter: Sendable {
  private let wanted: [String]
  private let unwanted: [String]

  init(_ text: String) {
    let words = text.lowercased().split(separator: " ").map(String.init)
    wanted = words.filter { !$0.hasPrefix("!") }
    unwanted = words.filter { $0.hasPrefix("!") }.map { String($0.dropFirst()) }.filter { !$0.isEmpty }
  }

  var isEmpty: Bool { wanted.isEmpty && unwanted.isEmpty }

  func matches(_ text: String) -> Bool {
    if isEmpty { return true }
    let text = text.lowercased()
    return wanted.allSatisfy(text.contains) && !unwanted.contains(where: text.contains)
  }
}
