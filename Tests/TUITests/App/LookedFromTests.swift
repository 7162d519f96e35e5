import Engine
import Testing

@testable import DashboardCore
@testable import TerminalKit

/// The bottom pane belongs to the pane above from which it was opened.
@Suite struct LookedFromTests {
  @Test func `details of an installation stay while a runner is selected beside it`() throws {
    let world = try World()
    let driver = try Driver.watching(world, 140, 45)
    driver.press(.character("2"), .down, .character("1"), .character("i"))
    let title = driver.model.details.title
    #expect(driver.model.statuses.contains { $0.name == title })
    driver.now += 5
    driver.observe(world)
    #expect(driver.model.details.title == title)
    driver.press(.character("2"), .character("i"))
    #expect(driver.model.details.title == driver.model.selectedRunner?.name)
  }

  @Test func `Esc leads back to where the reader came from`() throws {
    let driver = try Driver.watching(nil, 140, 45)
    for (key, place) in [("1", Place.first), ("2", .second)] {
      for tab in ["i", "v", "J", "F"] {
        driver.type(key + tab)
        driver.press(.character("3"), .escape)
        #expect(driver.model.focus == place, "\(key) \(tab)")
      }
    }
  }
}
