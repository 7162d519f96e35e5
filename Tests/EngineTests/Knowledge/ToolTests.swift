import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// Answers every call with the same function, and records the calls.
final class RecordingRunner: ToolRunner {
  let calls = Lock<[ToolCall]>([])
  let answer: @Sendable (ToolCall) -> ToolResult

  init(_ answer: @escaping @Sendable (ToolCall) -> ToolResult = { _ in ToolResult(exit: .code(0)) }) {
    self.answer = answer
  }

  func run(_ call: ToolCall, onLine: (@Sendable (ToolLine) -> Void)?) async throws -> ToolResult {
    calls.withLock { $0.append(call) }
    return answer(call)
  }

  func stream(_ call: ToolCall, onChunk: @Sendable ([UInt8]) async throws -> Void) async throws -> ToolResult {
    let result = try await run(call, onLine: nil)
    for byte in result.output { try await onChunk([byte]) }
    return ToolResult(exit: result.exit, errorOutput: result.errorOutput)
  }

  var all: [ToolCall] { calls.withLock { $0 } }
}

/// Fails, and quotes its input in the error, both as output and to the listener.
struct QuotingRunner: ToolRunner {
  func run(_ call: ToolCall, onLine: (@Sendable (ToolLine) -> Void)?) async throws -> ToolResult {
    let line = "error: error parsing STDIN: " + String(decoding: call.input ?? [], as: UTF8.self)
    onLine?(ToolLine(.error, line))
    return ToolResult(exit: .code(1), errorOutput: Array(line.utf8))
  }

  func stream(_ call: ToolCall, onChunk: @Sendable ([UInt8]) async throws -> Void) async throws -> ToolResult {
    try await run(call, onLine: nil)
  }
}

@Suite struct ToolTests {
  private let place: TemporaryFolder
  var folder: String { place.path }

