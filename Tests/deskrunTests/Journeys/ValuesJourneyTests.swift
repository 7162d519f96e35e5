import Engine
import Foundation
import TestSupport
import Testing

/// Typical uses of values files and pod options.
@Suite(.ownThreads) struct ValuesJourneyTests {
  private let demo = DemoFolder(speed: 200)
  private let files: TemporaryFolder

  init() throws { files = try TemporaryFolder() }

  private static let token = ["--auth-value", "env:CI_TOKEN"]
  private static let environment = ["CI_TOKEN": "ghp_" + String(repeating: "a1B2", count: 9)]

  private func run(_ arguments: [String]) async throws -> DeskrunBinary.Outcome {
    try await demo.run(arguments, environment: Self.environment)
  }

  private func list(_ name: String) async throws -> JSONValue? {
    let document = try await JSONValue(parsing: run(["list", "-o", "json"]).output)
    return document["installations"]?.arrayValue?.first { $0["name"] == .string(name) }
  }

  private func helmValues(_ plan: DeskrunBinary.Outcome, _ name: String) throws -> JSONValue? {
    let document = try JSONValue(parsing: plan.output)
    let helm = document["documents"]?.arrayValue?.first { $0["title"] == .string("Helm values of \(name)") }
    return helm?["content"]
  }

