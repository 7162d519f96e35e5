/// A progress value as a row of cells.
package enum Meter {
  package static func text(filled: Int, of cells: Int, usesUnicode: Bool) -> String {
    let filled = max(0, min(filled, cells))
    return String(repeating: usesUnicode ? "█" : "#", count: filled)
      + String(repeating: usesUnicode ? "░" : "-", count: cells - filled)
  }
}
