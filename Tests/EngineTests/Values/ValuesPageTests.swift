import ARC
import Basics
import Foundation
import TestSupport
import Testing

@testable import ValuesFiles

/// The examples in docs/values.md work.
@Suite struct ValuesPageTests {
  private static let blocks: [String] = {
    let url = fixtureURL("../../../docs/values.md")
    let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
    return text.components(separatedBy: "```yaml\n").dropFirst().compactMap { $0.components(separatedBy: "```").first }
      // The example for --import has keys that otherwise are options.
      .filter { !$0.hasPrefix("runnerScaleSetName:") }
  }()

  @Test func `there are examples`() { #expect(Self.blocks.count >= 9) }

  @Test(arguments: blocks) func `an example does what it is for, and nothing is said against it`(block: String) throws {
    let modes = ContainerMode.allCases.filter { mode in
      !block.hasPrefix("# --mode ") || block.hasPrefix("# --mode \(mode.rawValue)\n")
    }
    for mode in modes {
      let file = try MergeCase.file(block)
      let merged = try MergedValues(MergeCase.values(mode), files: [file], chartVersion: "0.14.2")
      #expect(merged.warnings.isEmpty)
      for (path, value) in Self.leaves(file.root.json) {
        #expect(Self.has(path, value, merged.json), "\(path)")
      }
      let runner = merged.value[["template", "spec", "containers"]]?.item(named: "runner")
      #expect(runner?["command"]?.json == ["/home/runner/run.sh"])
    }
  }

  /// The values of a file by their paths, with list items addressed by name.
  private static func leaves(_ value: JSONValue, _ path: [String] = []) -> [([String], JSONValue)] {
    switch value {
    case .object(let object): object.members.flatMap { leaves($0.value, path + [$0.key]) }
    case .array(let items) where items.allSatisfy({ $0["name"] != nil }):
      items.flatMap { leaves($0, path + [$0["name"]?.stringValue ?? ""]) }
    default: [(path, value)]
    }
  }

  private static func has(_ path: [String], _ value: JSONValue, _ json: JSONValue) -> Bool {
    var found: JSONValue? = json
    for key in path {
      if let items = found?.arrayValue {
        found = items.first { $0["name"] == .string(key) }
      } else {
        found = found?[key]
      }
    }
    return found == value
  }
}
