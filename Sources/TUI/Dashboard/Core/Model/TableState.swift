/// Where the reader is in a table. The selection follows the object, not the place.
package struct TableState: Equatable, Sendable {
  /// The place of the selection.
  package var index = 0
  /// The selected object.
  package var key: String?
  /// Whether the reader selected it, or it is only what happened to be first.
  package var isChosen = false
  /// The first row that is shown.
  package var offset = 0
  /// The column it is sorted by.
  package var sort = 0
  package var isAscending = true
  /// What rows must contain; `!` before it turns that round.
  package var filter = ""
  /// How many rows there are, and what they were chosen from.
  package internal(set) var count = 0
  var version: String?

  package init() {}

  /// Rows have changed: finds the selected object again, or stays near where it was.
  ///
  /// - Parameter isInSight: whether the selection is kept in sight: what nobody selected is not worth that the first rows,
  ///   which are the ones that matter, are out of it.
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
    isChosen = true
  }
}
