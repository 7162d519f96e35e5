import ARC
import Basics
import Testing

@testable import ValuesFiles

/// Files of some hundred kilobytes: each step must process them in linear time, or these tests take minutes.
@Suite(.timeLimit(.minutes(20))) struct LargeValuesTests {
  @Test func `thousands of annotations are read, checked, merged and shown`() throws {
    let lines = (0..<4_000).map { "    example.com/note-\($0): \"some words, number \($0)\"" }
    let text = "template:\n  metadata:\n    annotations:\n" + lines.map { "  " + $0 }.joined(separator: "\n") + "\n"
    #expect(text.utf8.count > 150_000)
    let files = try [MergeCase.file(text), MergeCase.file(text, "/w.yaml")]
    let merged = try MergedValues(MergeCase.values(.dind), files: files, chartVersion: "0.15.0")
    #expect(merged.json["template"]?["metadata"]?["annotations"]?.objectValue?.count == 4_000)
    #expect(merged.shown.json == merged.json)
    #expect(merged.yaml.utf8.count > 150_000)
  }

  @Test func `thousands of variables are merged by name`() throws {
    let items = (0..<1_500).map { "{name: V\($0), value: \"\($0)\"}" }.joined(separator: ",\n        ")
    let text = "template: {spec: {containers: [{name: runner, env: [\(items)]}]}}\n"
    let files = try [MergeCase.file(text), MergeCase.file(text, "/w.yaml")]
    let merged = try MergedValues(MergeCase.values(.dind), files: files, chartVersion: "0.15.0")
    #expect(MergeCase.value("template spec containers runner env V1499 value", in: merged.json) == "1499")
    #expect(merged.warnings.isEmpty)
  }
}
