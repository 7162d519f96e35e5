import DashboardCore
import Engine
import TerminalKit

/// The columns of the installations' table.
package enum InstallationColumn: Int, CaseIterable, Sendable {
  case name, mode, target, runners, health, cluster

  package var title: String {
    switch self {
    case .name: "NAME"
    case .mode: "MODE"
    case .target: "REPOSITORY"
    case .runners: "RUNNERS"
    case .health: "HEALTH"
    case .cluster: "CLUSTER"
    }
  }
}

/// The installations, one row each, with their problems. The selected one limits the rest of the dashboard to itself.
package struct InstallationsPane: TablePane {
  package static let id = PaneID("installations")
  package let title = "Installations"
  package let rememberedAs: String? = "installation"
  package let columns = InstallationColumn.allCases.map(\.title)
  package let opening = Command.open
  package let bindings = [
    Binding([.enter], .open, "runners"),
    Binding([.character("a")], .add, "add"),
    Binding([.character("e")], .edit, "edit"),
    Binding([.character("d")], .remove, "remove"),
    Binding([.character("s")], .scale, "scale"),
    Binding([.character("w")], .why, "why"),
    Binding([.character("l")], .logs, "logs"),
    Binding([.character("/")], .filter, "filter"),
    Binding([.character("+"), .character("=")], .scaleUp),
    Binding([.character("-")], .scaleDown),
    Binding([.character("L")], .listenerLog),
    Binding([.character("M")], .mergedLog),
    Binding([.character("R")], .restartListener),
    Binding([.character("U")], .bringUp),
    Binding([.character("X")], .clearFailed),
    Binding([.character("y")], .yaml, "yaml"),
    Binding([.character("i")], .describe, "details"),
    Binding([.character("o")], .openRun),
    Binding([.character("c")], .copy),
    Binding([.character("C")], .copyLink),
    Binding([.character("S")], .sort),
  ]

  // MARK: Rows

  /// Indices of statuses.
  package func chooseRows(_ model: Model) -> [Int] {
    let (statuses, table) = (model.statuses, model[table: id])
    let filter = RowFilter(table.filter)
    var rows = statuses.indices.filter { index in
      if let only = model.clusterScope, statuses[index].cluster != only { return false }
      return filter.isEmpty || filter.matches(text(of: statuses[index], model))
    }
    func order<Key: Comparable>(_ key: (InstallationStatus) -> Key) {
      rows.sort { a, b in
        // Installations of deskrun come first in every order.
        if statuses[a].isForeign != statuses[b].isForeign { return statuses[b].isForeign }
        let (x, y) = (key(statuses[a].value), key(statuses[b].value))
        if x == y {
          return (statuses[a].value.name, statuses[a].cluster) < (statuses[b].value.name, statuses[b].cluster)
        }
        return table.isAscending ? x < y : x > y
      }
    }
    switch InstallationColumn(rawValue: table.sort) ?? .name {
    case .name: order(\.name)
    case .mode: order { $0.installation?.mode.rawValue ?? "" }
    case .target: order { $0.installation?.target.path ?? $0.servedPath }
    case .runners: order { -$0.counts.busy }
    case .health: order { $0.problem == nil ? 2 : $0.problem?.severity == .bad ? 0 : 1 }
    case .cluster:
      rows.sort { a, b in
        let (x, y) = (statuses[a], statuses[b])
        if x.cluster == y.cluster { return x.value.name < y.value.name }
        return table.isAscending ? x.cluster < y.cluster : x.cluster > y.cluster
      }
    }
    return rows
  }

  private func text(of status: Located<InstallationStatus>, _ model: Model) -> String {
    "\(status.name) \(status.installation?.mode.rawValue ?? "") \(status.servedPath) "
      + "\(status.manager?.shortWords ?? "") "
      + (status.problem?.sentence ?? "well")
      + (model.hasSeveralClusters ? " \(model.clusters[status.cluster].label)" : "")
  }

  package func key(_ row: Int, _ model: Model) -> String {
    model.key(model.statuses[row].name, in: model.statuses[row].cluster)
  }

  package func isOffered(column: Int, _ model: Model) -> Bool {
    model.hasSeveralClusters || column != InstallationColumn.cluster.rawValue
  }

  package func selected(_ model: inout Model) {
    model.scope = model.selectedStatus.map { InstallationScope(cluster: $0.cluster, name: $0.value.name) }
    model[table: RunnersPane.id].index = 0
    model[table: RunnersPane.id].key = nil
    model[table: RunnersPane.id].isChosen = false
    model.refreshRows()
    model.followSelection()
  }

  package func filtered(_ model: Model) -> String? { "\(model[table: id].count) of \(model.statuses.count)" }
  package func copyText(_ model: Model) -> String? { model.selectedStatus?.name }
  package func subject(_ model: Model) -> Located<InstallationStatus>? { model.selectedStatus }

  package func narrowing(_ model: Model) -> String? {
    !model[table: id].filter.isEmpty ? "clear filter" : model.clusterScope != nil ? "all clusters" : nil
  }

  /// Computes the busy runners of the last hour in steps of five minutes, by installation.
  package func settle(_ model: inout Model) {
    settleRows(&model)
    let window = BusyHour.window(model.now)
    let sets = model.statuses.map(\.value.scaleSetNames)
    model.workOut(id, version: "\(BusyHour.version(model)) \(window.end) \(sets.map { $0.sorted() })") {
      BusyHour.all($0, window)
    }
  }

  // MARK: Drawing

  package func counts(_ model: Model) -> [String] {
    let (table, all) = (model[table: id], model.statuses.count)
    if !table.filter.isEmpty { return ["\(table.count)/\(all) /\(table.filter)"] }
    guard model.hasConfiguration else { return [model.settings.glyphs.ellipsis] }
    let width = model.layout.panes[.first]?.width ?? 0
    let hasBusy = all > 0 && Columns(model, width).busy > 0
    let others = model.elsewhere.count
    let foreign = model.statuses.count(where: \.value.isForeign)
    let narrowed = model.clusterScope.map { [model.clusters[$0].label, "\(table.count) of \(all)"] }
    return (narrowed ?? ["\(all - foreign)"] + (foreign > 0 ? ["\(foreign) of others"] : []))
      + (others > 0 ? ["\(others) elsewhere"] : [])
      + (hasBusy ? ["\(BusyHour.sign(model.settings)) busy in the last hour"] : [])
  }

  package func note(_ model: Model) -> String { model.orderText(of: self) }

  package func draw(_ painter: inout Painter, _ rect: Rect, _ model: Model) {
    let table = model[table: id]
    guard table.count > 0 else {
      let text =
        !model.hasConfiguration
        ? painter.ellipsis
        : model.statuses.isEmpty
          ? model.emptyNamespace
            ?? (model.elsewhere.isEmpty
              ? "None yet. Press a to add one."
              : "None on \(model.clusters[model.mainCluster].label). Press a to add one.")
          : table.filter.isEmpty
            ? "None on \(model.scopeText). Esc shows all clusters."
            : "No installation matches the filter. Esc clears it."
      let lines = CellText.wrapped(text, to: rect.width - 3)
      for (line, words) in lines.prefix(rect.height).enumerated() {
        painter.put(
          words, model.emptyNamespace == nil ? .dim : .warning, x: rect.x + 2, y: rect.y + line, width: rect.width - 3)
      }
      drawElsewhere(&painter, rect, below: drawNotes(&painter, rect, below: lines.count, model), model)
      return
    }
    let columns = Columns(model, rect.width)
    if columns.busy > 0 { painter.changes(at: BusyHour.window(model.now).end) }
    drawRows(&painter, rect, model) { painter, row, rect in
      InstallationRow(model: model, status: model.statuses[row]).draw(&painter, rect, columns)
    }
    let used = model[table: id].count - model[table: id].offset
    drawElsewhere(&painter, rect, below: drawNotes(&painter, rect, below: used, model), model)
  }

  /// Draws the notes below the rows, if there is room.
  ///
  /// - Returns: the number of used lines.
  private func drawNotes(_ painter: inout Painter, _ rect: Rect, below used: Int, _ model: Model) -> Int {
    var line = used
    for (note, isWarning) in model.installationNotes where line < rect.height {
      painter.put(note, isWarning ? .warning : .text, x: rect.x + 1, y: rect.y + line, width: rect.width - 2)
      line += 1
    }
    return line
  }

  /// Draws the installations of other clusters below the rows, if there is room; they cannot be selected.
  private func drawElsewhere(_ painter: inout Painter, _ rect: Rect, below used: Int, _ model: Model) {
    guard model[table: id].filter.isEmpty, model.clusterScope == nil else { return }
    let configuration = model.configuration
    for (line, other) in model.elsewhere.enumerated() where used + line < rect.height {
      painter.put(
        "\(painter.glyphs.off) \(other.name)  lives on \(configuration.target(of: other).words)", .dim, x: rect.x + 1,
        y: rect.y + used + line, width: rect.width - 2)
    }
  }

  /// The width of each column; 0 if it has no room.
  struct Columns {
    var name: Int
    /// 0 if there is one cluster.
    var cluster = 0
    var mode = 0
    var target = 0
    /// The busy runners of the last hour.
    var busy = 0

    /// The minimum width of the state: for `2/5 busy  1 idle  1 starting`, or words.
    private static let health = 30
    /// The width in which all but the counts that tell least fit.
    private static let usualHealth = 24
    /// The minimum width next to the column of clusters: for `2/5 busy  1 idle`.
    private static let leastHealth = 18

    init(_ model: Model, _ width: Int) {
      let names = model.statuses.map { CellText.width($0.value.name) }.max() ?? 4
      name = min(max(names, 8), max(8, width / 3))
      var left = width - 2 - name - 2 - 1 - Self.health
      /// Allocates a column's width, or a part of it if the column can be shortened.
      func cells(_ wanted: Int, atLeast least: Int) -> Int {
        guard left >= least + 2 else { return 0 }
        let given = min(wanted, left - 2)
        left -= given + 2
        return given
      }
      // In the order of importance.
      if model.hasSeveralClusters {
        // Rows of the same name differ only in it, so it may use room of the state.
        let room = left + Self.health - Self.leastHealth - 2
        cluster = room < 6 ? 0 : min(model.clusterWidth(in: width), room)
        left -= cluster > 0 ? cluster + 2 : 0
      }
      let targets =
        model.statuses.map { CellText.width($0.value.installation?.target.path ?? $0.value.servedPath) }.max() ?? 0
      target = cells(min(max(targets, 8), 24), atLeast: 8)
      let lent = left + Self.health - Self.leastHealth - 2
      if model.hasSeveralClusters, target == 0, lent >= 8 {
        // The target identifies a row, so it may also use room of the state.
        target = min(max(targets, 8), 16, lent)
        left -= target + 2
      } else if model.hasSeveralClusters, target > 0 {
        // Most counts fit into less than the state's room.
        let more = max(0, min(min(max(targets, 8), 24) - target, left + Self.health - Self.usualHealth - 2))
        (target, left) = (target + more, left - more)
      }
      busy = cells(BusyHour.cells, atLeast: BusyHour.cells)
      let spare = left + Self.health - Self.leastHealth - 2
      if busy == 0, target > 0, !model.hasSeveralClusters, spare >= BusyHour.cells {
        // Counts that tell least are left out where all do not fit.
        busy = BusyHour.cells
        left -= busy + 2
      }
      mode = cells(10, atLeast: 10)
    }
  }
}

extension Model {
  package var selectedStatus: Located<InstallationStatus>? {
    selected(of: InstallationsPane.self).flatMap { statuses.indices.contains($0) ? statuses[$0] : nil }
  }
}
