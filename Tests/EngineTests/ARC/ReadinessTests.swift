import Testing

@testable import ARC
@testable import Basics

/// When a scale set counts as ready, with the objects of both generations of ARC.
@Suite struct ReadinessTests {
  private static let url = "https://github.com/acme/web"

  private static func set(
    url: String = url, id: String? = "7", phase: String = "Running", generation: Int? = nil, observed: Int? = nil,
    minimum: Int = 1, hash: String? = nil, deleted: Bool = false
  ) -> ScaleSetFacts {
    var metadata: JSONObject = ["name": "web-ci"]
    var annotations: JSONObject = [:]
    if let id { annotations["runner-scale-set-id"] = .string(id) }
    if let hash { annotations["actions.github.com/values-hash"] = .string(hash) }
    metadata["annotations"] = .object(annotations)
    if let generation { metadata["generation"] = .int(generation) }
    if deleted { metadata["deletionTimestamp"] = "2026-11-24T12:00:00Z" }
    var status: JSONObject = ["phase": .string(phase)]
    if let observed { status["observedGeneration"] = .int(observed) }
    return ScaleSetFacts([
      "metadata": .object(metadata),
      "spec": ["githubConfigUrl": .string(url), "minRunners": .int(minimum), "maxRunners": 5],
      "status": .object(status),
    ])
  }

  private static func listener(
    url: String = url, minimum: Int = 1, hash: String? = nil, deleted: Bool = false
  ) -> ListenerFacts {
    var metadata: JSONObject = ["name": "web-ci-1-listener", "uid": "L1"]
    if let hash { metadata["annotations"] = ["actions.github.com/values-hash": .string(hash)] }
    if deleted { metadata["deletionTimestamp"] = "2026-11-24T12:00:00Z" }
    return ListenerFacts([
      "metadata": .object(metadata),
      "spec": ["githubConfigUrl": .string(url), "minRunners": .int(minimum), "maxRunners": 5],
    ])
  }

  private static func pod(
    name: String = "web-ci-1-listener", state: JSONValue = ["running": [:]], deleted: Bool = false
  ) -> ListenerPodFacts {
    var metadata: JSONObject = ["name": .string(name), "namespace": "arc-systems", "uid": "P1"]
    if deleted { metadata["deletionTimestamp"] = "2026-11-24T12:00:00Z" }
    return ListenerPodFacts([
      "metadata": .object(metadata), "status": ["containerStatuses": [["name": "listener", "state": state]]],
    ])
  }

  private static func seen(
    _ set: ScaleSetFacts? = set(), listener: ListenerFacts = listener(), pod: ListenerPodFacts = pod(),
    session: Duration? = .seconds(60), runners: Int = 1
  ) -> Readiness {
    Readiness(scaleSet: set, listeners: [listener], pods: [pod], sessionAge: session, readyRunners: runners)
  }

  private static let cases: [(String, Readiness, Readiness.Awaited?)] = [
    ("all of it, 0.14", seen(), nil),
    ("all of it, 0.15", seen(set(generation: 3, observed: 3)), nil),
    ("no scale set", seen(nil), .scaleSet), ("one being deleted", seen(set(deleted: true)), .scaleSet),
    ("another URL", seen(set(url: "https://github.com/acme/old")), .otherURL("https://github.com/acme/old")),
    ("the same URL in other letters", seen(set(url: "https://GitHub.com/Acme/web/")), nil),
    ("no id", seen(set(id: nil)), .registration), ("an empty id", seen(set(id: "")), .registration),
    ("not looked at yet, 0.15", seen(set(generation: 3, observed: 2)), .controller(phase: "Running")),
    ("pending", seen(set(phase: "Pending")), .controller(phase: "Pending")),
    ("no phase", seen(set(phase: "")), nil),
    ("a listener of the former URL", seen(listener: listener(url: "https://github.com/acme/old")), .listener),
    ("a listener of the former counts", seen(listener: listener(minimum: 0)), .listener),
    ("a listener of former values, 0.14", seen(set(hash: "b"), listener: listener(hash: "a")), .listener),
    ("a listener of these values, 0.14", seen(set(hash: "b"), listener: listener(hash: "b")), nil),
    ("a listener being deleted", seen(listener: listener(deleted: true)), .listener),
    ("another listener's pod", seen(pod: pod(name: "web-ci-0-listener")), .listenerStart(reason: nil)),
    ("a pod being deleted", seen(pod: pod(deleted: true)), .listenerStart(reason: nil)),
    (
      "a pod that starts", seen(pod: pod(state: ["waiting": ["reason": "ContainerCreating"]])),
      .listenerStart(reason: "ContainerCreating")
    ),
    ("a pod that ended", seen(pod: pod(state: ["terminated": ["exitCode": 1]])), .listenerStart(reason: nil)),
    ("running, no session", seen(session: nil), .session),
    ("a session of a second", seen(session: .seconds(1)), .cycle), ("no runner", seen(runners: 0), .runner),
    ("no runner, and none wanted", seen(set(minimum: 0), listener: listener(minimum: 0), runners: 0), nil),
  ]

