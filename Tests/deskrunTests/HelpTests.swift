import ArgumentParser
import Engine
import Foundation
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

/// Help texts are snapshots, so that a review shows changes of the interface. Update them with RECORD_SNAPSHOTS=1.
@Suite(.ownThreads) struct HelpTests {
  static let paths: [[String]] = [[]] + commandPaths(below: Deskrun.self, at: [])

  static func commandPaths(below type: any ParsableCommand.Type, at path: [String]) -> [[String]] {
    type.configuration.subcommands.flatMap { command in
      let here = path + [command._commandName]
      return [here] + commandPaths(below: command, at: here)
    }
  }

  @Test(arguments: paths) func `help is as recorded`(path: [String]) throws {
    let outcome = CommandLineAnswer.help(path)
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    let name = (["help"] + path).joined(separator: "-") + ".txt"
    try expectSnapshot(outcome.output, name)
  }

  @Test(arguments: paths.filter { !$0.isEmpty }) func `help COMMAND is COMMAND --help`(path: [String]) throws {
    let one = try ArgumentOrder.arrange(["help"] + path, whenEmpty: [])
    let other = try ArgumentOrder.arrange(path + ["--help"], whenEmpty: [])
    #expect(one.arguments == path + ["--help"])
    #expect(one.arguments == other.arguments)
  }

  @Test(arguments: [["--help"], ["help", "cluster", "use"], ["scale", "--help"]])
  func `the program prints its help`(arguments: [String]) throws {
    let outcome = try DeskrunBinary.run(arguments)
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    let path = arguments.filter { $0 != "--help" && $0 != "help" }
    try expectSnapshot(outcome.output, (["help"] + path).joined(separator: "-") + ".txt")
  }

  @Test func `help of the root fits eighty columns and tells every exit status`() throws {
    let help = CommandLineAnswer.help([]).output
    #expect(help.split(separator: "\n").allSatisfy { DisplayWidth.of($0) <= 80 })
    for status in ExitStatus.allCases { #expect(help.contains(" \(status.rawValue)  \(status.meaning)")) }
  }

  @Test func `a command's own options come first, and those of the demo are on a page of their own`() throws {
    let logs = CommandLineAnswer.help(["logs"]).output
    let own = try #require(logs.range(of: "--follow"))
    #expect(own.lowerBound < (try #require(logs.range(of: "GLOBAL OPTIONS:"))).lowerBound)
    for path in Self.paths {
      #expect(!CommandLineAnswer.help(path).output.contains("--demo-speed"), "\(path)")
    }
    let page = CommandLineAnswer.to(["help", "demo"])
    #expect(page.status == 0 && page.errors == "")
    for name in GlobalOptions.names where name.hasPrefix("--demo") { #expect(page.output.contains(name)) }
    #expect(page.output.split(separator: "\n").allSatisfy { DisplayWidth.of($0) <= 80 })
    try expectSnapshot(page.output, "help-demo.txt")
  }

  @Test func `the usage line has a second --context only for commands that take one`() throws {
    for path in Self.paths {
      let usage = CommandLineAnswer.help(path).output.split(separator: "\n").filter { $0.hasPrefix("USAGE:") }
      let isSeveral = usage.contains { $0.contains("[--context <name> ...]") }
      #expect(isSeveral == (path == ["doctor"]), "\(path)")
    }
  }

  @Test func `global options named for reordering are those that exist`() throws {
    let help = GlobalOptions.helpMessage(includeHidden: true, columns: 200)
    let lines = help.split(separator: "\n").filter { $0.hasPrefix("  -") }
    var names: Set<String> = []
    var takingValues: Set<String> = []
    for line in lines {
      let words = line.prefix(26).split(whereSeparator: { " ,".contains($0) }).map(String.init)
      let own = words.filter { $0.hasPrefix("-") && !["-h", "--help"].contains($0) }
      names.formUnion(own)
      if words.contains(where: { $0.hasPrefix("<") }) { takingValues.formUnion(own) }
    }
    #expect(names == GlobalOptions.names)
    #expect(takingValues == GlobalOptions.takingValues)
  }
}

/// Compares a text with its snapshot, or records it.
func expectSnapshot(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Snapshots")
  let file = folder.appendingPathComponent(name)
  if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
    try Data(text.utf8).write(to: file)
    return
  }
  let recorded = (try? Data(contentsOf: file)).map { String(decoding: $0, as: UTF8.self) }
  #expect(
    text == recorded, "\(name) differs; RECORD_SNAPSHOTS=1 swift test records it anew", sourceLocation: sourceLocation)
}

@Suite struct DocumentationTests {
  private static func document(_ name: String) throws -> String {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
    return String(decoding: try Data(contentsOf: package.appendingPathComponent(name)), as: UTF8.self)
  }

  @Test func `the README lists every exit status and every command`() throws {
    let text = try Self.document("README.md")
    for status in ExitStatus.allCases { #expect(text.contains("| \(status.rawValue) | \(status.meaning) |")) }
    for path in HelpTests.paths where path.count == 1 {
      #expect(text.range(of: "`[^`]*\\b\(path[0])\\b[^`]*`", options: .regularExpression) != nil, "\(path[0])")
    }
  }

  @Test func `the worst exit status of several is told, in the order of the documentation`() throws {
    #expect(ExitStatus.worst([.unreachable, .unauthorized, .failed]) == .unauthorized)
    #expect(ExitStatus.worst([.unreachable, .toolMissing]) == .toolMissing)
    #expect(ExitStatus.worst([.ok, .unreachable]) == .unreachable)
    #expect(ExitStatus.worst([]) == nil)
    var left = ExitStatus.allCases.filter { $0 != .ok }
    var order: [String] = []
    while let worst = ExitStatus.worst(left) {
      order.append(String(worst.rawValue))
      left.removeAll { $0 == worst }
    }
    let page = try Self.document("docs/output.md")
    #expect(page.contains("the first of \(order.joined(separator: ", "))."))
  }

  @Test func `docs name every key of the JSON that lists installations`() throws {
    let text = try Self.document("docs/output.md")
    let installation = try Installation(
      name: InstallationName("web-ci"), target: GitHubTarget("https://github.com/acme/web"),
      caches: [CachePath(target: "/root/.cache", source: nil)],
      mounts: [Mount(source: "/srv/data", target: "/data", kind: .directory)],
      authentication: .app(id: "1", installationID: "2", key: .literal(Secret("never shown"))))
    let document = ListReport.document(installation, on: .kind(cluster: "deskrun"))
    for key in document.objectValue?.keys ?? [] { #expect(text.contains("\"\(key)\"")) }
    #expect(
      document["authentication"]?.objectValue?.keys == ["type", "appId", "appInstallationId", "source", "reference"])
    var configuration = Configuration()
    configuration.set(installation)
    #expect(!ListReport.listing(configuration).document.encoded().contains("never shown"))
  }
}
