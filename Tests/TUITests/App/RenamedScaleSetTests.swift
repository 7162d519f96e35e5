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

/// A scale set that the Helm release gave another name than the installation's.
@Suite struct RenamedScaleSetTests {
  /// The world with web-ci's scale set named arc-x64, and another installation named web-ci-x.
  private func world() throws -> World {
    func renamed(_ object: JSONValue) throws -> JSONValue {
      let text = object.encoded()
      guard text.contains("web-ci") else { return object }
      return try JSONValue(
        parsing: text.replacing("web-ci", with: "arc-x64").replacing(
          #""runner-scale-set-id":"7""#,
          with: #""runner-scale-set-id":"7","meta.helm.sh/release-name":"web-ci""#))
    }
    var world = try World()
    world.sets = try world.sets.map(renamed)
    world.runners = try world.runners.map(renamed)
    world.pods = try world.pods.map(renamed)
    return world
  }

  @Test func `runners, jobs, events and logs of the installation are its scale set's`() throws {
    let driver = try Driver.watching(try world(), 140, 45)
    driver.click("web-ci")
    driver.press(.character("l"))
    #expect(driver.model.log.target == .installation("web-ci", scaleSets: ["arc-x64", "web-ci"]))
    driver.press(.character("1"))
    driver.press(.character("i"))
    driver.press(.character("1"))
    driver.shows("runs-on: arc-x64")
    driver.press(.enter)
    driver.shows("arc-x64-x-96cfc")
    driver.hides("nix-builder-x-4klcg")
    #expect(driver.model.scopeSets == ["arc-x64", "web-ci"])

    driver.press(.character("J"))
    driver.shows("running    test (3.12)")
    driver.shows("running    lint")
    driver.hides("build (x86_64-linux)")

    driver.press(.character("v"))
    driver.send(
      .events(
        ["arc-x64-x-96cfc", "arc-x64-754b578d-listener", "tools-dind-x-8r2mk"].map { name in
          KubeEvent([
            "type": "Normal", "reason": "Pulled", "metadata": ["uid": .string(name)],
            "involvedObject": ["kind": "Pod", "name": .string(name)],
          ])
        }))
    driver.shows("arc-x64-754b578d-listener")
    driver.hides("tools-dind-x-8r2mk")
  }
}
