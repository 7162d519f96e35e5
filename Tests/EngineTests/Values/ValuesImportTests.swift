import ARC
import Basics
import Testing

@testable import ValuesFiles

/// What an installation imports from a values file, and which of its values match one.
@Suite struct ValuesImportTests {
  @Test func `labels without quotes are labels`() throws {
    let imported = try ValuesImport(MergeCase.file("scaleSetLabels: [linux, 42, 24.04, on]\n"))
    #expect(imported.labels == ["linux", "42", "24.04", "true"])
    let error = try #require(throws: EngineError.self) {
      try ValuesImport(MergeCase.file("scaleSetLabels:\n- linux\n- {a: b}\n"))
    }
    #expect(error.what == "/v.yaml:3: scaleSetLabels must be a list of strings")
  }

  private func refusal(_ text: String) throws -> EngineError? {
    let file = try MergeCase.file(text)
    do throws(EngineError) {
      _ = try MergedValues(MergeCase.values(.kubernetes), files: [file], chartVersion: "0.14.2")
    } catch { return error }
    return nil
  }

  @Test(arguments: [
    "maxRunners: null", "minRunners: ~", "githubConfigUrl:", "runnerGroup: null", "githubConfigSecret: null",
    "githubConfigUrl: https://GitHub.com/Acme/Web", "githubConfigUrl: https://github.com/acme/web/",
  ]) func `what says nothing else is taken`(text: String) throws {
    #expect(try refusal(text) == nil)
    let merged = try MergedValues(
      MergeCase.values(.kubernetes), files: [MergeCase.file(text)], chartVersion: "0.14.2")
    for key in OwnedKey.allCases {
      #expect(merged.json[key.rawValue] == MergeCase.values(.kubernetes).json[key.rawValue])
    }
  }

  @Test func `labels are compared as text, and named so`() throws {
    #expect(try refusal("scaleSetLabels: [7, big]")?.fix == "Use --label 7 --label big")
    var values = MergeCase.values(.kubernetes)
    values.input.labels = ["7", "big"]
    let file = try MergeCase.file("scaleSetLabels: [big, 7]")
    let merged = try MergedValues(values, files: [file], chartVersion: "0.14.2")
    #expect(merged.json["scaleSetLabels"] == ["7", "big"])
  }
}
