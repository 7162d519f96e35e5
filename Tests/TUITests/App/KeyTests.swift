import Engine
import Testing

@testable import Basics
@testable import DashboardCore
@testable import DashboardPanes
@testable import Knowledge
@testable import TUI
@testable import TerminalKit

/// Keys have one meaning, footers show the important ones, and a key without effect shows the reason.
@Suite struct KeyTests {
  /// Exceptions documented in the manual: a letter with another meaning in one pane.
  private static let exceptions: [Key: Set<Command>] = [
    .character("n"): [.searchNext, .nextActivity], .character("N"): [.searchPrevious, .previousActivity],
    .character("/"): [.search, .filter], .character("d"): [.remove, .deleteRunner],
    .character("+"): [.scaleUp, .zoomIn], .character("="): [.scaleUp, .zoomIn],
    .character("-"): [.scaleDown, .zoomOut], .character("R"): [.restartListener, .runAgain],
    .character("X"): [.clearFailed, .cancelActivity],
  ]

  @Test func `a letter means one thing in every pane`() {
    var meanings: [Key: Set<Command>] = [:]
    for binding in (Panes.all.keymaps + [.anywhere]).flatMap(\.bindings) {
      for key in binding.keys { meanings[key, default: []].insert(binding.command) }
    }
    // Going to the end of a log has the same meaning as going to the end.
    for (key, commands) in meanings where commands.count > 1 && key != .enter {
      #expect(Self.exceptions[key] == commands, "\(key): \(commands)")
    }
  }

  @Test(arguments: ["1", "2", "3", "v", "J", "F", "A", "i"]) func `every footer names jobs, help and quit`(key: String)
    throws
  {
    for columns in [60, 80, 200] {
      let driver = try Driver.watching(nil, columns, 24)
      driver.press(.character(Character(key)))
      let footer = driver.screen.split(separator: "\n").last.map(String.init) ?? ""
      for word in ["J jobs", "? help", "q quit"] { #expect(footer.contains(word), "\(columns): \(footer)") }
    }
  }

  @Test func `a key of another pane says what it does and where`() throws {
    let driver = try Driver.watching(nil, 120, 30)
    driver.press(.character("x"))
    driver.shows("x: Open a shell in the runner. It works in Runners")
    driver.forgetToasts()
    driver.press(.character("Q"))
    driver.shows("Q has no meaning; ? lists the keys")
  }

  @Test func `a key that cannot do it now says why`() throws {
    let driver = try Driver.watching(nil, 120, 30)
    driver.press(.character("2"), .home, .character("x"))
    driver.shows("tools-dind-x-8r2mk does not run")
    driver.hides("not now")
  }

  @Test func `l is the log of what is selected`() throws {
    let driver = try Driver.watching(nil, 120, 30)
    driver.press(.character("l"))
    #expect(driver.model.log.target == .installation("nix-builder", scaleSets: ["nix-builder"]))
    driver.press(.character("2"), .character("l"))
    guard case .runner? = driver.model.log.target else {
      Issue.record("not the log of a runner")
      return
    }
  }

  @Test func `while something is narrowed the footer says what Esc does`() throws {
    let driver = try Driver.watching(nil, 100, 30)
    func footer() -> String { driver.screen.split(separator: "\n").last.map(String.init) ?? "" }
    #expect(!footer().contains("Esc"))
    driver.press(.character("2"), .character("/"))
    #expect(footer().contains("Enter apply   Esc cancel"))
    driver.type("web")
    driver.press(.enter)
    #expect(footer().contains("Esc clear filter"))
    driver.press(.escape)
    #expect(!footer().contains("Esc"))
    driver.press(.character("J"), .character("!"))
    #expect(footer().contains("! all jobs") && footer().contains("Esc show all"))
    driver.press(.character("z"))
    #expect(footer().contains("Esc unzoom"))
  }

  @Test func `a search opens with the last term selected, so that typing replaces it`() throws {
    let driver = try Driver.watching(nil, 100, 30)
    driver.press(.character("3"))
    driver.showLog()
    driver.press(.character("/"))
    driver.type("link")
    driver.press(.enter, .character("/"))
    driver.shows("search: link")
    driver.type("copy")
    driver.press(.enter)
    #expect(driver.model.log.search == "copy")
    // A movement keeps the text.
    driver.press(.character("/"), .end)
    driver.type("ing")
    driver.press(.enter)
    #expect(driver.model.log.search == "copying")
  }

  @Test func `runners that fail come first, and the log is that of the first with a job`() throws {
    let driver = try Driver.watching(nil, 80, 24)
    #expect(driver.model.selectedRunner?.name == "nix-builder-x-4klcg")
    driver.press(.character("2"), .home)
    #expect(driver.model.selectedRunner?.name == "tools-dind-x-8r2mk")
  }

  @Test func `an event is read whole`() throws {
    let driver = try Driver.watching(nil, 80, 24)
    driver.press(.character("v"))
    let message = (1...60).map { "word\($0)" }.joined(separator: " ")
    driver.send(
      .events([
        KubeEvent([
          "type": "Warning", "reason": "Failed", "message": .string(message),
          "involvedObject": ["kind": "Pod", "name": "web-ci-x-96cfc"],
          "lastTimestamp": .string(Timestamp.text(World.now)), "metadata": ["uid": "1"],
        ])
      ]))
    driver.hides("word60")
    driver.press(.enter)
    driver.shows("word60")
    driver.shows("Pod/web-ci-x-96cfc")
    driver.press(.character("q"))
    #expect(driver.model.overlays.isEmpty)
  }
}
