import DashboardCore
import Engine
import TerminalKit

/// The clusters on the screen, if there are several: their states and contents. Enter limits all other panes to one.
package struct ClustersPane: TablePane {
  package static let id = PaneID("clusters")
  package let title = "Clusters"
  package let opening = Command.open
  package let bindings = [
    Binding([.enter], .open, "narrow"),
    Binding([.character("K")], .controllerLog, "controller"),
    Binding([.character("r")], .retry, "refresh"),
    Binding([.character("w")], .why, "why"),
    Binding([.character("/")], .filter, "filter"),
    Binding([.character("c")], .copy, "copy"),
  ]

  package func isOffered(_ model: Model) -> Bool { model.hasSeveralClusters }

  package func label(_ model: Model) -> (text: String, tone: Role) {
    let glyphs = model.settings.glyphs
    let shown = model.shownClusters.map { model.clusters[$0] }
    let failing = shown.filter { $0.observation != nil && !ClusterSign($0, glyphs).isWell }.count
    let text = "\(title) \(shown.count)"
    return failing > 0 ? ("\(text) \(glyphs.failing)\(failing)", .bad) : (text, .title)
  }

  package func note(_ model: Model) -> String {
    let table = model[table: id]
    return "\(model.placeText(of: id)) clusters" + (table.filter.isEmpty ? "" : " /\(table.filter)")
  }

  // MARK: Rows

  /// Indices of clusters.
  package func chooseRows(_ model: Model) -> [Int] {
    let filter = RowFilter(model[table: id].filter)
    return model.shownClusters.filter { at in
      guard !filter.isEmpty else { return true }
      let sign = ClusterSign(model.clusters[at], model.settings.glyphs)
      return filter.matches([model.clusters[at].target.words, sign.words, sign.reason ?? ""])
    }
  }

  package func key(_ row: Int, _ model: Model) -> String { model.clusters[row].target.words }
  package func reservedHeight(of height: Int) -> Int { 1 }
  package func filtered(_ model: Model) -> String? { "\(model[table: id].count) of \(model.shownClusters.count)" }
  package func copyText(_ model: Model) -> String? { selected(model).map { model.clusters[$0].context } }

  private func selected(_ model: Model) -> Int? {
    model.selected(of: Self.self).flatMap { model.clusters.indices.contains($0) ? $0 : nil }
  }

  package func cluster(_ model: Model) -> Int { selected(model) ?? model.mainCluster }

  /// Commands for installations apply to the selected installation, if it is on this cluster.
  package func subject(_ model: Model) -> Located<InstallationStatus>? {
    model.selectedStatus.flatMap { $0.cluster == cluster(model) ? $0 : nil }
  }

  package func narrowing(_ model: Model) -> String? {
    !model[table: id].filter.isEmpty ? "clear filter" : model.clusterScope != nil ? "all clusters" : nil
  }

  package func leave(_ model: inout Model) -> Bool {
    guard model[table: id].filter.isEmpty else {
      model[table: id].filter = ""
      return true
    }
    guard model.clusterScope != nil else { return false }
    (model.scope, model.clusterScope) = (nil, nil)
    return true
  }

  // MARK: Commands

  package func availability(_ command: Command, _ model: Model) -> Availability? {
    guard command == .tabClusters else { return nil }
    return model.hasSeveralClusters ? .yes : .no("there is only one")
  }

  package func perform(_ command: Command, _ model: inout Model) -> Bool {
    switch command {
    case .tabClusters: model.go(to: id)
    case .open where model.focusedPane.id == id:
      guard let at = selected(model) else { break }
      model.scope = nil
      model.clusterScope = model.clusterScope == at ? nil : at
      model.refreshRows()
    default: return false
    }
    return true
  }

  // MARK: Drawing

  /// A column that is as wide as its contents.
  private struct Column {
    var title: String
    var isTrailing = false
    var text: (Int) -> String
  }

  private static let name = "CLUSTER"
  private static let state = "STATE"

  /// The width at which the text of a column is cut.
  private static func widest(_ column: Column, _ width: Int) -> Int { column.title == state && width >= 120 ? 44 : 28 }

  private static func isAlways(_ column: Column) -> Bool { column.title == name || column.title == state }

  package func draw(_ painter: inout Painter, _ rect: Rect, _ model: Model) {
    let (head, body) = rect.split(top: 1)
    let columns = columns(model, rect.width)
    let widths = columns.map { column in
      max(
        CellText.width(column.title),
        min(
          Self.widest(column, rect.width),
          model.shownClusters.reduce(0) { max($0, CellText.width(column.text($1))) }))
    }
    var x = rect.x + 3
    for (column, width) in zip(columns, widths) {
      if column.isTrailing {
        painter.putRight(column.title, .dim, right: x + width, y: head.y, width: width)
      } else {
        painter.put(column.title, .dim, x: x, y: head.y, width: min(width, max(0, rect.right - x)))
      }
      x += width + 2
    }
    guard model[table: id].count > 0 else {
      painter.put("No cluster matches. Esc shows all.", .dim, x: body.x + 1, y: body.y, width: body.width - 2)
      return
    }
    let told = drawReasons(
      &painter, body,
      stateWidth: zip(columns, widths).first { $0.0.title == Self.state }?.1 ?? 0,
      rowStart: zip(columns, widths).reduce(3) { start, column in
        start + (Self.isAlways(column.0) ? column.1 + 2 : 0)
      }, model)
    drawRows(&painter, body, model) { painter, at, row in
      let sign = ClusterSign(model.clusters[at], painter.glyphs)
      painter.put(sign.mark, sign.role, x: row.x + 1, y: row.y, width: 1)
      var x = row.x + 3
      // The reason why a cluster does not respond is more important than its outdated data.
      for (column, width) in zip(columns, widths) where sign.isWell || Self.isAlways(column) {
        let text = column.text(at)
        let role: Role = sign.isWell && column.title == Self.name ? .text : .dim
        if column.isTrailing {
          painter.putRight(text, sign.isWell ? .text : .dim, right: x + width, y: row.y, width: width)
        } else {
          let room = min(width, max(0, row.right - x))
          painter.put(text, role, x: x, y: row.y, width: room, middle: column.title == Self.name)
        }
        x += width + 2
      }
      drawEnd(&painter, sign, at, x: x, row, model, isTold: told.contains(at))
    }
  }

  /// Draws the reasons that do not fit into the rows below them, as far as there is room.
  ///
  /// - Parameters:
  ///   - stateWidth: the width of the column of states; one that is cut there is repeated in full.
  ///   - rowStart: the column at which the end of the row starts for a cluster that does not respond.
  /// - Returns: the clusters whose reasons were drawn.
  private func drawReasons(
    _ painter: inout Painter, _ rect: Rect, stateWidth: Int, rowStart: Int, _ model: Model
  ) -> Set<Int> {
    let rows = model.rows(of: Self.self)
    var y = rect.y + rows.count
    var told: Set<Int> = []
    for at in rows {
      let sign = ClusterSign(model.clusters[at], painter.glyphs)
      guard !sign.isWell, y < rect.bottom else { continue }
      let reason = sign.reason ?? ""
      let end = [reason, times(&painter, model.clusters[at], model)].filter { !$0.isEmpty }.joined(separator: " · ")
      let isStateCut = CellText.width(sign.words) > stateWidth
      guard isStateCut || CellText.width(end) > rect.width - 1 - rowStart else { continue }
      told.insert(at)
      let why = [isStateCut ? sign.words : "", reason].filter { !$0.isEmpty }.joined(separator: ". ")
      let lines = CellText.wrapped("\(model.clusters[at].label): \(why)", to: rect.width - 4)
      for (index, line) in lines.enumerated() where y < rect.bottom {
        // Mark the last line if there is more.
        let hasMore = y == rect.bottom - 1 && index + 1 < lines.count
        painter.put(hasMore ? line + " \(painter.ellipsis)" : line, .dim, x: rect.x + 3, y: y, width: rect.width - 4)
        y += 1
      }
    }
    return told
  }

  /// The age of a cluster's displayed data, and the time of the next attempt.
  private func times(_ painter: inout Painter, _ cluster: ShownCluster, _ model: Model) -> String {
    var times: [String] = []
    // Where another context shows everything of it, no old data is shown.
    let isShown = !model.clusters.indices.contains {
      model.clusters[$0].target == cluster.target && model.failing.isReplaced($0)
    }
    if isShown, cluster.snapshot != nil, let since = cluster.observation?.staleSince ?? cluster.observation?.heardAt {
      times.append("data from \(painter.age(since: since)) ago")
    }
    if let next = cluster.observation?.nextTry, next > model.now {
      painter.changes(at: model.now + 1)
      times.append("next try in \(ClockText.span(next - model.now).text)")
    }
    return times.joined(separator: " · ")
  }

  /// Draws the rest of a row: why a cluster does not respond and how old its data is, or the worst finding.
  ///
  /// - Parameter isTold: whether the reason is drawn below the rows.
  private func drawEnd(
    _ painter: inout Painter, _ sign: ClusterSign, _ at: Int, x: Int, _ row: Rect, _ model: Model, isTold: Bool
  ) {
    let cluster = model.clusters[at]
    let room = max(0, row.right - 1 - x)
    guard !sign.isWell else {
      if let first = model.failing.usedInstead(of: at) {
        let used = model.clusters[first].label
        painter.put("another cluster now; \(used) is used", .warning, x: x, y: row.y, width: room)
        return
      }
      if let first = model.joined.one.same[at] {
        painter.put("the same cluster as \(model.clusters[first].label)", .dim, x: x, y: row.y, width: room)
        return
      }
      // A few letters of it would not tell more than the number of findings.
      if let finding = cluster.knowledge.findings.first, room >= min(30, CellText.width(finding.title)) {
        painter.put(finding.title, finding.severity == .bad ? .bad : .warning, x: x, y: row.y, width: room)
      }
      return
    }
    let used = model.failing.usedInstead(of: at).map { "\(model.clusters[$0].label) is used" }
    let after = [used ?? "", times(&painter, cluster, model)].filter { !$0.isEmpty }.joined(separator: " · ")
    // Shorten the error's text first.
    let reason =
      isTold
      ? ""
      : CellText.cutEnd(
        sign.reason ?? "", to: max(min(24, room), room - CellText.width(after) - 3), sign: painter.ellipsis)
    painter.put(
      [reason, after].filter { !$0.isEmpty }.joined(separator: " · "), .dim, x: x, y: row.y, width: room)
  }

  /// The columns that fit, most important first.
  private func columns(_ model: Model, _ width: Int) -> [Column] {
    func known(_ at: Int) -> ClusterKnowledge { model.clusters[at].knowledge }
    var columns = [
      Column(title: Self.name) { model.clusters[$0].label },
      Column(title: Self.state) { ClusterSign(model.clusters[$0], model.settings.glyphs).words },
    ]
    if width >= 110 {
      columns.append(
        Column(title: "KUBERNETES") { at in
          if case .ready(let version)? = known(at).observation?.cluster { version } else { "" }
        })
    }
    if width >= 90 {
      columns.append(
        Column(title: "ARC") { at in
          guard let snapshot = known(at).snapshot else { return "" }
          return snapshot.controller.map { $0.version + ($0.isReady ? "" : " not ready") } ?? "not installed"
        })
    }
    columns += [
      Column(title: "INSTALLATIONS", isTrailing: true) { at in
        "\(model.statuses.filter { $0.cluster == at }.count)"
      },
      Column(title: "BUSY/MAX", isTrailing: true) { at in
        known(at).snapshot == nil ? "" : "\(model.totals(in: at).busy)/\(Self.most(model, at))"
      },
      Column(title: "FINDINGS", isTrailing: true) { at in
        // Those that it shows for another context are among them.
        let count = model.failing.isNeeded ? model.joined.findings.count { $0.cluster == at } : known(at).findings.count
        return count == 0 ? "" : "\(count)"
      },
    ]
    if width >= 140 {
      let servers = model.settings.servers
      columns.append(Column(title: "SERVER") { servers[model.clusters[$0].target.words] ?? "" })
    }
    return columns
  }

  /// The maximum number of runners of all installations of a cluster, or a sign for no limit.
  private static func most(_ model: Model, _ cluster: Int) -> String {
    let limits = model.statuses.filter { $0.cluster == cluster }.map(\.value.mostRunners)
    let known = limits.compactMap(\.self)
    return known.count == limits.count ? "\(known.reduce(0, +))" : "-"
  }
}
