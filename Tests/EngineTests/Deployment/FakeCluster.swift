import Synchronization

@testable import ARC
@testable import Basics
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// A fake of docker, kind, kubectl and helm in memory, sufficient for plans: one cluster that stores objects and whose
/// controller registers scale sets at once. Any call of a program can be made to fail.
final class FakeCluster: ToolRunner {
  struct State: Sendable {
    var dockerRuns = true
    var node: String?
    var contexts: Set<String> = []
    var currentContext: String? = "work"
    /// `kind/name` → object.
    var objects: [String: JSONValue] = [:]
    var releases: [String: (chart: String, version: String, status: String, values: JSONValue)] = [:]
    /// The namespaces of releases that were deployed with one.
    var places: [String: String] = [:]
    func namespace(of release: String) -> String { places[release] ?? "arc-systems" }
    /// Scale sets with a busy runner: they remain until removed from this set.
    var busy: Set<String> = []
    /// Scale sets whose jobs were killed by a controller of another minor version.
    var killed: Set<String> = []
    var refusesToken = false
    /// The last log lines of listeners that exit at once and are replaced; nil if listeners work.
    var listenersEnd: String?
    /// How many listeners were read: each one that exits has a successor.
    var listenersSeen = 0
    /// Whether listeners run without any output.
    var listenersAreMute = false
    /// Whether idle runners never become ready.
    var runnersNeverReady = false
    var log: [String] = []
    var calls = 0
    var failAt: Int?
    var mounts: [(String, String)] = []
    var createdWith: JSONValue?
    /// `docker inspect` shows nothing and exits with this status, as when kind uses another engine.
    var inspectShowsNothing: Int32?
    /// The error of `kind create cluster`, and what it leaves: no node, this creation's node or another one.
    var createFailure: (text: String, leaves: Leftover)?
    /// Calls whose command line contains this text fail.
    var failOn: String?
    /// The version of the definitions; nil if they are not installed.
    var definitionsVersion: String?
    /// The call at which the waiting task is canceled: the program completes its work, but its result is lost.
    var cancelAt: Int?
    /// Versions in the registry in addition to the supported ones.
    var moreVersions: Set<String> = []
    /// The error with which charts from 0.15 on reject the values.
    var refusesValues: String?

    /// The error of a listener whose scale set is unknown to GitHub.
    static let notFound =
      #"2026/11/25 14:09:02 Application returned an error: failed to create session: actions error: "#
      + #"failed(status="404 Not Found", activity_id="x"): RunnerScaleSetNotFoundException"#

    /// The uid of the namespace kube-system; nil if it may not be read.
    var uid: String?

    /// When the node was started, in seconds since 1970; nil if unknown.
    var startedAt: Int64?
    /// The errors of the API server while it starts, one per call.
    var apiRefusals: [String] = []
    /// How many more times requests are forbidden because the API server has just been started.
    var forbidden = 0
    /// Whether the node's creation was interrupted before it had an API.
    var hasNoAdminConfiguration = false
    /// Whether the cluster's creation was interrupted before it had a StorageClass.
    var hasNoStorageClass = false
    /// The mounts requested by the last creation.
    var wantedMounts: [(String, String)] = []
    /// A node whose `docker run` outlives the creation: after how many checks it appears, and whose it is.
    var lateNode: (looks: Int, leaves: Leftover)?

    enum Leftover { case nothing, own, foreign }
  }

  let state = Lock(State())

  func with<R>(_ body: (inout State) -> R) -> R { state.withLock { body(&$0) } }

  func run(_ call: ToolCall, onLine: (@Sendable (ToolLine) -> Void)?) async throws -> ToolResult {
    try Task.checkCancellation()
    let tool = String(call.executable.split(separator: "/").last ?? "")
    let input = call.input.map { String(decoding: $0, as: UTF8.self) } ?? ""
    let result = with { state in
      state.calls += 1
      state.log.append(([tool] + call.arguments).joined(separator: " "))
      if state.failAt == state.calls || state.failOn.map({ state.log[state.log.count - 1].contains($0) }) == true {
        return ToolResult(exit: .code(1), errorOutput: Array("injected failure\n".utf8))
      }
      switch tool {
      case "docker": return Self.docker(call.arguments, &state)
      case "kind": return Self.kind(call.arguments, input, &state)
      case "helm": return Self.helm(call.arguments, input, &state)
      default: return Self.kubectl(call.arguments, input, &state)
      }
    }
    if with({ $0.cancelAt == $0.calls }) { throw CancellationError() }
    // The program was stopped with the task that waited for it.
    if result.errorText == "^C\n" { throw CancellationError() }
    return result
  }

  func stream(_ call: ToolCall, onChunk: @Sendable ([UInt8]) async throws -> Void) async throws -> ToolResult {
    let result = try await run(call, onLine: nil)
    try await onChunk(result.output)
    return ToolResult(exit: result.exit, errorOutput: result.errorOutput)
  }

