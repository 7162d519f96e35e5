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

/// The key table: every command can be reached and has a visible effect.
@Suite struct BindingTests {
  static let keymaps = Panes.all.keymaps + [.page, .anywhere]

  /// A binding and the title of its keymap.
  struct Case: Sendable, CustomTestStringConvertible {
    var place: String
    var binding: Binding
    var testDescription: String { "\(place): \(binding.command)" }
  }

  static let cases = keymaps.flatMap { map in map.bindings.map { Case(place: map.title, binding: $0) } }

  @Test func `no key means two things in one place`() {
    for keymap in Self.keymaps {
      var seen: [Key: Command] = [:]
      for binding in keymap.bindings {
        for key in binding.keys {
          #expect(
            seen[key] == nil, "\(key) in \(keymap.title) is \(seen[key].map { "\($0)" } ?? "") and \(binding.command)")
          seen[key] = binding.command
        }
      }
    }
  }

  @Test func `every command has a key or is in the palette`() throws {
    let driver = try Driver.watching()
    let bound = Set(Self.cases.map(\.binding.command))
    let listed = Set(driver.model.paletteItems("").map(\.command))
    for command in Command.allCases { #expect(bound.contains(command) || listed.contains(command), "\(command)") }
  }

  /// The preparation that a command needs to have an effect.
  private static func prepare(_ driver: Driver, _ place: String, _ command: Command) throws {
    switch place {
    case Keymap.anywhere.title, "Installations": break
    case "Runners": driver.press(.character("2"))
    case "Logs":
      driver.press(.character("3"))
      driver.showLog((1...300).map { "line \($0) " + String(repeating: "of a long log ", count: 20) })
    case "Events":
      driver.press(.character("v"))
      driver.send(.events(FrameGoldenTests.events))
    case "Jobs": driver.press(.character("J"))
    case "Timeline":
      driver.send(.history(TimelinePaneTests.history))
      driver.press(.character("H"))
      if command == .later { driver.press(.character(",")) }
    case "Findings": driver.press(.character("F"))
    case "Activity":
      for key in [Key.character("U"), .character("U")] {
        driver.press(.character("1"), key, .down)
        driver.plan([.started(step: "a")])
      }
      if command == .runAgain {
        for activity in driver.model.activities { driver.send(.activityEnded(activity: activity.id, nil)) }
      }
      driver.press(.character("A"))
      if command == .nextActivity { driver.press(.character("N")) }
    case "Clusters":
      driver.send(.clusterFound(.existing(context: "prod")))
      driver.press(.character("4"))
    case "Details":
      driver.press(.character("i"))
      driver.press(.character("3"))
    case Keymap.page.title: driver.press(.character("?"))
    default: Issue.record("\(place) is not known here: say how it is reached")
    }
    switch command {
    case .up, .pageUp, .halfUp, .top, .left:
      driver.press(.end)
      driver.press(.up, .up)
      driver.press(.right)
    case .back where place == Keymap.anywhere.title: driver.press(.character("z"))
    case .paneInstallations: driver.press(.character("2"))
    case .showAll: driver.press(.down)
    case .searchNext, .searchPrevious:
      driver.press(.character("/"))
      driver.type("e")
      driver.press(.enter)
      if command == .searchNext { driver.press(.character("N")) }
    case .createCluster: driver.send(.observed(ClusterObservation(cluster: .stopped)))
    default: break
    }
    if command == .clearFailed, place == "Installations" { driver.press(.down) }
    if place == "Logs", command == .left || command == .right { driver.press(.character("W")) }
    if place == "Logs", command == .left { driver.press(.right) }
    driver.forgetToasts()
    driver.forget()
  }

  /// Every binding in its own keymap.
  @Test(arguments: cases) func `does something`(what: Case) throws {
    let binding = what.binding
    for key in binding.keys {
      let driver = try Driver.watching(nil, 100, 30)
      try Self.prepare(driver, what.place, binding.command)
      let before = driver.screen
      let cells = driver.rendered.frame
      let model = "\(driver.model.bottomShare ?? 0) \(driver.model.rings) \(driver.model.overlays.count)"
      driver.press(key)
      let after = "\(driver.model.bottomShare ?? 0) \(driver.model.rings) \(driver.model.overlays.count)"
      let isMovement: Set<Command> = [.right, .left, .up, .down, .pageUp, .pageDown, .halfUp, .halfDown, .top, .bottom]
      // If everything is visible, there is nothing to move to.
      if isMovement.contains(binding.command) { continue }
      #expect(
        !driver.effects.isEmpty || driver.rendered.frame != cells || model != after,
        "\(key) is to do \(binding.command) in \(what.place), but nothing happened:\n\(before)")
    }
  }

  @Test func `movement moves in every place that has more than it shows`() throws {
    let driver = try Driver.watching(nil, 100, 30)
    driver.press(.character("3"))
    driver.showLog((1...300).map { "line \($0)" })
    for (there, back) in [(Key.up, Key.down), (.pageUp, .pageDown), (.control("u"), .control("d")), (.home, .end)] {
      let before = driver.screen
      driver.press(there)
      #expect(driver.screen != before, "\(there)")
      driver.press(back, .end)
      #expect(driver.screen == before, "\(back)")
    }
    driver.press(.character("2"), .home)
    let first = driver.model.selectedRunner?.name
    for (there, back) in [(Key.down, Key.up), (.character("j"), .character("k")), (.pageDown, .pageUp), (.end, .home)] {
      driver.press(there)
      #expect(driver.model.selectedRunner?.name != first, "\(there)")
      driver.press(back)
      #expect(driver.model.selectedRunner?.name == first, "\(back)")
    }
  }

  /// The manual says that these work everywhere; in a field or a question they are typed.
  @Test(arguments: [
    "/", ":", "s", "d", "S", "c", "?", "P", "a", "e", "q", "2/", "2d", "2S", "3/", "3&", "3.", "U", "v/",
  ])
  func `ctrl-Z and ctrl-L work whatever is open`(keys: String) throws {
    let driver = try Driver.watching(nil, 100, 30)
    driver.showLog()
    driver.type(keys)
    let open = driver.model.overlays
    let screen = driver.screen
    driver.forget()
    driver.press(.control("z"))
    #expect(driver.effects == [.suspend])
    driver.forget()
    driver.press(.control("l"))
    #expect(driver.effects == [.redraw])
    #expect(driver.model.overlays == open && driver.screen == screen)
  }

  @Test func `footers name only keys that work`() throws {
    for start in ["1", "2", "3", "v", "J", "F", "A", "i"] {
      let driver = try Driver.watching(nil, 200, 40)
      driver.press(.character(Character(start)))
      let footer = driver.screen.split(separator: "\n").last.map(String.init) ?? ""
      let keymaps = driver.model.keymaps
      for binding in keymaps.flatMap(\.bindings) {
        guard let short = binding.short, footer.contains(" \(short)") else { continue }
        let reached = binding.keys.contains { keymaps.command(for: $0) == binding.command }
        #expect(reached || keymaps.key(of: binding.command) != nil, "\(short) in \(footer)")
      }
    }
  }
}