  @Test(arguments: cases.indices) func `what is missing is named`(index: Int) {
    let (what, seen, awaited) = Self.cases[index]
    #expect(seen.awaited(url: Self.url) == awaited, "\(what)")
  }

  @Test func `the listeners own container is looked at`() {
    func pod(_ statuses: JSONValue) -> ListenerPodFacts {
      ListenerPodFacts(["metadata": ["name": "l"], "status": ["containerStatuses": statuses]])
    }
    let sidecar: JSONValue = ["name": "a-proxy", "state": ["running": [:]]]
    let waiting = pod([sidecar, ["name": "listener", "state": ["waiting": ["reason": "ErrImagePull"]]]])
    #expect(!waiting.isRunning)
    #expect(waiting.waitingReason == "ErrImagePull")
    let ended = pod([["name": "listener", "state": ["terminated": ["exitCode": 1]]], sidecar])
    #expect(ended.exitCode == 1)
    #expect(!pod([sidecar]).isRunning)
  }

  @Test func `the listener is told to end without an error`() {
    let log =
      "time=2026-11-24T12:00:00.000Z level=INFO msg=\"Getting next message\"\n"
      + "2026/11/25 14:09:02 Application returned an error: listener failed: context canceled"
    #expect(ListenerSession(log: log).lastWords == nil)
  }

  @Test func `a session begins with the first question for messages`() {
    let log = """
      time=2026-11-24T12:00:00.000Z level=INFO msg="Starting listener" component=main
      time=2026-11-24T12:00:01.000Z level=INFO source=listener.go:179 msg="Getting next message" lastMessageID=0
      time=2026-11-24T12:00:51.000Z level=INFO source=listener.go:179 msg="Getting next message" lastMessageID=1
      """
    #expect(ListenerSession(log: log).since == Timestamp.parse("2026-11-24T12:00:01Z"))
    #expect(ListenerSession(log: log).lastWords == nil)
    #expect(ListenerSession(log: "").since == nil)
    // The same text in a job's name proves nothing.
    #expect(ListenerSession(log: #"level=INFO msg="Updating job" jobDisplayName="Getting next message""#).since == nil)
  }

  @Test func `the last words are cut to what they mean`() throws {
    let words =
      "2026/11/25 14:09:02 Application returned an error: failed to create message session: request POST "
      + "https://pipelines.actions.githubusercontent.com/\(String(repeating: "a", count: 300))/sessions failed("
      + #"status="409 Conflict", activity_id="089f"): GitHub.Actions.Runtime.WebApi.RunnerScaleSetSessionConflictException"#
      + ", GitHub.Actions.Runtime.WebApi: already has an active session"
    #expect(ListenerSession(log: words).cause == ListenerFailure.conflict.words)
    let unknown = ListenerSession(log: "2026/11/25 14:09:02 Application returned an error: what nobody knows")
    #expect(unknown.cause?.hasSuffix("what nobody knows") == true)
    // An error from before it worked no longer counts.
    #expect(
      ListenerSession(log: words + "\ntime=2026-11-25T14:09:09Z level=INFO msg=\"Getting next message\"").cause == nil)
  }
}
