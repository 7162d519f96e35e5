import Engine
import Foundation
import TestSupport
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

/// The roles in docs/clusters.md contain exactly the permissions that deskrun uses.
@Suite(.ownThreads) struct RoleTests {
  /// The permissions of a role, as `GROUP/RESOURCE VERB`.
  private func rights(of kind: String) throws -> Set<String> {
    let page = try MarkdownPage("docs/clusters.md")
    let block = try #require(page.blocks.first { $0.lines.contains("kind: \(kind)") })
    func list(_ line: String, _ key: String) throws -> [String]? {
      let text = line.trimmingCharacters(in: .whitespaces).replacing("- ", with: "")
      guard text.hasPrefix("\(key): ") else { return nil }
      return try JSONValue(parsing: String(text.dropFirst(key.count + 2))).arrayValue?.compactMap(\.stringValue)
    }
    var all: Set<String> = []
    var (groups, resources): ([String], [String]) = ([], [])
    for line in block.lines {
      groups = try list(line, "apiGroups") ?? groups
      resources = try list(line, "resources") ?? resources
      for verb in try list(line, "verbs") ?? [] {
        for group in groups { all.formUnion(resources.map { "\(group)/\($0) \(verb)" }) }
      }
    }
    return all
  }

  private var needed: Set<String> { rights { _ in true } }

  private func rights(where isMeant: (ReadingRight) -> Bool) -> Set<String> {
    Set(
      ReadingRight.allCases.filter(isMeant).flatMap { right in
        right.rule.verbs.map { "\(right.rule.group)/\(right.rule.resource) \($0)" }
      })
  }

  @Test(arguments: ["ClusterRole", "Role"]) func `the role has every right and no other`(kind: String) throws {
    // A role of a namespace cannot contain cluster-wide permissions.
    #expect(try rights(of: kind) == rights { kind == "ClusterRole" || $0 != .identity })
  }

  /// The permission for an API path; nil if everybody may read it.
  private func right(_ path: String) -> String? {
    let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
    var words = parts[0].split(separator: "/").map(String.init)
    guard words.count > 2 else { return nil }
    let group = words[0] == "apis" ? words[1] : ""
    words.removeFirst(words[0] == "apis" ? 3 : 2)
    if words.first == "namespaces", words.count > 2 { words.removeFirst(2) }
    // Only used with kind clusters.
    if group == "storage.k8s.io" { return nil }
    if words.last == "log" { return "/pods/log get" }
    let isWatch = parts.dropFirst().first?.contains("watch=1") == true
    return "\(group)/\(words[0]) " + (words.count > 1 ? "get" : isWatch ? "watch" : "list")
  }

  @Test func `commands ask for nothing that the role does not allow`() async throws {
    let folder = try TemporaryFolder()
    let demo = DemoFolder(speed: 1)
    let file = folder.path + "/log"
    let commands = [
      ["--demo-others", "status"], ["why"], ["jobs"], ["events"], ["logs", "team-a/gpu-ci"],
      ["logs", "web-ci", "--listener", "--tail", "3"], ["logs", "--controller", "--tail", "3"],
      ["status", "-n", "team-a"],
    ]
    for command in commands {
      let outcome = try await demo.run(command + ["--log-file", file])
      #expect(outcome.status == 0, "\(command): \(outcome.errors)")
    }
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let paths = text.matches(of: /--raw '?(\/[^ ']+)/).map { String($0.output.1) }
    let asked = Set(paths.compactMap(right))
    #expect(asked.isSuperset(of: ["/pods list", "/events list", "apps/deployments list", "/pods/log get"]))
    #expect(asked.subtracting(needed) == [])
    // `record` and the dashboard watch what is listed, with the same path.
    for kind in ObservedKind.allCases { #expect(needed.contains(right(kind.path(in: nil) + "?watch=1") ?? "")) }
  }
}
