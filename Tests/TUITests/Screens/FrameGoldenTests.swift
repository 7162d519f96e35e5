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

/// The frames of all screens and states.
@Suite struct FrameGoldenTests {
  typealias Making = @Sendable (Driver) throws -> Void

  /// A state, and how to reach it from a dashboard with the usual world.
  struct State: Sendable, CustomTestStringConvertible {
    var name: String
    var reach: Making
    var testDescription: String { name }
  }

  static let states: [State] = [
    State(name: "dashboard") { $0.showLog() },
    State(name: "narrowed") { driver in
      driver.press(.down, .down)
      driver.showLog()
    },
    State(name: "runners") { driver in
      driver.press(.tab, .down, .down)
      driver.showLog()
    },
    State(name: "zoomed-log") { driver in
      driver.press(.character("3"))
      driver.showLog()
      driver.press(.character("z"))
    },
    State(name: "log-paused") { driver in
      driver.press(.character("3"))
      driver.showLog((1...200).map { "line \($0) of a long log" })
      driver.press(.up, .up, .up)
      driver.showLog(["one more", "and another"])
    },
    State(name: "log-search") { driver in
      driver.press(.character("3"))
      driver.showLog()
      driver.press(.character("/"))
      driver.type("link")
      driver.press(.enter)
    },
    State(name: "log-unwrapped") { driver in
      driver.press(.character("3"))
      driver.showLog(["short", String(repeating: "long line ", count: 40)])
      driver.press(.character("W"), .character("t"))
    },
    State(name: "filter") { driver in
      driver.press(.character("2"), .character("/"))
      driver.type("web !lint")
    },
    State(name: "events") { driver in
      driver.press(.character("v"))
      driver.send(.events(FrameGoldenTests.events))
    },
    State(name: "jobs") { driver in
      driver.send(
        .jobMark(
          LogRecorder.Target(runner: "web-ci-x-j82pq", scaleSet: "web-ci"), .ended(result: "Failed", at: World.now - 2))
      )
      var world = try World()
      world.remove("web-ci-x-j82pq")
      driver.observe(world)
      driver.send(
        .jobMark(
          LogRecorder.Target(runner: "web-ci-x-96cfc", scaleSet: "web-ci"), .ended(result: "Succeeded", at: World.now)))
      driver.press(.character("J"))
    },
    State(name: "findings") { $0.press(.character("w")) },
    State(name: "details-runner") { $0.press(.character("2"), .character("i")) },
    State(name: "details-installation") { $0.press(.character("i")) },
    State(name: "help") { $0.press(.character("?")) },
    State(name: "palette") { driver in
      driver.press(.character(":"))
      driver.type("log")
    },
    State(name: "sort") { $0.press(.character("2"), .character("S")) },
    State(name: "remove-busy") { driver in
      driver.press(.down, .down, .character("d"))
    },
    State(name: "remove-caches") { driver in
      driver.press(.character("d"))
      driver.send(.caches(installation: "nix-builder", "3.2 GiB"))
    },
    State(name: "scale") { driver in
      driver.press(.character("s"), .control("u"))
      driver.type("9-3")
      driver.press(.enter)
    },
    State(name: "form-empty") { $0.press(.character("a")) },
    State(name: "form-filled") { driver in
      driver.press(.character("a"))
      driver.type("docs-ci")
      driver.press(.tab)
      driver.type("acme/docs.git")
      driver.press(.tab, .tab)
      driver.answerForm()
    },
    State(name: "form-wrong") { driver in
      driver.press(.character("a"))
      driver.type("Web CI")
      driver.press(.tab)
      driver.type("git@github.com:acme/web.git")
      driver.press(.tab, .tab, .control("u"))
      driver.type("7")
      driver.press(.enter)
    },
    State(name: "form-more") { driver in
      driver.press(.character("a"))
      driver.type("docs-ci")
      driver.press(.tab)
      driver.type("acme/docs")
      driver.press(.backTab, .backTab, .enter)
    },
    State(name: "form-app") { driver in
      driver.press(.character("a"), .tab, .tab, .tab, .tab, .tab, .right)
    },
    State(name: "form-edit") { driver in
      driver.press(.down, .down, .character("e"))
      driver.answerForm()
    },
    State(name: "plan-running") { driver in
      driver.press(.character("d"), .right, .right, .enter)
      driver.plan(
        [
          .started(step: "a"), .finished(step: "a", .changed(nil), .seconds(2)), .started(step: "b"),
          .progress(step: "b", "waiting for the job of nix-builder-x-4klcg"), .command(step: "b", "kubectl get pods"),
          .output(step: "b", ToolLine(.output, "pod \u{1B}[31mthing\u{1B}]0;title\u{07} deleted")),
        ])
    },
    State(name: "plan-failed") { driver in
      driver.press(.character("U"))
      let error = EngineError(
        .unauthorized, "GitHub refuses the credentials of nix-builder", why: "401 Bad credentials",
        fix: "Give others with e")
      driver.plan([.started(step: "a"), .failed(step: "a", error, .seconds(8))])
      driver.send(.activityEnded(activity: driver.model.activities[0].id, error))
    },
    State(name: "yaml") { driver in
      driver.press(.character("2"), .character("y"))
      guard case .page(let page)? = driver.model.overlays.last, let request = page.request else { return }
      driver.send(
        .document(
          request: request,
          .success(TextPage(title: "", text: "apiVersion: v1\nkind: EphemeralRunner\nmetadata:\n  name: it\n"))))
    },
    State(name: "doctor") { driver in
      driver.press(.character("D"))
      driver.send(.checked(FrameGoldenTests.checks))
    },
    State(name: "quit-busy") { driver in
      driver.press(.character("U"))
      driver.plan([.started(step: "a")])
      driver.press(.character("q"))
    },
    State(name: "read-only") { $0.press(.character("a")) },
    State(name: "unreachable") { driver in
      var observation = try World().observation
      observation.cluster = .unreachable(
        EngineError(.unreachable, "The cluster does not answer", why: "connection refused"))
      observation.heardAt = World.now - 120
      observation.nextTry = World.now + 12
      driver.send(.observed(observation))
    },
    State(name: "stopped") { driver in
      driver.send(
        .observed(ClusterObservation(cluster: .stopped, snapshot: try World().snapshot, heardAt: World.now - 9)))
    },
  ]

