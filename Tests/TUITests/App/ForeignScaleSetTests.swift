import Engine
import Testing

@testable import ARC
@testable import Basics
@testable import DashboardCore
@testable import DashboardPanes
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import TUI
@testable import TerminalKit
@testable import Tools

/// Scale sets that deskrun did not deploy are shown, but can be neither removed nor changed.
@Suite struct ForeignScaleSetTests {
  /// A world in which web-ci is only in the cluster.
  private func driver(marked: Bool) throws -> Driver {
    var world = try World()
    world.installations.removeAll { $0.name.description == "web-ci" }
    let (own, further) =
      marked
      ? (#""actions.github.com/scale-set-name":"web-ci""#, #""deskrun/installation":"web-ci""#)
      : (#""runner-scale-set-id":"7""#, #""meta.helm.sh/release-name":"web-ci""#)
    world.sets = world.sets.map { set in
      guard set["metadata"]?["name"] == "web-ci" else { return set }
      return (try? JSONValue(parsing: set.encoded().replacing(own, with: "\(own),\(further)"))) ?? set
    }
    let driver = try Driver.watching(world, 120, 40)
    driver.click("web-ci")
    return driver
  }

  @Test func `commands on a foreign scale set say how to take it over`() throws {
    let driver = try driver(marked: false)
    #expect(driver.model.subject?.name == "web-ci")
    for command in [Command.remove, .restartListener] {
      guard case .no(let why) = driver.model.availability(command) else {
        Issue.record("\(command) is offered")
        continue
      }
      #expect(why.contains("deskrun adopt web-ci"))
    }
  }

  /// A scale set of Argo CD and one of Helm, each in its own namespace.
  private func worldOfOthers(installations: Bool = true) throws -> World {
    var world = try World()
    world.addForeign(
      "web-ci", in: "team-a", annotations: ["meta.helm.sh/release-name": "web-ci"], runner: "web-ci-y-aaaaa")
    world.addForeign(
      "monorepo", in: "platform", annotations: ["argocd.argoproj.io/tracking-id": "runners:x/y:platform/monorepo"],
      runner: "monorepo-x-bbbbb")
    guard !installations else { return world }
    world.installations = []
    world.sets.removeAll { $0["metadata"]?["namespace"] == "arc-systems" }
    world.runners.removeAll { $0["metadata"]?["namespace"] == "arc-systems" }
    return world
  }

  @Test func `others' scale sets come after one's own, with what deploys them`() throws {
    let driver = try Driver.watching(try worldOfOthers(), 120, 40)
    let lines = driver.screen.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    func place(_ text: String) -> Int? { lines.firstIndex { $0.contains(text) } }
    let (own, argo, helm) = (place("tools-dind"), place("platform/monorepo"), place("team-a/web-ci"))
    #expect(try #require(own) < (try #require(argo)) && argo.map { $0 < helm ?? 0 } == true)
    #expect(lines[argo ?? 0].contains("Argo CD") && lines[argo ?? 0].contains("acme/monorepo"))
    #expect(lines[helm ?? 0].contains("Helm"))
    // Two scale sets with the same name each have their own runners.
    let statuses = driver.model.statuses
    #expect(statuses.first { $0.name == "team-a/web-ci" }?.runners.map(\.name) == ["web-ci-y-aaaaa"])
    #expect(statuses.first { $0.name == "web-ci" }?.runners.contains { $0.name == "web-ci-y-aaaaa" } == false)
  }

  @Test func `what is read of another namespace's runner is asked for there`() throws {
    let driver = try Driver.watching(try worldOfOthers(), 120, 40)
    driver.click("team-a/web-ci")
    let log = LogTarget.runner(name: "web-ci-y-aaaaa", scaleSet: "team-a/web-ci", container: "runner")
    #expect(driver.model.sources(of: log).map(\.namespace) == ["team-a"])
    for command in [Command.remove, .edit, .scale, .restartListener] {
      guard case .no(let why) = driver.model.availability(command) else {
        Issue.record("\(command) is offered")
        continue
      }
      #expect(why.contains("the Helm release web-ci in namespace team-a"))
      // The configuration already has an installation of that name, so it cannot be adopted.
      #expect(!why.contains("adopt"))
    }
  }

  @Test func `without an installation others' scale sets are shown, and the next step`() throws {
    let driver = try Driver.watching(try worldOfOthers(installations: false), 120, 40)
    let text = driver.screen
    #expect(text.contains("platform/monorepo") && text.contains("monorepo-x-bbbbb"))
    #expect(text.contains("Press a to add one."))
  }

  @Test func `what deskrun deployed can be removed without configuration`() throws {
    let driver = try driver(marked: true)
    #expect(driver.model.subject?.name == "web-ci")
    #expect(driver.model.availability(.remove) == .yes)
  }
}
