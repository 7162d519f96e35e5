import DashboardCore
import Engine
import TerminalKit

/// The details of the selection.
package struct DetailsPane: Pane {
  package static let id = PaneID("details")
  package let title = "Details"
  package let wantsMouse = false
  package let bindings = [
    Binding([.character("/")], .search, "search"),
    Binding([.character("n")], .searchNext),
    Binding([.character("N")], .searchPrevious),
    Binding([.character("y")], .yaml, "yaml"),
    Binding([.character("c")], .copy, "copy"),
    Binding([.control("s")], .save, "save"),
  ]

  package func note(_ model: Model) -> String { model.details.title }

  package func availability(_ command: Command, _ model: Model) -> Availability? {
    guard [.yaml, .describe].contains(command) else { return nil }
    return model.selectedRunner == nil && model.subject == nil ? .no("nothing is selected") : .yes
  }

  package func perform(_ command: Command, _ model: inout Model) -> Bool {
    switch command {
    case .tabDetails: model.show(id)
    case .describe:
      model.show(id)
      model.focus(.bottom)
    case .yaml: openYAML(&model)
    default: return model.tab == id && performOnText(command, &model)
    }
    return true
  }

  /// Performs the log pane's commands while another pane is focused.
  private func performOnText(_ command: Command, _ model: inout Model) -> Bool {
    switch command {
    case .search: model.askFor(.search(id), "search", model.details.search)
    case .searchNext, .searchPrevious:
      model.details.find(forward: command == .searchNext, height: model.layout.height(of: .bottom))
    case .save: model.askFor(.save(id), "save the text as", model.details.fileName)
    default: return false
    }
    return true
  }

  package func move(by rows: Int, _ model: inout Model) {
    model.details.scroll(by: rows, height: model.layout.height(of: .bottom))
  }

  package func move(sideways cells: Int, _ model: inout Model) {
    model.details.column = max(0, model.details.column + cells)
  }

  package func search(_ text: String, _ model: inout Model) {
    var page = model.details
    model.search(text, in: &page, height: model.layout.height(of: .bottom))
    model.details = page
  }

  package func copyText(_ model: Model) -> String? { model.details.lines.joined(separator: "\n") }
  package func saveText(_ model: Model) -> String { model.details.lines.joined(separator: "\n") + "\n" }
  package func refresh(_ model: inout Model) { model.refreshDetails() }

  /// The progress of a job changes with time alone.
  package func settle(_ model: inout Model) { if estimate(model) != nil { model.refreshDetails() } }

  private func estimate(_ model: Model) -> JobEstimate? {
    guard model.lookedFrom != .first, let runner = model.selectedRunner else { return nil }
    return model.clusters[runner.cluster].knowledge.estimate(of: runner.value, now: model.now)
  }

  package func draw(_ painter: inout Painter, _ rect: Rect, _ model: Model) {
    if let changesIn = estimate(model)?.changesIn(cells: Model.meterWidth) {
      painter.changes(at: model.now + changesIn)
    }
    PageText(page: model.details).draw(&painter, rect)
  }

  private func openYAML(_ model: inout Model) {
    let (kind, name, namespace): (String, String, String)
    var cluster = 0
    if model.focus != .first, let runner = model.selectedRunner {
      cluster = runner.cluster
    } else {
      cluster = model.subject?.cluster ?? 0
    }
    if model.focus != .first, let pod = model.selectedJobPod {
      (kind, name, namespace) = ("pods", pod.metadata.name, pod.metadata.namespace)
    } else if model.focus != .first, let runner = model.selectedRunner {
      (kind, name, namespace) = ("ephemeralrunners", runner.name, runner.namespace)
    } else if let set = model.subject?.scaleSets.first?.metadata {
      (kind, name, namespace) = ("autoscalingrunnersets", set.name, set.namespace)
    } else {
      return model.toast("It is not in the cluster", .plain)
    }
    var page = TextPage(title: "\(kind)/\(name)", text: "Loading …")
    page.fileName = "\(name).yaml"
    let request = model.nextNumber()
    page.request = request
    model.overlays.append(.page(page))
    model.ask(
      .fetchYAML(kind: kind, name: name, namespace: namespace, title: page.title, request: request), on: cluster)
  }
}
