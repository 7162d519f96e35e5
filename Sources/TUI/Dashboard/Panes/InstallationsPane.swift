import DashboardCore
import Engine
import TerminalKit

/// The installations: one row each, with what is wrong in words where something is.
struct InstallationsPane {
  package let model: Model

  private var isFocused: Bool { model.focus == .installations }

  func draw(_ painter: inout Painter, _ rect: Rect) {
    let (title, rows) = rect.split(top: 1)
    drawTitle(&painter, title)
    painter.hit(rows, .pane(.installations))
    guard !model.installationRows.isEmpty else {
      let text =
        !model.hasConfiguration
        ? painter.ellipsis
        : model.statuses.isEmpty
          ? "None yet. Press a to add one." : "No installation matches the filter. Esc clears it."
      painter.put(text, .dim, x: rect.x + 2, y: rows.y, width: rows.width - 3)
      return
    }
    let columns = columnWidths(rows.width)
    for line in 0..<rows.height {
      let index = model.installationTable.offset + line
      guard model.installationRows.indices.contains(index) else { break }
      drawRow(
        &painter, model.statuses[model.installationRows[index]], at: index,
        Rect(
          x: rows.x, y: rows.y + line, width: rows.width, height: 1), columns)
    }
  }

  private func drawTitle(_ painter: inout Painter, _ rect: Rect) {
    let table = model.installationTable
    let all = model.statuses.count
    var parts = ["1 Installations"]
    if table.filter.isEmpty {
      parts.append(model.hasConfiguration ? "\(all)" : painter.ellipsis)
    } else {
      parts.append("\(model.installationRows.count)/\(all) /\(table.filter)")
    }
    let column = InstallationColumn(rawValue: table.sort) ?? .name
    PaneTitle(
      pane: .installations, isFocused: isFocused, parts: parts,
      right: "\(column.title.lowercased()) \(table.isAscending ? painter.glyphs.ascending : painter.glyphs.descending)"
    ).draw(&painter, rect, column: .column(.installations, column.rawValue))
  }

  private struct Columns {
    package var name: Int
    package var mode: Int
    package var target: Int
  }

  private func columnWidths(_ width: Int) -> Columns {
    let names = model.statuses.map { CellText.width($0.name) }.max() ?? 4
    var columns = Columns(name: min(max(names, 8), max(8, width / 3)), mode: 10, target: 0)
    let targets = model.statuses.map { CellText.width($0.installation?.target.path ?? "") }.max() ?? 0
    columns.target = min(max(targets, 8), 24)
    // Health needs room for words.
    while columns.name + columns.mode + columns.target + 8 + 22 > width {
      if columns.target > 0 {
        columns.target = columns.target > 8 ? columns.target - 1 : 0
      } else if columns.mode > 0 {
        columns.mode = 0
      } else {
        break
      }
    }
    return columns
  }

  private func mark(_ status: InstallationStatus, _ glyphs: Glyphs) -> (String, Role) {
    if model.activity(of: status.name) != nil || status.isTerminating { return (glyphs.starting, .warning) }
    guard let problem = status.problem else {
      return status.isDeployed ? (glyphs.idle, .good) : (glyphs.off, .dim)
    }
    if !status.isDeployed { return (glyphs.off, .warning) }
    return problem.severity == .bad ? (glyphs.failing, .bad) : ("!", .warning)
  }

  private func drawRow(
    _ painter: inout Painter, _ status: InstallationStatus, at index: Int, _ rect: Rect, _ columns: Columns
  ) {
    let isSelected = index == model.installationTable.index
    let stale = !model.isFresh
    if isSelected { painter.put(painter.glyphs.bar, .accent, x: rect.x, y: rect.y, width: 1) }
    let (mark, role) = mark(status, painter.glyphs)
    var x = rect.x + 1
    painter.put(mark, stale ? .dim : role, x: x, y: rect.y, width: 1)
    x += 2
    painter.put(status.name, stale ? .dim : .text, x: x, y: rect.y, width: columns.name, middle: true)
    x += columns.name + 2
    if columns.mode > 0 {
      painter.put(mode(status), .dim, x: x, y: rect.y, width: columns.mode)
      x += columns.mode + 2
    }
    if columns.target > 0 {
      painter.put(status.installation?.target.path ?? "", .text, x: x, y: rect.y, width: columns.target, middle: true)
      x += columns.target + 2
    }
    drawHealth(&painter, status, x: x, rect, stale)
    painter.hit(rect, .row(.installations, index))
    if isSelected {
      painter.select(Rect(x: rect.x + 1, y: rect.y, width: rect.width - 1, height: 1), focused: isFocused)
    }
  }

  private func mode(_ status: InstallationStatus) -> String {
    switch status.installation?.mode {
    case .kubernetes: "kubernetes"
    case .cachedPrivilegedKubernetes: "privileged"
    case .dind: "dind"
    case nil: "unknown"
    }
  }

  /// How it does, right-aligned: what deskrun does with it, what is wrong, or how many runners do what.
  private func drawHealth(
    _ painter: inout Painter, _ status: InstallationStatus, x: Int, _ rect: Rect, _ stale: Bool
  ) {
    let room = rect.right - x - 1
    guard room > 0 else { return }
    let right = rect.right - 1
    if let activity = model.activity(of: status.name) {
      painter.putRight(
        "\(activity.request.verb)  \(painter.age(since: activity.started))", .warning, right: right, y: rect.y,
        width: room)
      return
    }
    guard model.snapshot != nil else {
      painter.putRight(painter.ellipsis, .dim, right: right, y: rect.y, width: room)
      return
    }
    if status.isTerminating {
      painter.putRight("being removed", .warning, right: right, y: rect.y, width: room)
      return
    }
    if let problem = status.problem {
      let failing = status.counts.failing > 0 && status.counts.busy + status.counts.idle > 0
      let text = failing ? "\(problem.sentence), \(counts(status))" : problem.sentence
      painter.putRight(
        CellText.width(text) <= room ? text : problem.sentence,
        stale ? .dim : problem.severity == .bad ? .bad : .warning, right: right, y: rect.y, width: room)
      return
    }
    var text = counts(status)
    if let maximum = status.installation?.runners.maximum {
      let most = status.installation.map { $0.instances > 1 ? $0.instances : maximum } ?? maximum
      text += "  of \(most)"
    }
    painter.putRight(text, stale ? .dim : .text, right: right, y: rect.y, width: room)
  }

  private func counts(_ status: InstallationStatus) -> String {
    var parts: [String] = []
    if status.counts.busy > 0 { parts.append("\(status.counts.busy) busy") }
    if status.counts.idle > 0 { parts.append("\(status.counts.idle) idle") }
    if status.counts.starting > 0 { parts.append("\(status.counts.starting) starting") }
    if status.counts.finishing > 0 { parts.append("\(status.counts.finishing) finishing") }
    let waiting = model.waiting(status)
    if waiting > 0 { parts.append("\(waiting) waiting") }
    return parts.isEmpty ? "no runners now" : parts.joined(separator: "  ")
  }
}
