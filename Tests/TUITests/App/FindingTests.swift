import Engine
import Testing

@testable import DashboardCore
@testable import DashboardPanes
@testable import Knowledge
@testable import TUI

/// How the dashboard shows findings.
@Suite struct FindingTests {
  @Test func `asked why, it says that no problem was found, and what is unknown`() throws {
    var world = try World()
    world.runners.removeAll { $0["metadata"]?["name"]?.stringValue?.hasPrefix("tools-dind-x") == true }
    let driver = try Driver.watching(world, 120, 40)
    driver.press(.character("w"))
    driver.shows("No problem found")
    driver.shows("Unknown: queued jobs of web-ci: its listener has not reported any yet")
    driver.hides("not now")
    for set in ["nix-builder", "tools-dind", "web-ci"] {
      driver.send(.listener(scaleSet: set, [.counted(assigned: 0, wanted: 1, maximum: 5, at: World.now)]))
    }
    driver.hides("Unknown")
  }

  @Test func `asked about a healthy installation, it says so and arms no fix of another`() throws {
    let driver = try Driver.watching(World(), 120, 40)
    let other = try #require(driver.model.findings.first { $0.installation == "tools-dind" })
    driver.press(.character("w"))
    driver.shows("nix-builder: no problem found")
    driver.hides("U apply")
    driver.shows(other.title)
    driver.forget()
    driver.press(.enter)
    #expect(driver.effects.isEmpty && driver.model.overlays.isEmpty && driver.model.activities.isEmpty)
    driver.forgetToasts()
    driver.press(.down)
    driver.hides("no problem found")
    #expect(driver.model.selectedFinding?.installation == "tools-dind")
  }

  @Test func `the finding that is read stays selected where another one comes before it`() throws {
    var world = try World()
    world.runners.removeAll { $0["metadata"]?["name"]?.stringValue?.hasPrefix("tools-dind-x") == true }
    let driver = try Driver.watching(world, 120, 40)
    var report = HostReport()
    report.missing = MissingTools(locator: ToolLocator(environment: ["PATH": "/nowhere"]), isKind: true)
    driver.send(.found(.host(report)))
    driver.press(.character("w"), .down)
    #expect(driver.model.selectedFinding?.value.rule == .toolsMissing)
    driver.observe(try World())
    let places = driver.model.findings.map(\.value.rule)
    try #require(places.count > 1 && places.first != .toolsMissing, "\(places)")
    #expect(driver.model.selectedFinding?.value.rule == .toolsMissing)
  }

  @Test func `programs that are missing are a finding`() throws {
    let driver = try Driver.watching(World(), 120, 40)
    var report = HostReport()
    report.missing = MissingTools(locator: ToolLocator(environment: ["PATH": "/nowhere"]), isKind: true)
    driver.send(.found(.host(report)))
    driver.press(.character("w"))
    driver.shows("kubectl, helm, kind and docker are not installed")
    #expect(driver.model.findings.contains { $0.rule == .toolsMissing })
  }

  @Test func `what this computer lacks is looked at without anything being wrong`() throws {
    let driver = try Driver.watching()
    let asked = driver.effects.contains { if case .find(.host) = $0 { true } else { false } }
    #expect(asked)
  }
}
