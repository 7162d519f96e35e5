import ARC
import Basics
import Testing

@testable import ValuesFiles

/// Values of the wrong type, which would replace deskrun's or be dropped, and keys that other programs set.
@Suite struct PodCheckTests {
  private func refusal(_ text: String, imported: Bool = false) throws -> EngineError? {
    let file = try MergeCase.file(text)
    do throws(EngineError) {
      _ = try MergedValues(
        MergeCase.values(.kubernetes), files: [file], imported: imported ? ["/v.yaml"] : [], chartVersion: "0.14.2")
    } catch { return error }
    return nil
  }

  private static func container(_ text: String) -> String {
    "template:\n  spec:\n    containers:\n    - name: runner\n      \(text)\n"
  }

  @Test(arguments: [
    (container("env: {A: b}"), 5, "template.spec.containers[runner].env must be a list: [{name: NAME, value: VALUE}]"),
    (container("volumeMounts: {a: b}"), 5, "template.spec.containers[runner].volumeMounts must be a list"),
    (container("command: /run.sh"), 5, "template.spec.containers[runner].command must be a list: [COMMAND]"),
    (container("image: 3"), 5, "template.spec.containers[runner].image must be a string"),
    (container("resources: 4Gi"), 5, "template.spec.containers[runner].resources must be a mapping"),
    (container("env: [A]"), 5, "each item of template.spec.containers[runner].env must be a mapping"),
    ("template:\n  spec:\n    volumes: {a: {emptyDir: {}}}\n", 3, "template.spec.volumes must be a list"),
    ("template:\n  spec:\n    tolerations: {key: a}\n", 3, "template.spec.tolerations must be a list"),
    ("template:\n  spec:\n    containers: {runner: {image: a}}\n", 3, "template.spec.containers must be a list"),
    ("listenerTemplate: {spec: {containers: {listener: {}}}}", 1, "listenerTemplate.spec.containers must be a list"),
    ("a: 1\nlabels: foo\n", 2, "labels must be a mapping: {KEY: VALUE}"),
    ("annotations: [a]\n", 1, "annotations must be a mapping: {KEY: VALUE}"),
    ("containerMode: null\n", 1, "containerMode is empty"),
    ("maxRunners: 5\ntemplate:\n", 2, "template is empty"), ("template:\n  spec:\n", 2, "template.spec is empty"),
  ])
  func `a wrong form is refused with the line and the right one`(text: String, line: Int, message: String) throws {
    let error = try #require(try refusal(text))
    #expect(error.kind == .invalid)
    #expect(error.what.hasPrefix("/v.yaml:\(line): \(message)"), "\(error.what)")
  }

  @Test func `an empty mode says nothing once the file is imported`() throws {
    #expect(try refusal("containerMode:\n", imported: true) == nil)
  }

  // MARK: Reserved labels and annotations

  @Test(arguments: [
    ("labels: {app.kubernetes.io/version: \"1\"}", "labels.\"app.kubernetes.io/version\"", "deletes a scale set"),
    ("annotations: {actions.github.com/values-hash: a}", "annotations.\"actions.github.com/values-hash\"", "state"),
    (
      "resourceMeta: {autoscalingRunnerSet: {labels: {helm.sh/chart: a}}}",
      "resourceMeta.autoscalingRunnerSet.labels.\"helm.sh/chart\"", "finds the objects"
    ),
    ("labels: {app.kubernetes.io/part-of: a}", "labels.\"app.kubernetes.io/part-of\"", "finds the objects"),
    ("resourceMeta: {managerRole: {annotations: {deskrun/owner: a}}}", "resourceMeta.managerRole", "deskrun"),
  ]) func `keys of others are refused, and why`(text: String, path: String, reason: String) throws {
    let error = try #require(try refusal("a: 1\n" + text))
    #expect(error.what.hasPrefix("/v.yaml:2: \(path)"), "\(error.what)")
    #expect(error.why?.firstRange(of: reason) != nil, "\(error.why ?? "")")
  }

  @Test func `keys of others in an imported file are left out`() throws {
    let text = """
      labels: {app.kubernetes.io/version: "1", team: a}
      annotations: {helm.sh/chart: b}
      resourceMeta: {managerRole: {labels: {deskrun/x: y, team: b}}}
      """
    let merged = try MergedValues(
      MergeCase.values(.kubernetes), files: [MergeCase.file(text)], imported: ["/v.yaml"], chartVersion: "0.14.2")
    #expect(merged.json["labels"]?["app.kubernetes.io/version"] == nil)
    #expect(merged.json["labels"]?["team"] == "a")
    #expect(merged.json["annotations"] == nil)
    #expect(merged.json["resourceMeta"]?["managerRole"]?["labels"] == ["team": "b"])
    #expect(merged.notes.count == 3)
  }

  @Test func `keys of one's own are taken`() throws {
    #expect(try refusal("labels: {app.kubernetes.io/team: a, example.com/version: b}") == nil)
  }
}
