import DashboardCore
import Engine
import TerminalKit

/// The events of Kubernetes, newest first.
package struct EventsPane: TablePane {
  package static let id = PaneID("events")
  package let title = "Events"
  package let bindings = [
    Binding([.enter], .open, "read"),
    Binding([.character("/")], .filter, "filter"),
    Binding([.character("!")], .onlyFailed, "warnings only"),
    Binding([.character("c")], .copy, "copy"),
  ]

  /// Indices of events.
  package func chooseRows(_ model: Model) -> [Int] {
    let filter = RowFilter(model[table: id].filter)
    let test = model.scopeTest
    let all = model.clusters.indices.map { cluster in
      Set(model.statuses.filter { $0.cluster == cluster }.flatMap(\.value.scaleSetNames))
    }
    let scopes = model.clusters.map { $0.snapshot.map { EventScope($0) } }
    return model.events.indices.reversed().filter { index in
      let (event, cluster) = (model.events[index].value, model.events[index].cluster)
      if model.showsOnlyFailed, !event.isWarning { return false }
      if let test {
        guard cluster == test.cluster else { return false }
      }
      if let sets = test?.sets {
        let owner =
          scopes[cluster].map { $0.scaleSet(of: event, among: all[cluster]) } ?? event.scaleSet(among: all[cluster])
        if owner.map(sets.contains) != true { return false }
      } else if let scope = scopes[cluster], !scope.includes(event) {
        return false
      }
      return filter.matches(
        "\(event.type) \(event.reason) \(event.kind) \(event.object) \(event.message)"
          + (model.hasSeveralClusters ? " \(model.clusters[cluster].label)" : ""))
    }
  }

  package func key(_ row: Int, _ model: Model) -> String {
    model.key(model.events[row].uid, in: model.events[row].cluster)
  }

  package func note(_ model: Model) -> String { model.countText(of: id, whenFailed: "warnings") }

  package func word(_ binding: Binding, _ model: Model) -> String? {
    binding.command == .onlyFailed && model.showsOnlyFailed ? "all events" : binding.short
  }

  package func narrowing(_ model: Model) -> String? { model.narrowing(of: id) }

  package func perform(_ command: Command, _ model: inout Model) -> Bool {
    switch command {
    case .tabEvents: model.go(to: id)
    case .open where model.focusedPane.id == id: if let row = model.selected(of: Self.self) { read(row, &model) }
    default: return false
    }
    return true
  }

  /// Shows an event completely, which may be truncated in its row.
  private func read(_ row: Int, _ model: inout Model) {
    let event = model.events[row]
    func pair(_ name: String, _ value: String) -> TextPage.Paragraph {
      .init(name + String(repeating: " ", count: max(1, 10 - name.count)) + value, hang: 10)
    }
    let last = event.last.map { "\(ClockText.moment($0, now: model.now)), \(Timestamp.text($0))" } ?? "unknown"
    model.overlays.append(
      .page(
        TextPage(
          title: "Event",
          flow: .wrapped(
            [
              pair("Type", event.type), pair("Reason", event.reason), pair("Object", "\(event.kind)/\(event.object)"),
              pair("Namespace", event.namespace),
            ]
              + (model.hasSeveralClusters ? [pair("Cluster", model.clusters[event.cluster].label)] : [])
              + [
                pair("Last", last), pair("Count", "\(event.count)"), .init(""), .init(event.message),
              ]), width: model.size.columns)))
  }

  package func leave(_ model: inout Model) -> Bool { model.clearFilters(of: id) }

  package func copyText(_ model: Model) -> String? {
    model.selected(of: Self.self).map { row in
      let event = model.events[row]
      return "\(event.reason) \(event.kind)/\(event.object): \(event.message)"
    }
  }

  // Events are watched only while the pane is visible.
  package func shown(_ model: inout Model) { model.watchEvents(true) }
  package func hidden(_ model: inout Model) { model.watchEvents(false) }
  package func observed(_ model: inout Model) { if model.tab == id { model.watchEvents(true) } }

  package func draw(_ painter: inout Painter, _ rect: Rect, _ model: Model) {
    guard model[table: id].count > 0 else {
      painter.put(
        model.events.isEmpty
          ? "No events yet. Kubernetes keeps them for an hour." : "No event matches. Esc shows all.",
        .dim, x: rect.x + 1, y: rect.y, width: rect.width - 2)
      return
    }
    let rows = model.rows(of: Self.self)
    let offset = max(0, min(model[table: id].offset, rows.count))
    let seen = rows[offset..<min(rows.count, offset + max(1, rect.height))].map { model.events[$0] }
    let object = min(seen.map { CellText.width($0.object) }.max() ?? 0, 28, rect.width / 3)
    let reason = min(seen.map { CellText.width($0.reason) }.max() ?? 0, 20)
    let place = model.clusterWidth(in: rect.width)
    drawRows(&painter, rect, model) { painter, index, row in
      let event = model.events[index]
      var x = row.x + 1
      painter.put(
        event.isWarning ? painter.glyphs.warning : " ", .warning, x: x, y: row.y, width: 1)
      x += 2
      painter.putRight(painter.age(since: event.last), .dim, right: x + 5, y: row.y, width: 5)
      x += 7
      if place > 0 {
        painter.put(model.clusters[event.cluster].label, .dim, x: x, y: row.y, width: place, middle: true)
        x += place + 2
      }
      painter.put(event.object, .text, x: x, y: row.y, width: object, middle: true)
      x += object + 2
      painter.put(
        event.reason, event.isWarning ? .warning : .busy, x: x, y: row.y, width: min(reason, max(0, row.right - x)))
      x += reason + 2
      let count = event.count > 1 ? " (\(event.count)x)" : ""
      painter.put(event.message + count, .text, x: x, y: row.y, width: max(0, row.right - 1 - x))
    }
  }
}
