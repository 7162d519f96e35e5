/// The size of the terminal in cells.
package struct Size: Sendable, Equatable {
  /// Number of columns.
  package var columns: Int
  /// Number of rows.
  package var rows: Int

  /// Creates a size of at least one cell.
  package init(columns: Int, rows: Int) {
    self.columns = max(1, min(columns, 2000))
    self.rows = max(1, min(rows, 1000))
  }
}

/// An area of the screen.
package struct Rect: Sendable, Equatable {
  package var x: Int
  package var y: Int
  package var width: Int
  package var height: Int

  package init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = max(0, width)
    self.height = max(0, height)
  }

  package var right: Int { x + width }
  package var bottom: Int { y + height }
  package var isEmpty: Bool { width == 0 || height == 0 }

  package func contains(x: Int, y: Int) -> Bool { x >= self.x && x < right && y >= self.y && y < bottom }

  /// The area without these margins.
  package func inset(left: Int = 0, top: Int = 0, right: Int = 0, bottom: Int = 0) -> Rect {
    Rect(x: x + left, y: y + top, width: width - left - right, height: height - top - bottom)
  }

  /// Its first rows and the rest.
  package func split(top rows: Int) -> (Rect, Rect) {
    let rows = max(0, min(rows, height))
    return (
      Rect(x: x, y: y, width: width, height: rows), Rect(x: x, y: y + rows, width: width, height: height - rows)
    )
  }

  /// Its first columns and the rest.
  package func split(left columns: Int) -> (Rect, Rect) {
    let columns = max(0, min(columns, width))
    return (
      Rect(x: x, y: y, width: columns, height: height),
      Rect(x: x + columns, y: y, width: width - columns, height: height)
    )
  }
}
