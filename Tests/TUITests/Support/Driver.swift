import Engine
import Foundation
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

/// Types keys and reads the screen, without a terminal. Each message is handled completely before the next.
final class Driver {
  private(set) var model: Model
  /// The effects requested since `forget`.
  private(set) var effects: [Effect] = []
  var now = World.now

  /// Set once: the environment must not change while other tests read it.
  private static let usesUTC: Void = {
    setenv("TZ", "UTC", 1)
    tzset()
  }()

  init(
    _ columns: Int = 80, _ rows: Int = 24, settings change: (inout Settings) -> Void = { _ in },
    interface: InterfaceState = InterfaceState(), panes: PaneSet = Panes.all, clusters: [ClusterSeat] = []
  ) {
    Self.usesUTC
    var settings = Settings()
    settings.context = "kind-deskrun"
    settings.home = "/home/you"
    settings.standardCredential = "gh"
    change(&settings)
    model = Model(
      settings: settings, size: Size(columns: columns, rows: rows), now: World.now, interface: interface,
      panes: panes, clusters: clusters)
  }

  /// A dashboard with a world.
  static func watching(
    _ world: World? = nil, _ columns: Int = 80, _ rows: Int = 24, settings: (inout Settings) -> Void = { _ in }
  ) throws -> Driver {
    let world = try world ?? World()
    let driver = Driver(columns, rows, settings: settings)
    driver.send(.configuration(.success(world.configuration)))
    driver.observe(world)
    driver.jobsBegan()
    return driver
  }

  func observe(_ world: World) { send(.observed(world.observation)) }

  /// The jobs that the recorder finds in the runners' logs.
  func jobsBegan() {
    for (name, ago) in [("nix-builder-x-4klcg", 252), ("web-ci-x-96cfc", 38), ("web-ci-x-j82pq", 12)] {
      send(.jobMark(.init(runner: name, scaleSet: ""), .started(at: World.now - Int64(ago))))
    }
  }

  /// Shows a log of the selection.
  func showLog(_ lines: [String] = Driver.sampleLog) {
    let pod = model.selectedRunner?.name ?? ""
    send(
      .log(
        request: model.log.request,
        .lines(
          lines.enumerated().map { LogLine(pod: pod, time: World.now - 300 + Int64($0.offset) * 9, text: $0.element) }))
    )
  }

  static let sampleLog = [
    "Current runner version: '2.335.1'", "2026-11-24 12:04:33Z: Listening for Jobs",
    "2026-11-24 12:04:46Z: Running job: build (x86_64-linux)",
    "\u{1B}[32mcopying\u{1B}[0m path '/nix/store/glibc-2.40'",
    "building '/nix/store/web-1.4.drv'…", "[3/7] linking web", "[4/7] checking 作者 👍",
  ]

  @discardableResult
  func send(_ message: Message) -> Driver {
    effects += update(&model, message, at: now)
    return self
  }

  @discardableResult
  func press(_ keys: Key...) -> Driver {
    for key in keys { send(.key(key)) }
    return self
  }

  @discardableResult
  func type(_ text: String) -> Driver {
    for character in text { send(.key(.character(character))) }
    return self
  }

  func forget() { effects = [] }

  func forgetToasts() { model.toasts = [] }

  var rendered: Rendered { render(model) }
  var screen: String { rendered.frame.text }

  func shows(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(screen.contains(text), "\"\(text)\" is not on the screen:\n\(screen)", sourceLocation: sourceLocation)
  }

  func hides(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(!screen.contains(text), "\"\(text)\" is on the screen:\n\(screen)", sourceLocation: sourceLocation)
  }

  /// Clicks on a text.
  func click(_ text: String) {
    for (y, line) in screen.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard let range = line.range(of: text) else { continue }
      let x = CellText.width(line[..<range.lowerBound])
      if let target = rendered.target(x: x, y: y) { send(.click(target)) }
      return
    }
    Issue.record("\"\(text)\" is not on the screen to be clicked")
  }
}

extension Driver {
  /// Handles the pause after the last key.
  func settleScaling() {
    let waits = effects.compactMap { if case .awaitScaling(let name, let press) = $0 { (name, press) } else { nil } }
    for (name, press) in waits { send(.scalingSettled(name, press: press)) }
  }

  func open(_ form: FormState) {
    model.openForm(form)
    send(.tick)
  }

  func askForScale(_ installation: Installation, maximum: Int) {
    model.askForScale(installation, maximum: maximum)
    send(.tick)
  }

  /// The plan requests since `forget`.
  var requests: [PlanRequest] { effects.compactMap { if case .run(let request, _) = $0 { request } else { nil } } }
}
