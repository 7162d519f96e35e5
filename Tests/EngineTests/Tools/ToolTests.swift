import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Engine

/// Answers every call with what it was told, and remembers the calls.
final class RecordingRunner: ToolRunner {
  let calls = Mutex<[ToolCall]>([])
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

@Suite struct ToolTests {
  private let place: TemporaryFolder
  var folder: String { place.path }

  init() throws {
    place = try TemporaryFolder()
    let folder = place.path
    for tool in ["kubectl", "helm", "kind", "docker", "podman"] {
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

  @Test func programsAreFoundOnPathAndWhatIsNoProgramIsNot() throws {
    let locator = ToolLocator(environment: ["PATH": ":\(folder)"])
    #expect(try locator.locate(.kubectl) == "\(folder)/kubectl")
    #expect {
      try locator.locate(.gh)
    } throws: { ($0 as? EngineError)?.kind == .toolMissing && ($0 as? EngineError)?.fix?.contains("Install") == true }
  }

  @Test func anOverrideCountsAndAWrongOneIsNamed() throws {
    let good = ToolLocator(environment: ["PATH": "/usr/bin", "DESKRUN_KUBECTL": "\(folder)/kubectl"])
    #expect(try good.locate(.kubectl) == "\(folder)/kubectl")
    let bad = ToolLocator(environment: ["PATH": folder, "DESKRUN_KUBECTL": "/nowhere/kubectl"])
    #expect {
      try bad.locate(.kubectl)
    } throws: { ($0 as? EngineError)?.what.contains("DESKRUN_KUBECTL") == true }
  }

  @Test func kindsProviderVariableChoosesTheEngine() throws {
    let locator = ToolLocator(environment: ["PATH": folder, "KIND_EXPERIMENTAL_PROVIDER": "podman"])
    #expect(try locator.locate(.docker) == "\(folder)/podman")
  }

  @Test func everyCallNamesTheContextAndTheKubeconfig() async throws {
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

  @Test func whatIsAppliedTravelsOverStandardInput() async throws {
    let runner = RecordingRunner()
    try await toolbox(runner).kubectl().apply([["kind": "Secret", "data": ["github_token": "c2VjcmV0"]]])
    let call = try #require(runner.all.first)
    #expect(!call.commandLine.contains("c2VjcmV0"))
    #expect(String(decoding: call.input ?? [], as: UTF8.self).contains("c2VjcmV0"))
    #expect(call.arguments.contains("--server-side"))
  }

  @Test func helmGetsItsValuesOverStandardInput() async throws {
    let runner = RecordingRunner()
    try await toolbox(runner).helm().upgradeInstall(
      release: "web", chart: ARC.scaleSetChart, version: "0.14.2", namespace: "arc-systems", values: ["minRunners": 1],
      valuesFile: "/v.yaml", wait: false, timeout: .seconds(60))
    let call = try #require(runner.all.first)
    #expect(call.input.map { String(decoding: $0, as: UTF8.self) } == "{\"minRunners\":1}")
    let arguments = call.arguments.joined(separator: " ")
    #expect(arguments.contains("-f - -f /v.yaml"))
    #expect(arguments.contains("--version 0.14.2"))
  }

  @Test func releasesAreReadFromTheRecording() async throws {
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

  @Test func aNodeIsReadFromTheRecording() async throws {
    let recording = try fixture("tools/docker-inspect-node.json")
    let runner = RecordingRunner { _ in ToolResult(exit: .code(0), output: recording) }
    let node = try await toolbox(runner).docker().node(container: "deskrun-control-plane")
    #expect(node?.status == .running)
    #expect(node?.image == "kindest/node:v1.36.1")
  }

  @Test func anObjectThatIsNotThereIsNil() async throws {
    let kubectl = try toolbox(RecordingRunner()).kubectl()
    #expect(try await kubectl.get(kind: "secrets", name: "x", namespace: "a") == nil)
  }

  @Test func anUnsetContextIsToldFromAFailure() async throws {
    func kubectl(_ text: String) throws -> Kubectl {
      try toolbox(RecordingRunner { _ in ToolResult(exit: .code(1), errorOutput: Array(text.utf8)) }).kubectl()
    }
    #expect(try await kubectl("error: current-context is not set\n").currentContext() == nil)
    await #expect(throws: EngineError.self) { try await kubectl("open /k: permission denied").currentContext() }
  }

  @Test func streamsAreCutIntoLinesWhateverTheChunks() async throws {
    let runner = RecordingRunner { _ in ToolResult(exit: .code(0), output: Array("{\"a\":1}\n\n{\"b\":2}\nrest".utf8)) }
    let lines = Mutex<[String]>([])
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
  func versionsAreRead(text: String, numbers: [Int]) { #expect(ToolVersion(text: text).numbers == numbers) }

  @Test func anOldProgramIsRefused() async throws {
    let runner = RecordingRunner { _ in ToolResult(exit: .code(0), output: Array("v3.7.2+g663a896".utf8)) }
    await #expect {
      _ = try await toolbox(runner).versionText(of: .helm)
    } throws: { ($0 as? EngineError)?.what.contains("too old") == true }
  }

  @Test func commandLinesCanBeTypedAgain() {
    let call = ToolCall("/usr/bin/kubectl", ["get", "--raw", "/api?a=b", "it's", ""], environment: [:])
    #expect(call.commandLine == "kubectl get --raw '/api?a=b' 'it'\\''s' ''")
  }
}
