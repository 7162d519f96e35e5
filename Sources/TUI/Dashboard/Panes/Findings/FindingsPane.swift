import DashboardCore
import Engine
import TerminalKit

/// The findings, one at a time: the evidence and the fix.
package struct FindingsPane: Pane {
  package static let id = PaneID("findings")
  package let title = "Findings"
  package let bindings = [
    Binding([.enter], .remedy, "apply fix"),
    Binding([.character("O")], .open, "go to"),
    Binding([.character("R")], .restartListener),
    Binding([.character("X")], .clearFailed, "delete failing"),
    Binding([.character("e")], .edit, "edit"),
    Binding([.character("U")], .bringUp, "apply"),
    Binding([.character("c")], .copy, "copy"),
  ]

  package func label(_ model: Model) -> (text: String, tone: Role) {
    let findings = model.findings
    guard !findings.isEmpty else { return (title, .title) }
    return ("\(title) \(findings.count)", findings.contains { $0.severity == .bad } ? .bad : .warning)
  }

  package func note(_ model: Model) -> String {
    model.selectedFinding == nil ? "" : "\(model[table: id].index + 1) of \(model.findings.count)"
  }

  package func availability(_ command: Command, _ model: Model) -> Availability? {
    switch command {
    case .why:
      if model.isEmpty { return .no("nothing is installed yet") }
      let isAsked = model.clusters.contains { $0.observation != nil }
      return !isAsked && model.findings.isEmpty ? .no("the cluster was not asked yet") : .yes
    case .remedy:
      guard model.selectedFinding != nil else { return .no("no problem found") }
      guard let command = model.remedyCommand else {
        return .no("deskrun cannot apply this fix; the text says what to do")
      }
      return model.availability(command)
    case .bringUp where model.focusedPane.id == id && model.selectedFinding == nil:
      return .no("no problem found")
    default: return nil
    }
  }

  package func perform(_ command: Command, _ model: inout Model) -> Bool {
    switch command {
    case .tabFindings: model.go(to: id)
    case .why:
      let subject = model.subject
      model[table: id].key = nil
      if let subject, let at = Self.place(of: Self.key(subject, model), model) {
        select(at, &model)
      } else {
        // Select nothing: Enter must not fix a problem of another installation.
        model[table: id].key = subject.map { Self.key($0, model) }
      }
      model.go(to: id)
    case .remedy: model.remedy()
    case .open where model.focusedPane.id == id:
      guard let finding = model.selectedFinding, let name = finding.value.installation,
        let index = model.rows(of: InstallationsPane.self).firstIndex(where: {
          model.statuses[$0].cluster == finding.cluster && model.statuses[$0].value.name == name
        })
      else { break }
      model.panes[InstallationsPane.id].select(index, &model)
      model.focus(.second)
    default: return false
    }
    return true
  }

  private static func key(_ status: Located<InstallationStatus>, _ model: Model) -> String {
    key(status.value.name, in: status.cluster, model)
  }

  /// Identifies an installation also while the number of clusters changes, unlike the key of a row.
  private static func key(_ name: String, in cluster: Int, _ model: Model) -> String {
    "\(model.clusters[cluster].label)/\(name)"
  }

  /// Whether a key means an installation that a cluster shows: one of its own, or of a context that it is used for.
  private static func isMeant(_ key: String, _ name: String, in cluster: Int, _ model: Model) -> Bool {
    model.clusters.indices.contains { at in
      (at == cluster || model.failing.usedInstead(of: at) == cluster) && Self.key(name, in: at, model) == key
    }
  }

  /// What to say of an installation without a finding.
  private static func absence(_ key: String, _ model: Model, _ glyphs: Glyphs) -> (text: String, role: Role) {
    let status = model.statuses.first { isMeant(key, $0.value.name, in: $0.cluster, model) }
    let name = status.map { model.key($0.value.name, in: $0.cluster) } ?? key
    guard let cluster = status.map({ model.clusters[$0.cluster] }) else {
      return ("? \(name): no longer shown", .dim)
    }
    guard cluster.isCurrent else {
      let state = cluster.observation?.cluster
      let clause = state.flatMap { $0.isReady ? nil : $0.clause(cluster.label) } ?? "\(cluster.label) is being read"
      return ("? \(name): not known: \(clause)", .dim)
    }
    return ("\(glyphs.succeeded) \(name): no problem found", .good)
  }

  /// The index of the finding about an installation, or of one about its whole cluster.
  ///
  /// - Parameter key: identifies the installation across clusters.
  private static func place(of key: String, _ model: Model) -> Int? {
    model.findings.firstIndex { finding in
      finding.value.installation.map { isMeant(key, $0, in: finding.cluster, model) } ?? false
    }
      ?? model.findings.firstIndex { finding in
        finding.value.installation == nil
          && (!model.hasSeveralClusters || key.hasPrefix(model.clusters[finding.cluster].label + "/"))
      }
  }

  package func move(by rows: Int, _ model: inout Model) {
    // From an installation without a finding, move to the first one.
    guard model.selectedFinding != nil else { return select(0, &model) }
    select(model[table: id].index + (rows > 0 ? 1 : -1), &model)
  }

  package func select(_ index: Int, _ model: inout Model) {
    model[table: id].key = nil
    clamp(index, &model)
  }

  private func clamp(_ index: Int, _ model: inout Model) {
    let index = max(0, min(index, model.findings.count - 1))
    model[table: id].index = index
    model[table: id].item = model.findings.indices.contains(index) ? Self.identity(model.findings[index], model) : nil
  }

  /// Identifies a finding while others come and go.
  private static func identity(_ finding: Located<Finding>, _ model: Model) -> String {
    key(finding.value.id, in: finding.cluster, model)
  }

  package func isSelected(_ index: Int, _ model: Model) -> Bool {
    model.selectedFinding != nil && model[table: id].index == index
  }

  package func refresh(_ model: inout Model) {
    // An installation that had no finding may have one by now.
    if let name = model[table: id].key, let at = Self.place(of: name, model) { return select(at, &model) }
    let item = model[table: id].item
    let same = item.flatMap { item in model.findings.firstIndex { Self.identity($0, model) == item } }
    clamp(same ?? model[table: id].index, &model)
  }
  package func settle(_ model: inout Model) { refresh(&model) }

  package func copyText(_ model: Model) -> String? {
    model.selectedFinding.map { found in
      let finding = found.value
      return ([finding.title] + finding.evidence + [finding.remedy]).joined(separator: "\n")
    }
  }

  package func subject(_ model: Model) -> Located<InstallationStatus>? {
    guard let finding = model.selectedFinding, let name = finding.value.installation else {
      return model.selectedStatus
    }
    return model.statuses.first { $0.cluster == finding.cluster && $0.value.name == name }
  }

  package func cluster(_ model: Model) -> Int {
    model.selectedFinding?.cluster ?? model.selectedStatus?.cluster ?? model.clusterScope ?? model.mainCluster
  }

  package func draw(_ painter: inout Painter, _ rect: Rect, _ model: Model) {
    guard let finding = model.selectedFinding else {
      let asked = model.shownClusters.filter { model.clusterScope == nil || model.clusterScope == $0 }
      guard asked.contains(where: { model.clusters[$0].isCurrent && model.clusters[$0].snapshot != nil }) else {
        return
      }
      let about = model[table: id].key.flatMap {
        model.findings.isEmpty ? nil : Self.absence($0, model, painter.glyphs)
      }
      painter.put(
        about?.text ?? "\(painter.glyphs.succeeded) No problem found", about?.role ?? .good, x: rect.x + 1, y: rect.y,
        width: rect.width - 2)
      if about != nil {
        painter.put(
          "Other installations:", .dim, x: rect.x + 1, y: rect.y + 2, width: rect.height > 3 ? rect.width - 2 : 0)
        return drawOthers(&painter, model, Rect(x: rect.x, y: rect.y + 3, width: rect.width, height: rect.height - 3))
      }
      let gaps = asked.flatMap { at in
        let cluster = model.clusters[at]
        let place = model.hasSeveralClusters ? "\(cluster.label): " : ""
        return cluster.knowledge.gaps().map { place + cluster.invocation.text($0.sentence(now: model.now)) }
      }
      for (line, gap) in gaps.prefix(max(0, rect.height - 2)).enumerated() {
        painter.put(
          "? Unknown: \(gap)", .dim, x: rect.x + 1,
          y: rect.y + 2 + line,
          width: rect.width - 2)
      }
      return
    }
    let mark = finding.severity == .bad ? painter.glyphs.failing : painter.glyphs.warning
    let titles = CellText.wrapped(finding.title, to: rect.width - 4)
    func section(_ name: String, _ text: String) -> [Line] {
      CellText.wrapped(text, to: rect.width - 14).enumerated().map { Line(name: $0 == 0 ? name : "", text: $1) }
    }
    let place = model.hasSeveralClusters ? section("Cluster", model.clusters[finding.cluster].label) : []
    var seen = finding.evidence.enumerated().flatMap { section($0 == 0 ? "Seen" : "", $1) }
    let fix =
      section("Fix", finding.remedy) + (model.remedyKey(finding).map { section("", $0) } ?? [])
    // The fix is more important than the evidence.
    let room = max(0, rect.height - titles.count - fix.count - place.count)
    if seen.count > room {
      seen = Array(seen.prefix(room))
      seen.indices.last.map { seen[$0].text += " \(painter.ellipsis)" }
    }
    let lines = (titles.count + fix.count < rect.height ? place : []) + seen + fix
    var y = rect.y
    let role: Role = finding.severity == .bad ? .bad : .warning
    painter.put(mark, role, x: rect.x + 1, y: y, width: min(1, rect.height))
    for line in titles where y < rect.bottom {
      painter.put(line, role, x: rect.x + 3, y: y, width: rect.width - 4)
      y += 1
    }
    if titles.count + lines.count + 1 < rect.height { y += 1 }
    for line in lines where y < rect.bottom {
      painter.put(line.name, .dim, x: rect.x + 3, y: y, width: 8)
      painter.put(line.text, .text, x: rect.x + 12, y: y, width: rect.width - 13)
      y += 1
    }
    drawOthers(&painter, model, Rect(x: rect.x, y: y + 1, width: rect.width, height: rect.bottom - y - 1))
  }

  /// A line of a finding; the first line of a section has the section's name.
  private struct Line {
    var name: String
    var text: String
  }

  /// Lists the other findings, one line each, because the selected one may not be what the user cares about.
  private func drawOthers(_ painter: inout Painter, _ model: Model, _ rect: Rect) {
    let others = model.findings.indices.filter { !isSelected($0, model) }
    guard rect.height >= 1, !others.isEmpty else { return }
    for (line, index) in others.prefix(rect.height)
      .enumerated()
    {
      let other = model.findings[index]
      let mark = other.severity == .bad ? painter.glyphs.failing : painter.glyphs.warning
      let role: Role = other.severity == .bad ? .bad : .warning
      painter.put(mark, role, x: rect.x + 1, y: rect.y + line, width: 1)
      let place = model.hasSeveralClusters ? "\(model.clusters[other.cluster].label): " : ""
      painter.put(place + other.title, .dim, x: rect.x + 3, y: rect.y + line, width: rect.width - 4)
      painter.hit(Rect(x: rect.x, y: rect.y + line, width: rect.width, height: 1), .row(id, index))
    }
  }
}

extension Model {
  var selectedFinding: Located<Finding>? {
    let (findings, table) = (findings, self[table: FindingsPane.id])
    let index = table.index
    return table.key == nil && findings.indices.contains(index) ? findings[index] : nil
  }
}