  static let checks = [
    DoctorCheck(id: "kubectl", title: "kubectl", verdict: .good, finding: "v1.32.4"),
    DoctorCheck(id: "helm", title: "helm", verdict: .bad, finding: "helm is not installed", fix: "apt install helm"),
    DoctorCheck(id: "disk", title: "disk", verdict: .warning, finding: "3 GB free", fix: "Make room"),
    DoctorCheck(id: "cluster", title: "cluster", verdict: .good, finding: "running"),
  ]

  static var events: [KubeEvent] {
    [
      ("Normal", "Pulling", "Pulling image \"ghcr.io/actions/actions-runner:latest\"", "web-ci-x-x0p2d", 5),
      ("Warning", "Failed", "Failed to pull image \"acme/runner:missing\": not found", "tools-dind-x-8r2mk", 61),
      ("Warning", "BackOff", "Back-off pulling image \"acme/runner:missing\"", "tools-dind-x-8r2mk", 30),
    ].enumerated().map { index, event in
      KubeEvent([
        "type": .string(event.0), "reason": .string(event.1), "message": .string(event.2),
        "involvedObject": ["kind": "Pod", "name": .string(event.3)], "count": .int(index + 1),
        "lastTimestamp": .string(Timestamp.text(World.now - Int64(event.4))),
        "metadata": ["uid": .string("\(index)")],
      ])
    }.sorted { ($0.last ?? 0) < ($1.last ?? 0) }
  }

  @Test(arguments: states) func `looks as recorded`(state: State) throws {
    let text = try GoldenFrames.document { columns, rows, settings in
      let driver = try Driver.watching(nil, columns, rows) { changed in
        settings(&changed)
        changed.isReadOnly = state.name == "read-only"
      }
      try state.reach(driver)
      return driver
    }
    try GoldenFrames.expect(text, state.name)
  }

  @Test func `looks as recorded before anything is known`() throws {
    try GoldenFrames.expect(
      GoldenFrames.document { columns, rows, settings in Driver(columns, rows, settings: settings) }, "first-frame")
  }

  @Test func `looks as recorded with nothing installed`() throws {
    let text = GoldenFrames.document { columns, rows, settings in
      let driver = Driver(columns, rows, settings: settings)
      driver.send(.configuration(.success(Configuration())))
      driver.send(.observed(ClusterObservation(cluster: .absent)))
      driver.send(.checked(Self.checks))
      return driver
    }
    try GoldenFrames.expect(text, "welcome")
  }
}

extension Driver {
  /// Sends the responses to a form's requests.
  func answerForm() {
    guard case .form(let form)? = model.overlays.last else { return }
    send(.credential(request: form.credentialRequest, .success([])))
    send(
      .preview(
        request: form.previewRequest,
        .success(
          PlanPreview(
            steps: [
              .init(title: "cluster kind-deskrun", forecast: "running"),
              .init(title: "controller ARC 0.14.2", forecast: "running"),
              .init(title: "secret docs-ci-credentials", forecast: "new"),
              .init(title: "scale set docs-ci", forecast: "new"),
              .init(title: "listener of docs-ci registers at GitHub", forecast: "up to 1m"),
            ], warnings: [], values: "minRunners: 1\n"))))
  }

  /// Starts a plan with two steps and sends its events.
  func plan(_ events: [PlanEvent]) {
    guard let id = model.activities.last?.id else { return }
    let plan = Plan(
      title: "The plan",
      steps: [
        PlanStep(id: "a", title: "uninstall the scale set", action: .reachAPI, timeout: .seconds(1)),
        PlanStep(
          id: "b", title: "wait for the runners", forecast: "some seconds", action: .reachAPI, timeout: .seconds(1)),
      ])
    send(.planned(activity: id, plan))
    for event in events { send(.planEvent(activity: id, event)) }
  }
}