  @Test func `what is shown is what is deployed`() async throws {
    let file = try files.write(
      "template: {spec: {containers: [{name: runner, resources: {limits: {memory: 4Gi}}}]}}\n", to: "v.yaml")
    let add = ["add", "t1", "-r", "acme/t1", "--values", file] + Self.token
    let plan = try demo.runProgram(add + ["--dry-run", "-o", "json"], environment: Self.environment)
    let values = try #require(try helmValues(plan, "t1"))
    #expect(values["template"]?["spec"]?["containers"]?[0]?["resources"]?["limits"]?["memory"] == "4Gi")
    #expect(values["template"]?["spec"]?["containers"]?[0]?["command"] == ["/home/runner/run.sh"])
    let text = try await run(add + ["--dry-run"])
    #expect(text.output.contains("# v.yaml:1"))
    #expect(text.output.contains("# merged with \(file)"))

    #expect(try await run(add + ["-q"]).status == 0)
    let stored = try demo.files().map(\.text).joined()
    let state = try #require(
      stored.split(separator: "\n").lazy.compactMap { try? JSONValue(parsing: String($0)) }.first {
        $0["releases"]?["t1"] != nil
      }
        ?? (try? JSONValue(parsing: demo.files().first { $0.text.contains("\"releases\"") }?.text ?? "")))
    let release = try #require(state["releases"]?["t1"]?["values"]?.stringValue)
    #expect(try JSONValue(parsing: release) == values)
    #expect(try await run(["up", "t1", "--dry-run"]).errors.contains("warning") == false)
  }

  @Test func `a file that changes or goes is noticed`() async throws {
    let file = try files.write("annotations: {a: b}\n", to: "v.yaml")
    #expect(try await run(["add", "t1", "-r", "acme/t1", "--values", file, "-q"] + Self.token).status == 0)
    #expect(try await rules() == [])
    try files.write("# only a comment\nannotations:\n  a: b\n", to: "v.yaml")
    #expect(try await rules() == [])
    try files.write("annotations: {a: c}\n", to: "v.yaml")
    #expect(try await rules() == ["values-changed"])
    #expect(try await run(["status", "t1"]).output.contains("t1: its values files are not those it was deployed with"))
    #expect(try await run(["why", "t1"]).output.contains("deskrun --demo up t1"))
    #expect(try await run(["up", "t1", "-q"]).status == 0)
    #expect(try await rules() == [])
    try FileManager.default.removeItem(atPath: file)
    #expect(try await rules() == ["values-changed"])
    #expect(try await run(["why", "t1"]).output.contains("\(file) cannot be read"))
    let alone = try await run(["up", "t1", "-q"])
    #expect(alone.status == 65)
    let all = try await run(["up", "--dry-run"])
    #expect(all.status == 0)
    #expect(all.errors.contains("t1 is skipped"))
    #expect(try await run(["edit", "t1", "--no-values", "-q", "-y"]).status == 0)
    #expect(try await rules() == [])
  }

  /// The findings about t1 that concern its values and settings.
  private func rules() async throws -> [String] {
    let document = try await JSONValue(parsing: run(["status", "t1", "-o", "json"]).output)
    return (document["findings"]?.arrayValue ?? []).compactMap { finding in
      finding["rule"]?.stringValue.flatMap { ["drift", "values-changed"].contains($0) ? $0 : nil }
    }
  }

  @Test func `settings that were changed in the cluster are shown with both values and can be taken over`() async throws
  {
    #expect(try await run(["list"]).status == 0)
    let trouble = ["--demo-trouble", "drift"]
    let document = try await JSONValue(parsing: run(trouble + ["status", "web-ci", "-o", "json"]).output)
    let drift = document["installations"]?[0]?["drift"]?.arrayValue ?? []
    #expect(drift.map { $0["setting"] } == ["minRunners", "labels"])
    #expect(drift.first?["cluster"] == "0")
    #expect(document["installations"]?[0]?["scaleSets"]?[0]?["minRunners"] == 0)
    let shown = try await run(["edit", "web-ci", "--from-cluster", "--dry-run"])
    #expect(shown.status == 0, "\(shown.errors)")
    #expect(shown.errors.contains("labels: none -> gpu"))
    #expect(try await list("web-ci")?["labels"] == [])
    #expect(try await run(["edit", "web-ci", "--from-cluster", "-q", "-y"]).status == 0)
    #expect(try await list("web-ci")?["labels"] == ["gpu"])
    #expect(try await list("web-ci")?["minRunners"] == 0)
    let refused = try await run(["edit", "web-ci", "--from-cluster", "--max-runners", "3"])
    #expect(refused.status == 64)
  }

  @Test func `every example of the page can be given`() async throws {
    let page = try String(contentsOf: fixtureURL("../../../docs/values.md"), encoding: .utf8)
    let blocks = page.components(separatedBy: "```yaml\n").dropFirst()
      .compactMap { $0.components(separatedBy: "```").first }
    #expect(blocks.count >= 9)
    // The effect of each is tested without the program by `ValuesPageTests`.
    for block in Rounds.some(3, of: blocks) {
      let mode = block.hasPrefix("# --mode ") ? String(block.dropFirst(9).prefix { $0 != "\n" }) : "kubernetes"
      let file = try files.write(block, to: "example.yaml")
      let plan = try await run(
        ["add", "t1", "-r", "acme/t1", "--mode", mode, "--values", file, "--dry-run", "-o", "json"] + Self.token)
      #expect(plan.status == 0, "\(plan.errors)")
      #expect(!plan.errors.contains("warning:"), "\(block)\n\(plan.errors)")
      #expect(try helmValues(plan, "t1") != nil)
    }
  }

  @Test(arguments: [
    "template: {spec: *gone}\n", "- a\n", "a: 1\na: 2\n", "maxRunners: 9\n", "template: []\n", "x: {{ .Values.y }}\n",
    "a: 1\n---\nb: 2\n",
  ]) func `a bad file changes nothing and asks nothing`(text: String) async throws {
    let file = try files.write(text, to: "bad.yaml")
    // Without credentials, because it fails before they are requested.
    let outcome = try await run(["add", "t1", "-r", "acme/t1", "--values", file])
    #expect(outcome.status == 65)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains("\(file):"), "\(outcome.errors)")
    #expect(try await list("t1") == nil)
  }

  @Test func `a file of ARC's chart becomes an installation`() async throws {
    let file = try files.write(
      """
      githubConfigUrl: https://github.com/acme
      githubConfigSecret: pre-defined
      runnerScaleSetName: arc-x64
      minRunners: 2
      maxRunners: 7
      runnerGroup: builders
      scaleSetLabels: [big, fast]
      containerMode: {type: dind}
      template: {spec: {nodeSelector: {disk: ssd}}}
      """, to: "arc.yaml")
    let refused = try await run(["add", "x", "-r", "acme/x", "--values", file, "--dry-run"] + Self.token)
    #expect(refused.status == 65)
    #expect(refused.errors.contains("add --import \(file)"))
    let added = try await run(["add", "--import", file] + Self.token)
    #expect(added.status == 0, "\(added.errors)")
    #expect(added.errors.contains("githubConfigSecret is not imported"))
    let installation = try #require(try await list("arc-x64"))
    #expect(installation["githubUrl"] == "https://github.com/acme")
    #expect(installation["mode"] == "dind")
    #expect(installation["minRunners"] == 2)
    #expect(installation["maxRunners"] == 7)
    #expect(installation["labels"] == ["big", "fast"])
    #expect(installation["pod"]?["runnerGroup"] == "builders")
    #expect(installation["importedValues"] == .string(file))
    // From then on the installation sets its limits, whatever the file contains.
    #expect(try await run(["scale", "arc-x64", "--max-runners", "9", "-q"]).status == 0)
    let values = try helmValues(try await run(["up", "arc-x64", "--dry-run", "-o", "json"]), "arc-x64")
    #expect(values?["maxRunners"] == 9)
    #expect(values?["template"]?["spec"]?["nodeSelector"] == ["disk": "ssd"])
    #expect(values?["githubConfigSecret"] == "arc-x64-credentials")
  }

  @Test func `a name or an address that is missing is asked for`() async throws {
    let file = try files.write("maxRunners: 3\n", to: "arc.yaml")
    #expect(try await run(["add", "--import", file]).errors.contains("has no runnerScaleSetName"))
    #expect(try await run(["add", "x", "--import", file]).errors.contains("has no githubConfigUrl"))
    #expect(try await run(["add"]).status == 64)
    #expect(try await run(["add", "x"]).status == 64)
  }

  @Test func `options are kept, listed, changed and set back`() async throws {
    let options = [
      "--env", "A=b,c", "--env-from", "s:K", "--cpus", "2", "--memory", "4Gi", "--work-size", "20Gi", "--toleration",
      "ci:NoSchedule", "--node-selector", "disk=ssd", "--pull-policy", "Always", "--pull-secret", "r",
      "--service-account", "b",
    ]
    #expect(try await run(["add", "t1", "-r", "acme/t1", "-q"] + options + Self.token).status == 0)
    let pod = try #require(try await list("t1")?["pod"])
    #expect(pod["env"] == ["A=b,c"])
    #expect(pod["memory"] == "4Gi")
    #expect(pod["tolerations"] == ["ci:NoSchedule"])
    #expect(pod["dindImage"] == .null)
    #expect(
      try await run(["edit", "t1", "--env", "B=c", "--reset", "memory", "--reset", "cpus", "-q", "-y"]).status == 0)
    let changed = try #require(try await list("t1")?["pod"])
    #expect(changed["env"] == ["B=c"])
    #expect(changed["envFrom"] == ["s:K"])
    #expect(changed["memory"] == .null)
    #expect(changed["workSize"] == "20Gi")
    let refused = try await run(["edit", "t1", "--mode", "dind", "--dry-run"])
    #expect(refused.status == 65)
    #expect(refused.errors.contains("--work-size 20Gi is for the mode kubernetes alone"))
  }
}
