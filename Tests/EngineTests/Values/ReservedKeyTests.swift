import ARC
import Basics
import Testing

@testable import ValuesFiles

/// Labels and annotations that other programs set, anywhere in a file.
@Suite struct ReservedKeyTests {
  private func merged(_ text: String, imported: Bool = false) throws(EngineError) -> MergedValues {
    try MergedValues(
      MergeCase.values(.kubernetes), files: [MergeCase.file(text)], imported: imported ? ["/v.yaml"] : [],
      chartVersion: "0.15.0")
  }

  private static let places = ["", "template.metadata", "listenerTemplate.metadata", "resourceMeta.ephemeralRunner"]
  private static let keys = [
    "app.kubernetes.io/component", "helm.sh/chart", "actions.github.com/scale-set-name", "deskrun/owner",
    "runner-scale-set-id", "runner-pod",
  ]

  /// A file with a key at some place; the key is in the last line.
  private static func file(_ place: String, _ part: String, _ key: String) -> (text: String, line: Int) {
    let parts = place.split(separator: ".").map(String.init) + [part]
    let lines = parts.enumerated().map { String(repeating: " ", count: $0.offset) + $0.element + ":" }
    return (
      (lines + [String(repeating: " ", count: parts.count) + "\(key): \"1\""]).joined(separator: "\n"), parts.count + 1
    )
  }

  @Test(arguments: places, keys) func `one is refused with its line and why`(place: String, key: String) throws {
    for part in ["labels", "annotations"] {
      let (text, line) = Self.file(place, part, key)
      let error = try #require(throws: EngineError.self) { try merged(text) }
      #expect(
        error.what
          == "/v.yaml:\(line): \(place.isEmpty ? "" : place + ".")\(part).\"\(key)\" is set by others and may not be changed"
      )
      #expect(error.fix == "Remove it")
      #expect(error.why?.isEmpty == false)
    }
  }

  @Test(arguments: places) func `in a file that was imported they are left out, and said why`(place: String) throws {
    let (text, line) = Self.file(place, "annotations", "runner-scale-set-id")
    let merged = try merged(text + "\n" + String(repeating: " ", count: line - 1) + "mine: a", imported: true)
    var json: JSONValue? = merged.json
    for key in place.split(separator: ".").map(String.init) + ["annotations"] { json = json?[key] }
    #expect(json?["mine"] == "a")
    #expect(json?["runner-scale-set-id"] == nil)
    let note = try #require(merged.notes.first { $0.contains("is not used") })
    #expect(note.hasPrefix("/v.yaml:\(line): "))
    #expect(note.hasSuffix("is not used: ARC's controller keeps its own state there"))
  }

  @Test func `an imported file's other keys are left out with their own reason`() throws {
    let text = "namespaceOverride: ci\ncontrollerServiceAccount: {name: a, namespace: b}\nmaxRunners: 9\n"
    let notes = try merged(text, imported: true).notes
    #expect(
      notes == [
        "/v.yaml:1: namespaceOverride is not used: runners are in the namespace arc-systems",
        "/v.yaml:2: controllerServiceAccount is not used: the chart finds the service account of the controller",
        "/v.yaml:3: maxRunners is not used: the installation decides it since the file was imported",
      ])
  }

  @Test func `several are named together`() throws {
    let text = "annotations: {runner-scale-set-id: a}\ntemplate: {metadata: {labels: {runner-pod: b}}}\n"
    let error = try #require(throws: EngineError.self) { try merged(text) }
    #expect(error.what == "/v.yaml sets 2 keys that others set and that may not be changed")
    #expect(error.why?.contains("controller keeps its own state") == true)
    #expect(error.fix == "Remove them")
    #expect(error.details.count == 2)
  }

  @Test func `others are merged`() throws {
    let json = try merged(
      "template: {metadata: {labels: {team: a}, annotations: {example.com/runner-scale-set-id: b}}}"
    ).json
    #expect(json["template"]?["metadata"]?["labels"]?["team"] == "a")
    #expect(json["template"]?["metadata"]?["annotations"]?["example.com/runner-scale-set-id"] == "b")
  }
}
