import TerminalKit

/// A pane with rows, one of which is selected. It selects and sorts the rows, which are stored in the model under the
/// pane's id, so that a new table needs no property there.
package protocol TablePane: Pane {
  associatedtype Row: Sendable
  /// The name under which its sort order is remembered; nil if it is not.
  var rememberedAs: String? { get }
  /// The number of rows of its rectangle that are not table rows.
  ///
  /// - Parameter height: the height of the rectangle.
  func reservedHeight(of height: Int) -> Int
  /// The filtered and sorted rows.
  func chooseRows(_ model: Model) -> [Row]
  /// A version of what the rows depend on, if selecting them is expensive; nil selects them again whenever something
  /// may have changed.
  func version(_ model: Model) -> String?
  /// The identity of a row's object, which the selection follows.
  func key(_ row: Row, _ model: Model) -> String
  /// Called when another row was selected.
  func selected(_ model: inout Model)
}

extension TablePane {
  package var rememberedAs: String? { nil }
  package func reservedHeight(of height: Int) -> Int { 0 }
  package func version(_ model: Model) -> String? { nil }
  package func selected(_ model: inout Model) {}

  package func move(by rows: Int, _ model: inout Model) { select(model[table: id].index + rows, &model) }

  package func isSelected(_ index: Int, _ model: Model) -> Bool { model[table: id].index == index }

  package func select(_ index: Int, _ model: inout Model) {
    let rows = model.rows(of: Self.self)
    var table = model[table: id]
    table.select(index, count: rows.count) { key(rows[$0], model) }
    model[table: id] = table
    selected(&model)
  }

  package func filter(_ model: Model) -> String? { model[table: id].filter }

  package func setFilter(_ text: String, _ model: inout Model) {
    model[table: id].filter = text
    model.refreshRows()
  }

  package func narrowing(_ model: Model) -> String? { model[table: id].filter.isEmpty ? nil : "clear filter" }

  package func leave(_ model: inout Model) -> Bool {
    guard !model[table: id].filter.isEmpty else { return false }
    model[table: id].filter = ""
    return true
  }

  package func refresh(_ model: inout Model) { refreshRows(&model) }

  /// Selects the rows again if what they depend on has changed.
  package func refreshRows(_ model: inout Model) {
    let version = version(model)
    if let version, version == model[table: id].version { return }
    let rows = chooseRows(model)
    model.rows[id] = rows
    model[table: id].count = rows.count
    model[table: id].version = version
  }

  package func settle(_ model: inout Model) { settleRows(&model) }

  /// Selects the rows again if necessary, and moves the selection into the valid range.
  package func settleRows(_ model: inout Model) {
    if version(model) != nil { refresh(&model) }
    let rows = model.rows(of: Self.self)
    var table = model[table: id]
    let height = model.layout.height(of: model.panes.place(of: id))
    let isInSight = table.isChosen || model.focusedPane.id == id
    table.settle(count: rows.count, height: height - reservedHeight(of: height), isInSight: isInSight) {
      key(rows[$0], model)
    }
    model[table: id] = table
  }

  /// Draws the visible rows, with the selected one highlighted.
  package func drawRows(
    _ painter: inout Painter, _ rect: Rect, _ model: Model, _ draw: (inout Painter, Row, Rect) -> Void
  ) {
    let (rows, table) = (model.rows(of: Self.self), model[table: id])
    for line in 0..<max(0, rect.height) {
      let index = table.offset + line
      guard rows.indices.contains(index) else { break }
      let row = Rect(x: rect.x, y: rect.y + line, width: rect.width, height: 1)
      draw(&painter, rows[index], row)
      painter.hit(row, .row(id, index))
      guard index == table.index else { continue }
      painter.put(painter.glyphs.bar, .accent, x: row.x, y: row.y, width: 1)
      painter.select(
        Rect(x: row.x + 1, y: row.y, width: row.width - 1, height: 1), focused: model.focusedPane.id == id)
    }
  }
}

extension Model {
  /// The selection and scroll position in a table.
  package subscript(table id: PaneID) -> TableState {
    get { tables[id] ?? TableState() }
    set { tables[id] = newValue }
  }

  /// The rows of a table, as last selected.
  package func rows<Table: TablePane>(of table: Table.Type) -> [Table.Row] { rows[Table.id] as? [Table.Row] ?? [] }

  /// The sort order of a table, for the end of its title.
  package func orderText(of pane: some TablePane) -> String {
    let table = self[table: pane.id]
    let column = pane.columns.indices.contains(table.sort) ? pane.columns[table.sort] : ""
    return "\(column.lowercased()) \(table.isAscending ? settings.glyphs.ascending : settings.glyphs.descending)"
  }

  /// The number of rows and the filters, for the end of the row of tabs.
  ///
  /// - Parameter failed: the text while only failures are shown.
  package func countText(of pane: PaneID, whenFailed failed: String) -> String {
    let table = self[table: pane]
    return "\(scopeText) · \(placeText(of: pane))" + (showsOnlyFailed ? " · \(failed)" : "")
      + (table.filter.isEmpty ? "" : " /\(table.filter)")
  }

  /// The number of rows of a table, with the index of the selected row if not all are visible: `29`, `3 of 29`.
  package func placeText(of pane: PaneID) -> String {
    let table = self[table: pane]
    let height = layout.height(of: panes.place(of: pane))
    let shown = height - ((panes[pane] as? any TablePane)?.reservedHeight(of: height) ?? 0)
    return table.count > shown ? "\(table.index + 1) of \(table.count)" : "\(table.count)"
  }

  /// The effect of Esc in a table that can be restricted to failures.
  package func narrowing(of pane: PaneID) -> String? {
    !self[table: pane].filter.isEmpty ? "clear filter" : showsOnlyFailed ? "show all" : nil
  }

  /// Handles Esc in a table that can be restricted to failures.
  package mutating func clearFilters(of pane: PaneID) -> Bool {
    guard !self[table: pane].filter.isEmpty || showsOnlyFailed else { return false }
    self[table: pane].filter = ""
    showsOnlyFailed = false
    return true
  }

  /// The selected row of a table.
  package func selected<Table: TablePane>(of table: Table.Type) -> Table.Row? {
    let (rows, index) = (rows(of: table), self[table: Table.id].index)
    return rows.indices.contains(index) ? rows[index] : nil
  }
}

extension PaneSet {
  /// The tables whose sort order is remembered, with their names.
  var remembered: [(id: PaneID, name: String)] {
    all.compactMap { pane in (pane as? any TablePane)?.rememberedAs.map { (pane.id, $0) } }
  }
}
