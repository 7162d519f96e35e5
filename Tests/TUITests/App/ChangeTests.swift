import Engine
import Foundation
import TestSupport
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

/// Changes in the dashboard while others change the same installation, and remembered settings.
@Suite struct ChangeTests {
  private func requests(_ driver: Driver) -> [PlanRequest] {
    driver.effects.compactMap { if case .run(let request, _) = $0 { request } else { nil } }
  }

  @Test func `a failed plan is copied with its steps and its error, and the one that runs is canceled`() throws {
    let driver = try Driver.watching()
    driver.press(.character("A"))
    driver.hides("c copy")
    driver.press(.character("1"), .character("U"))
    driver.press(.down, .character("U"))
    let ids = driver.model.activities.map(\.id)
    try #require(ids.count == 2)
    let error = EngineError(.failed, "Helm failed", why: "no space left", fix: "Free some space")
    driver.send(.activityEnded(activity: ids[0], error))
    driver.press(.character("A"))
    // The newest is shown; the one before it has failed.
    driver.press(.character("N"))
    driver.forget()
    driver.press(.character("c"))
    let copied = driver.effects.compactMap { if case .copy(let text) = $0 { text } else { nil } }.first ?? ""
    for part in [driver.model.activities[0].title, "Helm failed", "no space left", "Do: Free some space"] {
      #expect(copied.contains(part), "\(copied)")
    }
    driver.press(.character("X"))
    driver.shows("Cancel: \(driver.model.activities[1].title)?")
    driver.press(.tab, .enter)
    #expect(driver.model.activities[1].isCancelling)
  }

  @Test func `a form is sent with what it was opened on`() throws {
    let world = try World()
    let driver = try Driver.watching(world)
    driver.press(.down, .down, .character("e"))
    // Someone else changes it while the form is open.
    var changed = world.configuration
    let shown = try #require(world.installations.first { $0.name.description == "web-ci" })
    changed.set(try shown.with(runners: RunnerCounts(minimum: 1, maximum: 9)))
    driver.send(.configuration(.success(changed)))
    driver.answerForm()
    driver.forget()
    driver.press(.enter)
    guard case .edit(let wanted, let base)? = requests(driver).first else {
      Issue.record("no change was sent: \(driver.effects)")
      return
    }
    #expect(base == shown)
    #expect(wanted.installation == shown)
  }

  @Test func `a scaling key says from where it counts`() throws {
    let driver = try Driver.watching()
    driver.press(.down, .down)
    driver.forget()
    driver.press(.character("+"))
    driver.settleScaling()
    let (from, to) = (try RunnerCounts(minimum: 1, maximum: 5), try RunnerCounts(minimum: 1, maximum: 6))
    #expect(requests(driver) == [.scale("web-ci", Scaling(to: to, from: from))])
  }

  @Test func `who is waited for is shown`() throws {
    let driver = try Driver.watching()
    driver.press(.character("U"))
    let id = try #require(driver.model.activities.last?.id)
    driver.send(.activityWaits(activity: id, "deskrun edit web-ci (process 4711, since 12:04:33)"))
    driver.shows("waiting for deskrun edit web-ci (process 4711, since 12:04:33) to finish")
    driver.plan([.started(step: "a")])
    driver.hides("4711")
  }

  @Test(arguments: [([Key.enter], false), ([.escape], false), ([.character("n")], false), ([.tab, .enter], true)])
  func `a plan that loses more than was asked for is asked about, and leaving the question is a no`(
    keys: [Key], isYes: Bool
  ) throws {
    let driver = try Driver.watching()
    driver.press(.character("U"))
    let id = try #require(driver.model.activities.last?.id)
    driver.send(
      .activityAsks(
        activity: id,
        Confirmation(
          question: "Delete the cluster kind-deskrun and create it again?", notes: ["These run on it:", "  web/api"],
          refusal: "Nothing was changed")))
    driver.shows("Delete the cluster kind-deskrun and create it again?")
    driver.shows("web/api")
    driver.forget()
    for key in keys { driver.press(key) }
    #expect(driver.effects.contains(.answer(activity: id, isYes)))
    driver.hides("create it again")
  }

  @Test(arguments: [
    PlanRequest.up(nil), .down(.finishJobs), .upgrade(.finishJobs), .createCluster, .stopCluster, .deleteCluster,
  ]) func `what concerns all is done alone`(request: PlanRequest) { #expect(request.scope == .everything) }

  @Test func `what concerns one is done alone on that`() throws {
    let name = try InstallationName("web-ci")
    let installation = try #require(try World().installations.first { $0.name == name })
    let requests: [PlanRequest] = [
      .add(WantedInstallation(installation)), .up("web-ci"), .remove("web-ci", .interrupt, force: false),
      .scale("web-ci", Scaling(maximum: 2)),
    ]
    for request in requests { #expect(request.scope == .installation(name)) }
  }

  // MARK: Remembered settings

  @Test func `colours of one call are not remembered`() throws {
    var remembered = InterfaceState()
    remembered.theme = "light"
    for given in [Theme.mono, .terminal] {
      var settings = Settings()
      settings.theme = given
      settings.isThemeGiven = true
      #expect(settings.remembering(remembered).theme.name == given.name)
    }
    #expect(Settings().remembering(remembered).theme.name == "light")
    let driver = Driver(
      settings: {
        $0.theme = .mono
        $0.isThemeGiven = true
      }, interface: remembered)
    #expect(driver.model.interface.theme == "light")
    #expect(Driver(settings: { $0.theme = .mono }).model.interface.theme == nil)
    driver.press(.character("T"))
    #expect(driver.model.interface.theme == driver.model.settings.theme.name)
  }

  @Test func `two dashboards keep what each changed`() throws {
    let base = InterfaceState()
    var first = base
    first.wraps = false
    var second = base
    second.theme = "light"
    let file = first.written(over: base.bytes, base: base)
    let both = InterfaceState(second.written(over: file, base: base))
    #expect(both.wraps == false)
    #expect(both.theme == "light")
    second.theme = nil
    var themed = base
    themed.theme = "light"
    #expect(InterfaceState(second.written(over: themed.bytes, base: themed)).theme == nil)
    let later = second.written(over: Array(#"{"future": [1]}"#.utf8), base: base)
    #expect(try JSONValue(parsing: later)["future"] == [1])
    #expect(InterfaceState(second.written(over: nil, base: base)) == second)
  }

  @Test func `a pipe is neither read nor replaced`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/ui.json"
    #expect(mkfifo(path, 0o600) == 0)
    #expect(TextFile.read(path) == nil)
    TextFile.keep([0x7B, 0x7D], at: path)
    var info = stat()
    #expect(stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFIFO)
  }

  @Test func `a link stays a link`() throws {
    let folder = try TemporaryFolder()
    try folder.write("{}", to: "dotfiles.json")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/ui.json", withDestinationPath: folder.path + "/dotfiles.json")
    TextFile.keep(Array("{\"bell\": true}".utf8), at: folder.path + "/ui.json")
    #expect(
      TextFile.read(folder.path + "/dotfiles.json").map { String(decoding: $0, as: UTF8.self) } == "{\"bell\": true}")
  }
}
