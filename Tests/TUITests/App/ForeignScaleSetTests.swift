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

/// What deskrun did not deploy is shown, and offered neither for removal nor for changes.
@Suite struct ForeignScaleSetTests {
  /// A world in which web-ci is in the cluster alone.
  private func driver(marked: Bool) throws -> Driver {
    var world = try World()
    world.installations.removeAll { $0.name.description == "web-ci" }
    if marked {
      world.sets = world.sets.map { set in
        guard set["metadata"]?["name"] == "web-ci",
          let text = Optional(
            set.encoded().replacing(
              #""actions.github.com/scale-set-name":"web-ci""#,
              with: #""actions.github.com/scale-set-name":"web-ci","deskrun/installation":"web-ci""#))
        else { return set }
        return (try? JSONValue(parsing: text)) ?? set
      }
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

  @Test func `what deskrun deployed can be removed without configuration`() throws {
    let driver = try driver(marked: true)
    #expect(driver.model.subject?.name == "web-ci")
    #expect(driver.model.availability(.remove) == .yes)
  }
}
