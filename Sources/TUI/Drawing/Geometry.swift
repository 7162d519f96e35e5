/// The size of the terminal in cells.
public struct Size: Sendable, Equatable {
  /// Cells in a row.
  public var columns: Int
  /// Rows.
  public var rows: Int

  /// Makes a size; nothing is smaller than one cell.
  public init(columns: Int, rows: Int) {
    self.columns = max(1, min(columns, 2000))
    self.rows = max(1, min(rows, 1000))
  }
}

/// A part of the screen.
struct Rect: Sendable, Equatable {
  var x: Int
  var y: Int
  var width: Int
  var height: Int

  init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = max(0, width)
    self.height = max(0, height)
  }

  var right: Int { x + width }
  var bottom: Int { y + height }
  var isEmpty: Bool { width == 0 || height == 0 }

  func contains(x: Int, y: Int) -> Bool { x >= self.x && x < right && y >= self.y && y < bottom }

  /// The same without so much at its edges.
  func inset(left: Int = 0, top: Int = 0, right: Int = 0, bottom: Int = 0) -> Rect {
    Rect(x: x + left, y: y + top, width: width - left - right, height: height - top - bottom)
  }

  /// Its first rows and the rest.
  func split(top rows: Int) -> (Rect, Rect) {
    let rows = max(0, min(rows, height))
    return (
      Rect(x: x, y: y, width: width, height: rows), Rect(x: x, y: y + rows, width: width, height: height - rows)
    )
  }

  /// Its first columns and the rest.
  func split(left columns: Int) -> (Rect, Rect) {
    let columns = max(0, min(columns, width))
    return (
      Rect(x: x, y: y, width: columns, height: height),
      Rect(x: x + columns, y: y, width: width - columns, height: height)
    )
  }
}
