import Basics
import Testing

@testable import ARC
@testable import ValuesFiles

/// Labels, annotations and `listenerConfig` that the chart rejects from 0.15 on.
@Suite struct MetadataCheckTests {
  private func refusal(_ text: String, chart: String) throws -> EngineError? {
    let file = try MergeCase.file(text)
    do throws(EngineError) {
      _ = try MergedValues(MergeCase.values(.kubernetes), files: [file], chartVersion: chart)
    } catch { return error }
    return nil
  }

  @Test(arguments: [
    ("labels: {team: two words}\n", 1, "labels.\"team\""),
    ("labels:\n  team: \(String(repeating: "a", count: 64))\n", 2, "at most 63"),
    ("labels: {\"my team\": a}\n", 1, "labels.\"my team\""),
    ("template:\n  metadata:\n    labels: {team: [a]}\n", 3, "template.metadata.labels.\"team\" must be a string"),
    ("listenerTemplate: {metadata: {annotations: {a: {b: c}}}}\n", 1, "listenerTemplate.metadata.annotations.\"a\""),
    ("resourceMeta: {managerRole: {labels: {a: -b}}}\n", 1, "resourceMeta.managerRole.labels.\"a\""),
    ("listenerConfig: {scaler: {qps: 0}}\n", 1, "listenerConfig.scaler.qps must be at least 1"),
    ("listenerConfig: {other: 1}\n", 1, "listenerConfig has no key other"),
    ("listenerConfig: {scaler: {rate: 5}}\n", 1, "listenerConfig.scaler.rate"),
  ])
  func `what the newer chart refuses is refused with its line, and only for that chart`(
    text: String, line: Int, words: String
  ) throws {
    let error = try #require(try refusal(text, chart: "0.15.0"))
    #expect(error.kind == .invalid)
    #expect(error.what.contains(":\(line): "), "\(error.what)")
    #expect(error.what.contains(words), "\(error.what)")
    #expect(try refusal(text, chart: "0.14.2") == nil)
  }

  @Test(arguments: [
    "labels: {team: a, tier: 3, on: true, empty: \"\"}\n", "labels: {example.com/team: a.b_c-d}\n",
    "annotations: {note: \"any text, of any length\", n: 7}\n", "labels: {gone: null}\n",
    "listenerConfig: {scaler: {qps: 5, burst: 10}}\n",
  ]) func `what Kubernetes takes is taken`(text: String) throws {
    #expect(try refusal(text, chart: "0.15.0") == nil)
  }
}
