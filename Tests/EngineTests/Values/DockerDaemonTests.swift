import Basics
import Foundation
import Testing

@testable import ARC
@testable import ValuesFiles

/// The Docker daemon of a values file next to deskrun's.
@Suite struct DockerDaemonTests {
  private func merged(
    _ text: String, _ mode: ContainerMode = .dind, settings: PodSettings = PodSettings()
  ) throws(EngineError) -> MergedValues {
    try MergedValues(
      MergeCase.values(mode, settings: settings), files: [MergeCase.file(text)], chartVersion: "0.14.2")
  }

  private func options() -> PodSettings {
    var settings = PodSettings()
    settings.dindImage = "docker:28-dind"
    settings.dindArguments = ["--mtu=1400"]
    return settings
  }

  private static let whole = "containers: [{name: dind, securityContext: {privileged: true}}]"
  private static let wholeWithImage =
    "containers: [{name: dind, image: docker:27-dind, securityContext: {privileged: true}}]"

  @Test(arguments: [
    ("containers: [{name: dind, resources: {limits: {memory: 1Gi}}}]", "initContainers"), (whole, "containers"),
  ]) func `the options of the daemon hold where the file says nothing of them`(spec: String, list: String) throws {
    let merged = try merged("template: {spec: {\(spec)}}", settings: options())
    let daemon = MergeCase.value("template spec \(list) dind", in: merged.json)
    #expect(daemon?["image"] == "docker:28-dind")
    #expect(daemon?["args"]?.arrayValue?.contains("--mtu=1400") == true)
    #expect(daemon?["volumeMounts"]?.arrayValue?.contains { $0["name"] == "work" } == true)
  }

  @Test(arguments: ["containers: [{name: dind, image: docker:27-dind}]", wholeWithImage])
  func `the image of the file counts, and is said to`(spec: String) throws {
    let merged = try merged("template: {spec: {\(spec)}}", settings: options())
    #expect(merged.notes.contains { $0.hasSuffix("[dind].image: docker:28-dind -> docker:27-dind") }, "\(merged.notes)")
    #expect(merged.json.encoded().firstRange(of: "docker:28-dind") == nil)
  }

  @Test func `a container is restarted by nobody, and a command has its own arguments`() throws {
    let merged = try merged(
      "template: {spec: {containers: [{name: dind, command: [dockerd], securityContext: {privileged: true}}]}}")
    let daemon = MergeCase.value("template spec containers dind", in: merged.json)
    #expect(daemon?["command"] == ["dockerd"])
    #expect(daemon?["args"] == nil)
    #expect(daemon?["restartPolicy"] == nil)
    #expect(MergeCase.value("template spec initContainers dind", in: merged.json) == nil)
  }

  @Test func `a daemon under another name is the only one`() throws {
    let merged = try merged("template: {spec: {containers: [{name: docker, image: docker:dind}]}}")
    #expect(MergeCase.value("template spec initContainers dind", in: merged.json) == nil)
    #expect(merged.json["containerMode"] == nil)
  }

  private static let twice = """
    template:
      spec:
        containers:
          - name: dind
            image: docker:27-dind
            env: [{name: A, value: container}, {name: B, value: container}]
            resources: {limits: {memory: 1Gi}}
            securityContext: {privileged: true}
        initContainers:
          - name: dind
            image: docker:28-dind
            env: [{name: A, value: init}]
    """

  @Test(arguments: [false, true]) func `a daemon in both lists is one init container`(inTwoFiles: Bool) throws {
    let initContainer =
      "template: {spec: {initContainers: [{name: dind, image: docker:28-dind, env: [{name: A, value: init}]}]}}"
    let alone = Self.twice.components(separatedBy: "    initContainers:")[0]
    let files =
      try inTwoFiles
      ? [MergeCase.file(initContainer, "/w.yaml"), MergeCase.file(alone)] : [MergeCase.file(Self.twice)]
    let merged = try MergedValues(MergeCase.values(.dind), files: files, chartVersion: "0.15.0")
    let spec = merged.json["template"]?["spec"]
    let names = ["containers", "initContainers"].flatMap { list in
      (spec?[list]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }.map { "\(list) \($0)" }
    }
    #expect(names.filter { $0.hasSuffix(" dind") } == ["initContainers dind"])
    let daemon = MergeCase.value("template spec initContainers dind", in: merged.json)
    #expect(daemon?["restartPolicy"] == "Always")
    #expect(daemon?["securityContext"]?["privileged"] == true)
    #expect(daemon?["resources"]?["limits"]?["memory"] == "1Gi")
    #expect(MergeCase.value("template spec initContainers dind env B value", in: merged.json) == "container")
    #expect(daemon?["image"] == "docker:28-dind")
    #expect(!merged.notes.contains { $0.contains("docker:27-dind") }, "\(merged.notes)")
    if !inTwoFiles {
      #expect(MergeCase.value("template spec initContainers dind env A value", in: merged.json) == "init")
    }
    #expect(merged.notes.contains { $0.hasPrefix("/v.yaml:4 has the Docker daemon dind in containers beside") })
  }

  // MARK: Without a mode

  private static let byHand = """
    runnerScaleSetName: web
    template:
      spec:
        containers:
          - name: dind
            image: docker:dind
            securityContext: {privileged: true}
        volumes:
          - name: work
            emptyDir: {}
          - name: dind-sock
            emptyDir: {}
    """

  @Test func `a daemon by hand is the mode dind when it is imported`() throws {
    let imported = try ValuesImport(MergeCase.file(Self.byHand))
    #expect(imported.mode == .dind)
    #expect(imported.daemon == ValuesPlace(file: "/v.yaml", line: 5))
    let named = try ValuesImport(MergeCase.file("containerMode: {type: kubernetes}\n" + Self.byHand))
    #expect(named.mode == .kubernetes)
    #expect(named.daemon == nil)
    #expect(try ValuesImport(MergeCase.file("template: {spec: {nodeSelector: {a: b}}}")).mode == nil)
  }

  @Test func `a daemon in another mode is warned of, and refused where the work volume cannot be shared`() throws {
    let text = "template: {spec: {initContainers: [{name: dind, image: \"docker:28-dind\"}]}}"
    let warning = "/v.yaml:1: this file brings its own Docker daemon; use `--mode dind`"
    #expect(try merged(text, .kubernetes).warnings == [warning])
    #expect(try merged(text, .dind).warnings.isEmpty)
    let error = try #require(throws: EngineError.self) { try merged(Self.byHand, .kubernetes) }
    #expect(error.fix == "Use --mode dind")
    #expect(error.what.hasPrefix("/v.yaml:5: "))
    #expect(try merged(Self.byHand, .cachedPrivilegedKubernetes).warnings.count == 1)
  }
}
