import ARC
import Basics
import TestSupport
import Testing

@testable import ValuesFiles

/// The values that Helm gets from deskrun and a file.
@Suite struct MergedValuesTests {
  @Test(arguments: MergeCase.all) func `a file by hand`(example: MergeCase) throws {
    let merged = try example.merged()
    for (path, value) in example.expected {
      #expect(MergeCase.value(path, in: merged.json) == value, "\(path)")
    }
    #expect(merged.notes.count == example.notes.count, "\(merged.notes)")
    for (said, wanted) in zip(merged.notes, example.notes) { #expect(said.hasPrefix(wanted), "\(said)") }
    #expect(merged.warnings == example.warnings)
  }

  @Test func `thirty kinds and more`() {
    #expect(MergeCase.all.count >= 30)
    #expect(Set(MergeCase.all.map(\.name)).count == MergeCase.all.count)
  }

  // MARK: Several files

  @Test func `a later file counts before an earlier one`() throws {
    let files = try [
      MergeCase.file("template: {spec: {nodeSelector: {a: \"1\", b: \"1\"}}}", "/one.yaml"),
      MergeCase.file("template: {spec: {nodeSelector: {b: \"2\"}}}", "/two.yaml"),
    ]
    let merged = try MergedValues(MergeCase.values(.kubernetes), files: files, chartVersion: "0.14.2")
    #expect(merged.json["template"]?["spec"]?["nodeSelector"] == ["a": "1", "b": "2"])
    #expect(merged.notes.isEmpty)
    let selector = merged.value[["template", "spec", "nodeSelector"]]
    #expect(selector?["a"]?.place == ValuesPlace(file: "/one.yaml", line: 1))
    #expect(selector?["b"]?.place == ValuesPlace(file: "/two.yaml", line: 1))
  }

  // MARK: Rejected files

  private func refusal(
    _ text: String, _ mode: ContainerMode = .kubernetes, imported: Bool = false
  ) throws -> EngineError? {
    let file = try MergeCase.file(text)
    do throws(EngineError) {
      _ = try MergedValues(
        MergeCase.values(mode), files: [file], imported: imported ? ["/v.yaml"] : [], chartVersion: "0.14.2")
    } catch { return error }
    return nil
  }

  private static let foreign: [(text: String, advice: String)] = [
    ("githubConfigUrl: https://github.com/other", "Use --repository https://github.com/other"),
    ("githubConfigSecret: mine", "Use --auth-value: deskrun creates the Secret"),
    ("runnerScaleSetName: arc-x64", "Use that name for the installation: arc-x64"),
    ("minRunners: 0", "Use --min-runners 0"),
    ("maxRunners: 2", "Use --max-runners 2"),
    ("maxRunners: \"5\"", "Use --max-runners: the chart takes \"5\" for no number and ignores it"),
    ("scaleSetLabels: [a, b]", "Use --label a --label b"),
    ("runnerGroup: big", "Use --runner-group big"),
    ("controllerServiceAccount: {name: x}", "Remove it: the chart finds the service account of the controller"),
    ("namespaceOverride: other", "Use --namespace other"),
    ("containerMode: {type: dind}", "Use --mode dind"),
    ("containerMode: {type: kubernetes-novolume}", "Use --mode cached-privileged-kubernetes"),
    ("labels: {deskrun/installation: other}", "Remove it"),
  ]

  @Test(arguments: foreign.map(\.text)) func `an owned key is refused with its option`(text: String) throws {
    let advice = try #require(Self.foreign.first { $0.text == text }?.advice)
    let error = try #require(try refusal("# first\n" + text))
    #expect(error.kind == .invalid)
    #expect(error.what.hasPrefix("/v.yaml:2: "))
    #expect(error.fix == advice)
  }

  @Test func `several owned keys are named together`() throws {
    let error = try #require(try refusal("githubConfigUrl: https://github.com/acme\nminRunners: 0\nmaxRunners: 2\n"))
    #expect(error.what == "/v.yaml sets 3 keys that the installation sets")
    #expect(error.details.count == 3)
    #expect(error.fix?.contains("deskrun add --import /v.yaml") == true)
  }

  @Test func `imported keys are the installation's since`() throws {
    let text = "githubConfigUrl: https://github.com/other\nmaxRunners: 9\ncontainerMode: {type: dind}\nlabels: {a: b}\n"
    #expect(try refusal(text, imported: true) == nil)
    let merged = try MergedValues(
      MergeCase.values(.kubernetes), files: [MergeCase.file(text)], imported: ["/v.yaml"], chartVersion: "0.14.2")
    #expect(merged.json["maxRunners"] == 5)
    #expect(merged.json["githubConfigUrl"] == "https://github.com/acme/web")
    #expect(merged.json["containerMode"]?["type"] == "kubernetes")
    #expect(merged.json["labels"]?["a"] == "b")
  }

  private static let token = "ghp_" + String(repeating: "a1B2", count: 9)

  @Test func `credentials are refused wherever they are, and not quoted`() throws {
    for text in [
      "githubConfigSecret: {github_token: \(Self.token)}",
      "template: {spec: {containers: [{name: runner, env: [{name: T, value: \(Self.token)}]}]}}",
      "githubConfigSecret:\n  github_app_private_key: |\n    -----BEGIN RSA PRIVATE KEY-----\n    abc\n",
    ] {
      for imported in [true, false] {
        let error = try #require(try refusal(text, imported: imported))
        #expect(error.why?.contains("Helm") == true)
        #expect(!error.description.contains(Self.token))
      }
    }
    // The commit hash of an image is not a token.
    let commit = String(repeating: "a1b2c3d4", count: 5)
    #expect(try refusal("annotations: {commit: \(commit)}") == nil)
  }

  private static let wrong: [(text: String, message: String)] = [
    ("template: []", "template must be a mapping"),
    ("proxy: {noProxy: a}", "proxy.noProxy must be a list"),
    ("containerMode: {type: 3}", "containerMode.type must be a string"),
    ("template: {spec: {containers: [{image: x}]}}", "an item of containers has no name"),
    ("template: {spec: {containers: [{name: a}, {name: a}]}}", "containers has a twice, first in line 1"),
    (
      "template: {spec: {containers: [{name: runner, env: [{name: A, value: 1}]}]}}",
      "the value of the variable A must be in quotes"
    ),
  ]

  @Test(arguments: wrong.map(\.text)) func `what the cluster would refuse is refused before`(text: String) throws {
    let message = try #require(Self.wrong.first { $0.text == text }?.message)
    #expect(try refusal(text)?.what == "/v.yaml:1: \(message)")
  }

  @Test func `the runner cannot be removed`() throws {
    #expect(try refusal("template: {spec: {containers: ~}}")?.what == "The values have no container named runner")
  }

  @Test func `null reaches Helm for what the chart gives`() throws {
    let merged = try MergedValues(
      MergeCase.values(.kubernetes), files: [MergeCase.file("listenerConfig: ~\n")], chartVersion: "0.15.0")
    #expect(merged.json["listenerConfig"] == .null)
  }

  // MARK: Display

  @Test func `each line of a file has its place beside it`() throws {
    let merged = try MergedValues(
      MergeCase.values(.dind, caches: false),
      files: [
        MergeCase.file(
          "template:\n  spec:\n    containers:\n    - name: runner\n      resources:\n        limits: {memory: 4Gi}\n"
            + "    - name: side\n      image: busybox\n      command:\n      - sh\n      - |\n        one\n        two\n",
          "/home/me/values.yaml")
      ], chartVersion: "0.14.2")
    let text = merged.yaml.split(separator: "\n").map(String.init)
    #expect(text.contains { $0.hasPrefix("        limits:") && $0.hasSuffix("  # values.yaml:6") })
    #expect(text.contains { $0.hasPrefix("    - name: side") && $0.hasSuffix("  # values.yaml:7") })
    #expect(text.contains("minRunners: 1"))
    #expect(text.contains("    - name: runner"))
    let columns = Set(text.compactMap { $0.firstRange(of: "  # values")?.lowerBound.utf16Offset(in: $0) })
    #expect(columns.count == 1)
    // The displayed values are those that Helm gets, regardless of comments.
    #expect(try YAMLReader.read(Array(merged.yaml.utf8))?.json == merged.json)
    #expect(MergedValues(["a": 1]).yaml == "a: 1\n")
  }

  @Test(arguments: MergeCase.all) func `what is shown reads back as what Helm gets`(example: MergeCase) throws {
    let merged = try example.merged()
    #expect(try YAMLReader.read(Array(merged.yaml.utf8))?.json == merged.json)
  }
}
