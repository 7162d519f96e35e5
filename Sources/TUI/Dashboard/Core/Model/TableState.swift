/// The reader's position in a table. The selection follows the object, not the row.
package struct TableState: Equatable, Sendable {
  /// The row of the selection.
  package var index = 0
  /// The selected object.
  package var key: String?
  /// Identifies what is selected where `index` is the selection, to find it again.
  package var item: String?
  /// Whether the reader selected it; otherwise it just happened to be the first.
  package var isChosen = false
  /// The first visible row.
  package var offset = 0
  /// The sort column.
  package var sort = 0
  package var isAscending = true
  /// What rows must contain; a leading `!` inverts it.
  package var filter = ""
  /// The number of rows, and the version of the data they come from.
  package internal(set) var count = 0
  var version: String?

  package init() {}

  /// Updates the selection after rows have changed: finds the selected object again, or stays near its row.
  ///
  /// - Parameter isInSight: whether to scroll to the selection: one that nobody chose should not scroll the first rows,
  ///   the most important ones, out of view.
  package mutating func settle(count: Int, height: Int, isInSight: Bool = true, keys: (Int) -> String) {
    guard count > 0 else {
      (index, offset) = (0, 0)
      return
    }
    index = max(0, min(index, count - 1))
    if let key, let found = place(of: key, count: count, keys: keys) { index = found }
    key = keys(index)
    if isInSight {
      keepVisible(count: count, height: height)
    } else {
      offset = 0
    }
  }

  /// The new row of an object, searched from its old one: it has rarely moved far.
  private func place(of key: String, count: Int, keys: (Int) -> String) -> Int? {
    for distance in 0..<count {
      let (below, above) = (index + distance, index - distance)
      if below < count, keys(below) == key { return below }
      if above >= 0, distance > 0, keys(above) == key { return above }
      if below >= count, above < 0 { return nil }
    }
    return nil
  }

  /// Scrolls as far as necessary to show the selection, but not beyond the end.
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
    isChosen = true
  }
}
