import Basics
import Foundation
import TestSupport
import Testing

@testable import ValuesFiles

/// Reads a values file with Helm, as a chart sees it.
private enum HelmTemplate {
  static let works = (try? values("a: 1\n")) == ["a": 1]

  static func values(_ text: String) throws -> JSONValue {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: "\(folder.path)/templates", withIntermediateDirectories: true)
    try folder.write("apiVersion: v2\nname: c\nversion: 0.1.0\n", to: "Chart.yaml")
    try folder.write("values: {{ .Values | toJson | b64enc }}\n", to: "templates/values.yaml")
    let file = try folder.write(text, to: "v.yaml")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["helm", "template", "x", folder.path, "-f", file]
    let output = Pipe()
    (process.standardOutput, process.standardError) = (output, FileHandle.nullDevice)
    try process.run()
    let rendered = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let encoded = try #require(rendered.split(separator: "values: ").last?.split(separator: "\n").first)
    let json = try #require(Data(base64Encoded: String(encoded)))
    return try JSONValue(parsing: Array(json))
  }
}

/// Values as read by Helm itself, if a `helm` that renders charts is on the path.
@Suite(.enabled(if: HelmTemplate.works, "did not run: no helm on the path that has `helm template`"))
struct HelmComparisonTests {
  @Test func `scalars are what Helm makes of them`() throws {
    let text = """
      a: yes
      b: "yes"
      c: 010
      d: 0x1F
      e: 1_000
      f: 1.50
      g: 2024-01-02
      j: 4Gi
      l: !!str 7
      nn: .5
      o: 1e3
      q: off
      r: 08
      s: +7
      t: 0o17
      u: y
      v: N
      """
    #expect(try Self.number(HelmTemplate.values(text)) == Self.number(YAMLReader.read(Array(text.utf8))?.json ?? .null))
  }

  @Test(arguments: MergeCase.all) func `what is shown is what Helm reads`(example: MergeCase) throws {
    let merged = try example.merged()
    #expect(try Self.number(HelmTemplate.values(merged.yaml)) == Self.number(Self.withoutNulls(merged.json)))
  }

  /// Numbers without the distinction between 1 and 1.0, which Helm's JSON does not keep.
  private static func number(_ value: JSONValue) -> JSONValue {
    switch value {
    case .double(let number): Int(exactly: number).map(JSONValue.int) ?? value
    case .array(let items): .array(items.map(number))
    case .object(let object): .object(JSONObject(object.members.map { ($0.key, number($0.value)) }))
    default: value
    }
  }

  /// Helm removes null values before a chart sees them.
  private static func withoutNulls(_ value: JSONValue) -> JSONValue {
    guard case .object(let object) = value else { return value }
    return .object(
      JSONObject(object.members.filter { $0.value != .null }.map { ($0.key, withoutNulls($0.value)) }))
  }
}
