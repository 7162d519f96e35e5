import DashboardCore
import Engine
import TerminalKit

/// Draws an installation.
struct InstallationRow {
  let model: Model
  let status: InstallationStatus
  /// The index of its cluster.
  let cluster: Int

  init(model: Model, status: Located<InstallationStatus>) {
    (self.model, self.status, cluster) = (model, status.value, status.cluster)
  }

  private func mark(_ glyphs: Glyphs) -> (String, Role) {
    if model.activity(of: status.name, in: cluster) != nil || status.isTerminating {
      return (glyphs.starting, .warning)
    }
    guard let problem = status.problem else {
      return status.isDeployed ? (glyphs.idle, .good) : (glyphs.off, .dim)
    }
    if !status.isDeployed { return (glyphs.off, .warning) }
    return problem.severity == .bad ? (glyphs.failing, .bad) : (glyphs.warning, .warning)
  }

  func draw(_ painter: inout Painter, _ rect: Rect, _ columns: InstallationsPane.Columns) {
    let stale = !model.clusters[cluster].isCurrent
    let (mark, role) = mark(painter.glyphs)
    var x = rect.x + 1
    // Without colors, gray alone would not show it.
    painter.put(stale ? painter.glyphs.unknown : mark, stale ? .dim : role, x: x, y: rect.y, width: 1)
    x += 2
    painter.put(
      status.name, stale || status.isForeign ? .dim : .text, x: x, y: rect.y, width: columns.name, middle: true)
    x += columns.name + 2
    if columns.cluster > 0 {
      painter.put(model.clusters[cluster].label, .dim, x: x, y: rect.y, width: columns.cluster, middle: true)
      x += columns.cluster + 2
    }
    if columns.mode > 0 {
      painter.put(mode, .dim, x: x, y: rect.y, width: columns.mode)
      x += columns.mode + 2
    }
    if columns.target > 0 {
      painter.put(
        status.installation?.target.path ?? status.servedPath, status.isForeign ? .dim : .text, x: x, y: rect.y,
        width: columns.target, middle: true)
      x += columns.target + 2
    }
    // A problem needs its room more.
    if columns.busy > 0, !needsRoom(x + columns.busy + 2, rect) {
      let hour =
        model.facts(of: InstallationsPane.id, as: [String: [Int]].self)?[model.key(status.name, in: cluster)] ?? []
      painter.put(
        BusyLevels.text(hour, limit: status.mostRunners, usesUnicode: painter.usesUnicode), stale ? .dim : .busy, x: x,
        y: rect.y, width: columns.busy)
      x += columns.busy + 2
    }
    drawHealth(&painter, x: x, rect, stale)
  }

  /// Whether the problem does not fit from here on.
  private func needsRoom(_ x: Int, _ rect: Rect) -> Bool {
    status.problem.map { CellText.width($0.sentence) > rect.right - x - 1 } ?? false
  }

  private var mode: String {
    switch status.installation?.mode {
    case .kubernetes: "kubernetes"
    case .cachedPrivilegedKubernetes: "privileged"
    case .dind: "dind"
    case nil: status.manager.map(Self.word) ?? "unknown"
    }
  }

  /// The tool that deploys a scale set, in ten cells.
  private static func word(_ manager: ScaleSetManager) -> String {
    switch manager {
    case .argoCD: "Argo CD"
    case .flux: "Flux"
    case .helm: "Helm"
    case .deskrun: "deskrun"
    case .unknown: "not deskrun"
    }
  }

  /// Draws the state, right-aligned: what deskrun is doing with it, the problem, or the runner counts.
  private func drawHealth(_ painter: inout Painter, x: Int, _ rect: Rect, _ stale: Bool) {
    let room = rect.right - x - 1
    guard room > 0 else { return }
    let right = rect.right - 1
    if status.installation != nil, let pending = model.pendingScalings[status.name] {
      painter.putRight(
        "max \(pending.from.maximum) \(painter.glyphs.arrow) \(pending.to.maximum)", .warning, right: right, y: rect.y,
        width: room)
      return
    }
    if let activity = model.activity(of: status.name, in: cluster) {
      painter.putRight(
        "\(activity.request.verb)  \(painter.age(since: activity.started))", .warning, right: right, y: rect.y,
        width: room)
      return
    }
    guard model.clusters[cluster].snapshot != nil else {
      if model.hasSeveralClusters {
        let sign = ClusterSign(model.clusters[cluster], painter.glyphs)
        let words = sign.isWell ? painter.ellipsis : sign.words
        painter.putRight(words, .dim, right: right, y: rect.y, width: room)
        return
      }
      painter.putRight(painter.ellipsis, .dim, right: right, y: rect.y, width: room)
      return
    }
    if status.isTerminating {
      painter.putRight("being removed", .warning, right: right, y: rect.y, width: room)
      return
    }
    if let problem = status.problem {
      let failing = status.counts.failing > 0 && status.counts.busy + status.counts.idle > 0
      let text = failing ? "\(problem.sentence), \(counts(room))" : problem.sentence
      painter.putRight(
        CellText.width(text) <= room ? text : problem.sentence,
        stale ? .dim : problem.severity == .bad ? .bad : .warning, right: right, y: rect.y, width: room)
      return
    }
    painter.putRight(counts(room), stale ? .dim : .text, right: right, y: rect.y, width: room)
  }

  /// The runner counts. If there is not enough room, the least important ones are omitted.
  private func counts(_ room: Int) -> String {
    let (counts, waiting) = (status.counts, model.waiting(Located(status, in: cluster)))
    let most =
      status.installation.map { $0.instances > 1 ? $0.instances : $0.runners.maximum }
      ?? status.manager.flatMap { _ in status.scaleSets.first?.maximum }
    var parts: [(text: String, rank: Int)] = []
    func add(_ count: Int, _ word: String, _ rank: Int) { if count > 0 { parts.append(("\(count) \(word)", rank)) } }
    if counts.busy + counts.idle + counts.starting + counts.finishing + counts.failing + waiting == 0 {
      return most.map { "no runners now, max \($0)" } ?? "no runners now"
    }
    if let most { parts.append(("\(counts.busy)/\(most) busy", 0)) } else { add(counts.busy, "busy", 0) }
    add(counts.idle, "idle", 2)
    add(counts.starting, "starting", 3)
    add(counts.finishing, "finishing", 4)
    add(waiting, "waiting", 1)
    while parts.count > 1, parts.reduce(-2, { $0 + CellText.width($1.text) + 2 }) > room,
      let least = parts.indices.max(by: { parts[$0].rank < parts[$1].rank })
    {
      parts.remove(at: least)
    }
    return parts.map(\.text).joined(separator: "  ")
  }
}
