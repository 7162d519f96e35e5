import Engine
import Testing

@testable import DashboardCore
@testable import DashboardPanes
@testable import TUI
@testable import TerminalKit

/// The features that every pane in the list has, tested with a pane that deskrun does not have.
@Suite struct PaneTests {
  /// The containers of all pods: a table defined in one place.
  private struct ContainersPane: TablePane {
    static let id = PaneID("containers")
    let title = "Containers"
    let bindings = [
      Binding([.character("/")], .filter, "filter"), Binding([.character("c")], .copy, "copy"),
      Binding([.enter], .describe, "look"),
    ]

    func chooseRows(_ model: Model) -> [String] {
      let names = (model.clusters[0].snapshot?.pods ?? []).flatMap { pod in
        pod.containers.map { "\(pod.metadata.name)/\($0.name)" }
      }
      let filter = RowFilter(model[table: id].filter)
      return names.filter { filter.matches($0) }
    }

    func key(_ row: String, _ model: Model) -> String { row }
    func copyText(_ model: Model) -> String? { model.selected(of: Self.self) }
    func note(_ model: Model) -> String { model.countText(of: id, whenFailed: "failed") }

    func draw(_ painter: inout Painter, _ rect: Rect, _ model: Model) {
      drawRows(&painter, rect, model) { painter, row, rect in
        painter.put(row, .text, x: rect.x + 2, y: rect.y, width: rect.width - 2)
      }
    }
  }

  private func driver() throws -> Driver {
    let set = PaneSet(first: Panes.all.first, second: Panes.all.second, tabs: Panes.all.tabs + [ContainersPane()])
    let driver = Driver(140, 40, panes: set)
    let world = try World()
    driver.send(.configuration(.success(world.configuration)))
    driver.observe(world)
    return driver
  }

  private func copied(_ driver: Driver) -> [String] {
    driver.effects.compactMap { if case .copy(let text) = $0 { text } else { nil } }
  }

  @Test func `a pane in the list is a tab with rows, a selection, a filter, a footer and a place in the help`() throws {
    let driver = try driver()
    driver.click("Containers")
    driver.shows("web-ci-x-96cfc/runner")
    driver.shows("Enter look")
    driver.forget()
    driver.press(.home, .down, .character("c"))
    let rows = driver.model.rows(of: ContainersPane.self)
    #expect(copied(driver) == [rows[1]])
    driver.press(.character("/"))
    driver.type("workflow")
    driver.press(.enter)
    driver.shows("web-ci-x-96cfc-workflow/job")
    driver.shows("all · 1 /workflow")
    driver.hides("nix-builder-x-ftc28/runner")
    driver.press(.escape)
    driver.shows("nix-builder-x-ftc28/runner")
    driver.press(.character("?"))
    driver.shows("Containers")
    driver.press(.escape)
    driver.press(.character("]"))
    #expect(driver.model.tab == LogsPane.id)
  }

  @Test func `the selection of a pane follows its object while rows come and go`() throws {
    let driver = try driver()
    driver.click("Containers")
    driver.press(.end)
    let selected = try #require(driver.model.selected(of: ContainersPane.self))
    var world = try World()
    world.addRunner("aaa-first", set: "web-ci", age: 5)
    world.remove("nix-builder-x-ftc28")
    driver.observe(world)
    #expect(driver.model.selected(of: ContainersPane.self) == selected)
  }

  @Test func `no two panes share an id or a title`() {
    #expect(Set(Panes.all.all.map(\.id)).count == Panes.all.all.count)
    #expect(Set(Panes.all.keymaps.map(\.title)).count == Panes.all.all.count)
  }
}