  init() throws {
    place = try TemporaryFolder()
    let folder = place.path
    for tool in ["kubectl", "helm", "kind", "docker", "podman"] {
      // They are searched for, but never run.
      try Data("#!/bin/sh\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(tool)"))
      chmod("\(folder)/\(tool)", 0o755)
    }
    try Data("no program".utf8).write(to: URL(fileURLWithPath: "\(folder)/gh"))
  }

  func toolbox(_ runner: any ToolRunner, _ target: ClusterTarget = .kind(cluster: "deskrun", kubeconfig: "/k"))
    -> Toolbox
  {
    Toolbox(runner: runner, environment: ["PATH": "relative:\(folder)"], target: target)
  }

  @Test func `programs are found on path and what is no program is not`() throws {
    let locator = ToolLocator(environment: ["PATH": ":\(folder)"])
    #expect(try locator.locate(.kubectl) == "\(folder)/kubectl")
    #expect {
      try locator.locate(.gh)
    } throws: { ($0 as? EngineError)?.kind == .toolMissing && ($0 as? EngineError)?.fix?.contains("Install") == true }
  }

  @Test func `an override counts and a wrong one is named`() throws {
    let good = ToolLocator(environment: ["PATH": "/usr/bin", "DESKRUN_KUBECTL": "\(folder)/kubectl"])
    #expect(try good.locate(.kubectl) == "\(folder)/kubectl")
    let bad = ToolLocator(environment: ["PATH": folder, "DESKRUN_KUBECTL": "/nowhere/kubectl"])
    #expect {
      try bad.locate(.kubectl)
    } throws: { ($0 as? EngineError)?.what.contains("DESKRUN_KUBECTL") == true }
  }

  @Test func `kinds provider variable chooses the engine`() throws {
    let locator = ToolLocator(environment: ["PATH": folder, "KIND_EXPERIMENTAL_PROVIDER": "podman"])
    #expect(try locator.locate(.docker) == "\(folder)/podman")
  }

  @Test func `every call names the context and the kubeconfig`() async throws {
    let runner = RecordingRunner { _ in ToolResult(exit: .code(0), output: Array("{\"items\":[]}".utf8)) }
    let kubectl = try toolbox(runner).kubectl()
    _ = try await kubectl.get("/api/v1/pods", timeout: .seconds(1))
    _ = try await kubectl.list(kind: "pods", namespace: "a")
    try await kubectl.apply([["kind": "Secret"]])
    try await kubectl.delete(kind: "pods", name: "x", namespace: "a", wait: false)
    let helm = try toolbox(runner).helm()
    try await helm.uninstall(release: "x", namespace: "a")
    for call in runner.all {
      let flag = call.executable.hasSuffix("helm") ? "--kube-context" : "--context"
      let at = try #require(call.arguments.firstIndex(of: flag), "\(call.commandLine)")
      #expect(call.arguments[at + 1] == "kind-deskrun")
      #expect(call.arguments.contains("--kubeconfig"))
    }
  }

  @Test func `what is applied travels over standard input`() async throws {
    let runner = RecordingRunner()
    try await toolbox(runner).kubectl().apply([["kind": "Secret", "data": ["github_token": "c2VjcmV0"]]])
    let call = try #require(runner.all.first)
    #expect(!call.commandLine.contains("c2VjcmV0"))
    #expect(String(decoding: call.input ?? [], as: UTF8.self).contains("c2VjcmV0"))
    #expect(call.arguments.contains("--server-side"))
  }

  @Test func `Helm gets its values over standard input`() async throws {
    let runner = RecordingRunner()
    try await toolbox(runner).helm().upgradeInstall(
      release: "web", chart: ARCCharts.scaleSetChart, version: "0.14.2", namespace: "arc-systems",
      values: ["minRunners": 1], wait: false, timeout: .seconds(60))
    let call = try #require(runner.all.first)
    #expect(call.input.map { String(decoding: $0, as: UTF8.self) } == "{\"minRunners\":1}")
    let arguments = call.arguments.joined(separator: " ")
    #expect(arguments.contains("-f - "))
    #expect(arguments.contains("--version 0.14.2"))
  }

  @Test func `releases are read from the recording`() async throws {
    let recording = try fixture("tools/helm-list.json")
    let runner = RecordingRunner { _ in ToolResult(exit: .code(0), output: recording) }
    let releases = try await toolbox(runner).helm().releases(namespace: "arc-systems")
    #expect(releases.count == 5)
    let first = try #require(releases.first { $0.name == "my-runner" })
    #expect(first.status == "deployed")
    #expect(first.chartVersion == "0.14.2")
    #expect(first.isScaleSet)
    #expect(releases.first { $0.name == "arc-controller" }?.isScaleSet == false)
  }

  @Test func `a node is read from the recording`() async throws {
    let recording = try fixture("tools/docker-inspect-node.json")
    let runner = RecordingRunner { _ in ToolResult(exit: .code(0), output: recording) }
    let node = try await toolbox(runner).docker().node(container: "deskrun-control-plane")
    #expect(node?.status == .running)
    #expect(node?.image == "kindest/node:v1.36.1")
  }

  @Test func `an object that is not there is nil`() async throws {
    let kubectl = try toolbox(RecordingRunner()).kubectl()
    #expect(try await kubectl.get(kind: "secrets", name: "x", namespace: "a") == nil)
  }

  @Test func `an unset context is told from a failure`() async throws {
    func kubectl(_ text: String) throws -> Kubectl {
      try toolbox(RecordingRunner { _ in ToolResult(exit: .code(1), errorOutput: Array(text.utf8)) }).kubectl()
    }
    #expect(try await kubectl("error: current-context is not set\n").currentContext() == nil)
    await #expect(throws: EngineError.self) { try await kubectl("open /k: permission denied").currentContext() }
  }

  @Test func `streams are cut into lines whatever the chunks`() async throws {
    let runner = RecordingRunner { _ in ToolResult(exit: .code(0), output: Array("{\"a\":1}\n\n{\"b\":2}\nrest".utf8)) }
    let lines = Lock<[String]>([])
    try await toolbox(runner).kubectl().stream("/x") { new in
      lines.withLock { $0 += new.map { String(decoding: $0, as: UTF8.self) } }
    }
    #expect(lines.withLock { $0 } == ["{\"a\":1}", "{\"b\":2}", "rest"])
  }

  @Test(arguments: [
    ("v1.32.4-dispatcher", [1, 32, 4]), ("v4.1.4+g05fa379", [4, 1, 4]),
    ("kind v0.32.0 go1.27.3 linux/amd64", [0, 32, 0]),
    ("Docker version 28.2.2 , build e6534b4", [28, 2, 2]),
  ])
  func `versions are read`(text: String, numbers: [Int]) { #expect(ToolVersion(text: text).numbers == numbers) }

  @Test func `an old program is refused`() async throws {
    let runner = RecordingRunner { _ in ToolResult(exit: .code(0), output: Array("v3.7.2+g663a896".utf8)) }
    await #expect {
      _ = try await toolbox(runner).versionText(of: .helm)
    } throws: { ($0 as? EngineError)?.what.contains("too old") == true }
  }

  /// If a tool prints unreadable output, the error names the tool, quotes the output and suggests a command to check
  /// it.
  @Test func `nonsense is told as an error with what was said`() async throws {
    let runner = RecordingRunner { _ in ToolResult(exit: .code(0), output: Array("<html>\u{1B}[2Jlogin</html>".utf8)) }
    let tools = toolbox(runner)
    let kubectl = try tools.kubectl()
    let calls: [@Sendable () async throws -> Void] = [
      { _ = try await kubectl.serverVersion() }, { _ = try await kubectl.clientVersion() },
      { _ = try await kubectl.list(kind: "pods", namespace: nil) },
      { _ = try await kubectl.json("/apis/apps/v1/deployments", timeout: .seconds(1)) },
      { _ = try await tools.helm().releases(namespace: "a") }, { _ = try await tools.docker().node(container: "x") },
    ]
    for call in calls {
      await #expect {
        try await call()
      } throws: { error in
        guard let error = error as? EngineError else { return false }
        return error.why?.contains("<html>login</html>") == true && error.fix?.contains("by hand") == true
      }
    }
    #expect(try await tools.docker().state().problem?.why?.contains("<html>login") == true)
    let node = try fixture("tools/docker-inspect-node.json")
    let mixed = RecordingRunner { call in
      let answer = call.arguments.first == "inspect" ? node : call.arguments.first == "info" ? Array("{}".utf8) : []
      return ToolResult(exit: .code(0), output: answer)
    }
    guard case .unreachable(let error) = try await ClusterInspector(toolbox: toolbox(mixed)).state() else {
      Issue.record("the cluster is taken for something it is not")
      return
    }
    #expect(error.what == "kubectl answered something that is not JSON")
  }

  @Test func `the table of the doctor is complete whatever a tool says`() async throws {
    for output in ["<html>", "", "{}", "[[[", "99999999999999999999999.1", "{\"gitVersion\":\"v1.36.1\",\"items\":7}"] {
      let runner = RecordingRunner { _ in ToolResult(exit: .code(0), output: Array(output.utf8)) }
      let paths = try Paths(environment: ["HOME": folder, "DESKRUN_HOME": "\(folder)/home"])
      let doctor = Doctor(
        toolbox: toolbox(runner), store: ConfigurationStore(paths: paths),
        credentials: CredentialResolver(
          environment: [:], readStandardInput: { [] }, ghToken: { _ in throw EngineError(.unauthorized, "no gh") }))
      let ids = try await doctor.examine().map(\.id)
      for id in ["kubectl", "helm", "kind", "docker", "engine", "configuration", "cluster"] {
        #expect(ids.contains(id), "\(id) is missing with \(output)")
      }
    }
  }

  /// Like kubectl with a document that it cannot read: it quotes its input.
  @Test func `a tool that quotes its input does not show the token in it`() async throws {
    let token = "v1.9f8e7d6c5b4a39281706f5e4d3c2b1a0Zx"
    let resolver = CredentialResolver(
      environment: ["MY_TOKEN": token], readStandardInput: { [] }, ghToken: { _ in throw EngineError(.failed, "no gh") }
    )
    let installation = try Installation(
      name: InstallationName("web"), target: GitHubTarget("acme/web"), authentication: .token(.environment("MY_TOKEN")))
    let manifest = try await resolver.resolve(installation).secretManifest(name: "web", namespace: "a", labels: [:])
    let runner = QuotingRunner()
    let heard = Lock<[String]>([])
    let tools = toolbox(runner).observed(onCall: { _ in }, onLine: { line in heard.withLock { $0.append(line.text) } })
    let base64 = Base64.encode(token.utf8)
    await #expect {
      try await tools.kubectl().apply([manifest])
    } throws: { error in
      let all = (error as? EngineError)?.description ?? "\(error)"
      return all.contains("github_token") && !all.contains(base64.dropFirst(4).prefix(16)) && !all.contains(token)
    }
    let lines = heard.withLock { $0.joined(separator: "\n") }
    #expect(lines.contains("github_token") && !lines.contains(base64.dropFirst(4).prefix(16)))
  }

  @Test func `a tool that tells its error on standard output is heard`() {
    let said = "The command 'docker' could not be found in this WSL 2 distro.\nActivate the WSL integration.\n"
    let result = ToolResult(exit: .code(1), output: Array(said.utf8), errorOutput: Array(" \n".utf8))
    let error = ToolFailure.explain(.docker, arguments: ["--version"], result: result)
    #expect(
      error.why == "The command 'docker' could not be found in this WSL 2 distro. Activate the WSL integration.")
    #expect(error.fix == "Run it by hand to see more: docker --version")
    #expect(error.details.first == "The command 'docker' could not be found in this WSL 2 distro.")
    let gh = ToolResult(exit: .code(1), output: Array("the-token-itself".utf8))
    #expect(ToolFailure.lastLine(gh, of: .gh) == nil)
  }

  @Test func `command lines can be typed again`() {
    let call = ToolCall("/usr/bin/kubectl", ["get", "--raw", "/api?a=b", "it's", ""], environment: [:])
    #expect(call.commandLine == "kubectl get --raw '/api?a=b' 'it'\\''s' ''")
  }
}
