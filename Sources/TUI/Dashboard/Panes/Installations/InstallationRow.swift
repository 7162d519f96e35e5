import DashboardCore
import Engine
import TerminalKit

/// How an installation is drawn.
struct InstallationRow {
  let model: Model
  let status: InstallationStatus

  private func mark(_ glyphs: Glyphs) -> (String, Role) {
    if model.activity(of: status.name) != nil || status.isTerminating { return (glyphs.starting, .warning) }
    guard let problem = status.problem else {
      return status.isDeployed ? (glyphs.idle, .good) : (glyphs.off, .dim)
    }
    if !status.isDeployed { return (glyphs.off, .warning) }
    return problem.severity == .bad ? (glyphs.failing, .bad) : ("!", .warning)
  }

  func draw(_ painter: inout Painter, _ rect: Rect, _ columns: InstallationsPane.Columns) {
    let stale = !model.isFresh
    let (mark, role) = mark(painter.glyphs)
    var x = rect.x + 1
    painter.put(mark, stale ? .dim : role, x: x, y: rect.y, width: 1)
    x += 2
    painter.put(status.name, stale ? .dim : .text, x: x, y: rect.y, width: columns.name, middle: true)
    x += columns.name + 2
    if columns.mode > 0 {
      painter.put(mode, .dim, x: x, y: rect.y, width: columns.mode)
      x += columns.mode + 2
    }
    if columns.target > 0 {
      painter.put(status.installation?.target.path ?? "", .text, x: x, y: rect.y, width: columns.target, middle: true)
      x += columns.target + 2
    }
    if columns.busy > 0 {
      let hour = model.facts(of: InstallationsPane.id, as: [String: [Int]].self)?[status.name] ?? []
      painter.put(
        BusyLevels.text(hour, limit: status.mostRunners, usesUnicode: painter.usesUnicode), stale ? .dim : .busy, x: x,
        y: rect.y, width: columns.busy)
      x += columns.busy + 2
    }
    drawHealth(&painter, x: x, rect, stale)
  }

  private var mode: String {
    switch status.installation?.mode {
    case .kubernetes: "kubernetes"
    case .cachedPrivilegedKubernetes: "privileged"
    case .dind: "dind"
    case nil: "unknown"
    }
  }

  /// How it does, right-aligned: what deskrun does with it, what is wrong, or how many runners do what.
  private func drawHealth(_ painter: inout Painter, x: Int, _ rect: Rect, _ stale: Bool) {
    let room = rect.right - x - 1
    guard room > 0 else { return }
    let right = rect.right - 1
    if let pending = model.pendingScalings[status.name] {
      painter.putRight(
        "max \(pending.from.maximum) \(painter.glyphs.arrow) \(pending.to.maximum)", .warning, right: right, y: rect.y,
        width: room)
      return
    }
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
      let text = failing ? "\(problem.sentence), \(counts)" : problem.sentence
      painter.putRight(
        CellText.width(text) <= room ? text : problem.sentence,
        stale ? .dim : problem.severity == .bad ? .bad : .warning, right: right, y: rect.y, width: room)
      return
    }
    var text = counts
    if let maximum = status.installation?.runners.maximum {
      let most = status.installation.map { $0.instances > 1 ? $0.instances : maximum } ?? maximum
      text += "  of \(most)"
    }
    painter.putRight(text, stale ? .dim : .text, right: right, y: rect.y, width: room)
  }

  private var counts: String {
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