  static func ok(_ text: String = "") -> ToolResult { ToolResult(exit: .code(0), output: Array(text.utf8)) }
  static func ok(_ value: JSONValue) -> ToolResult { ok(value.encoded()) }
  static func fail(_ text: String) -> ToolResult { ToolResult(exit: .code(1), errorOutput: Array((text + "\n").utf8)) }

  // MARK: docker and kind

  private static let dockerDown =
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"

  private static func docker(_ arguments: [String], _ state: inout State) -> ToolResult {
    guard state.dockerRuns else { return fail(dockerDown) }
    switch arguments.first {
    case "inspect":
      if let status = state.inspectShowsNothing {
        return ToolResult(exit: .code(status), output: Array("[]\n".utf8))
      }
      if let late = state.lateNode, !state.wantedMounts.isEmpty {
        state.lateNode?.looks -= 1
        if late.looks <= 1 {
          state.lateNode = nil
          state.node = "running"
          state.mounts = late.leaves == .own ? state.wantedMounts : []
        }
      }
      guard let node = state.node else { return fail("Error: No such object: deskrun-control-plane") }
      return ok([
        [
          "Name": "/deskrun-control-plane",
          "State": [
            "Status": .string(node), "Running": .bool(node == "running"), "Paused": .bool(node == "paused"),
            "StartedAt": .string(state.startedAt.map(Timestamp.text) ?? ""),
          ],
          "Config": ["Image": "kindest/node:v1.36.1", "Labels": ["io.x-k8s.kind.cluster": "deskrun"]],
          "Mounts": .array(
            state.mounts.map {
              ["Type": "bind", "Source": .string($0.0), "Destination": .string($0.1), "RW": true]
            }),
        ]
      ])
    case "exec":
      return state.hasNoAdminConfiguration && arguments.contains("/etc/kubernetes/admin.conf")
        ? ToolResult(exit: .code(1)) : ok()
    case "start", "unpause":
      state.node = "running"
      state.startedAt = SystemTime.secondsSince1970()
      return ok("deskrun-control-plane\n")
    case "stop":
      state.node = "exited"
      return ok("deskrun-control-plane\n")
    default:
      return ok(["ServerVersion": "28.2.2", "Client": ["Version": "28.2.2"], "Server": ["Version": "28.2.2"]])
    }
  }

  private static func kind(_ arguments: [String], _ input: String, _ state: inout State) -> ToolResult {
    if arguments.contains("version") || arguments.contains("--version") {
      return ok("kind v0.32.0 go1.27.3 linux/amd64\n")
    }
    guard state.dockerRuns else { return fail("ERROR: failed to list clusters: \(dockerDown)") }
    let words = arguments.filter { !$0.hasPrefix("-") }
    switch words.prefix(2) {
    case ["get", "clusters"]: return ok(state.node == nil ? "" : "deskrun\n")
    case ["create", "cluster"]:
      guard state.node == nil else {
        return fail("ERROR: failed to create cluster: node(s) already exist for a cluster with the name \"deskrun\"")
      }
      state.wantedMounts = ((try? JSONValue(parsing: input))?["nodes"]?[0]?["extraMounts"]?.arrayValue ?? []).map {
        ($0["hostPath"]?.stringValue ?? "", $0["containerPath"]?.stringValue ?? "")
      }
      if let failure = state.createFailure {
        if failure.leaves != .nothing { state.node = "running" }
        let wanted = (try? JSONValue(parsing: input))?["nodes"]?[0]?["extraMounts"]?.arrayValue ?? []
        state.mounts =
          failure.leaves == .own
          ? wanted.map { ($0["hostPath"]?.stringValue ?? "", $0["containerPath"]?.stringValue ?? "") } : []
        return fail(failure.text)
      }
      state.node = "running"
      state.createdWith = try? JSONValue(parsing: input)
      state.mounts = (state.createdWith?["nodes"]?[0]?["extraMounts"]?.arrayValue ?? []).map {
        ($0["hostPath"]?.stringValue ?? "", $0["containerPath"]?.stringValue ?? "")
      }
      state.contexts.insert("kind-deskrun")
      state.currentContext = "kind-deskrun"
      return ok()
    case ["delete", "cluster"]:
      state.node = nil
      state.hasNoAdminConfiguration = false
      state.hasNoStorageClass = false
      state.definitionsVersion = nil
      state.objects = [:]
      state.releases = [:]
      state.contexts.remove("kind-deskrun")
      return ok()
    case ["export", "kubeconfig"]:
      state.contexts.insert("kind-deskrun")
      state.currentContext = "kind-deskrun"
      return ok()
    default: return ok()
    }
  }
}
