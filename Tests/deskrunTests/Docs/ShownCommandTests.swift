import Foundation
import TestSupport
import Testing

@testable import deskrun

/// README and docs show deskrun's actual behavior: each command runs on the demo, and if a page shows the output, it
/// must match. RECORD_SNAPSHOTS=1 writes the output into the pages.
@Suite(.ownThreads) struct ShownCommandTests {
  static let pages = (try? MarkdownPage.all()) ?? []

  @Test(arguments: Self.pages) func `commands run on the demo`(name: String) async throws {
    var page = try MarkdownPage(name)
    let blocks = page.blocks
    let hasCommands = blocks.contains {
      $0.remark("not run") == nil && ShownCommand.all(in: $0).contains(where: \.isOurs)
    }
    guard hasCommands else { return }
    let world = try ShownWorld()
    var changes: [(Range<Int>, [String])] = []
    for block in blocks {
      if let file = block.remark("file") {
        try world.folder.write(block.lines.joined(separator: "\n") + "\n", to: file)
      }
      if let demo = block.remark("demo") { try await world.start(demo.split(separator: " ").map(String.init)) }
      if let before = block.remark("before") {
        let (status, lines) = try await world.run(ShownCommand(text: before, line: block.start, output: 0..<0))
        #expect(status == 0, "\(name): \(before):\n\(lines.joined(separator: "\n"))")
      }
      guard block.remark("not run") == nil else { continue }
      let expected = block.remark("status").flatMap { Int32($0) } ?? 0
      for command in ShownCommand.all(in: block) where command.isOurs {
        let place = "\(name):\(command.line + 1): \(command.text)"
        var (status, lines) = try await world.run(command)
        // What the demo's cluster does goes on meanwhile, on a busy machine for longer.
        for _ in 0..<3 where command.onlyReads {
          guard ShownOutput.difference(shown: Array(page.lines[command.output]), printed: lines) != nil else { break }
          (status, lines) = try await world.run(command)
        }
        #expect(
          status == expected || (command.goesOn && status == 130),
          "\(place) ended with \(status):\n\(lines.joined(separator: "\n"))")
        guard !command.output.isEmpty else { continue }
        let shown = Array(page.lines[command.output])
        let difference = ShownOutput.difference(shown: shown, printed: lines)
        if difference != nil, Self.records, !shown.contains(where: { $0.contains("…") }) {
          changes.append((command.output, lines))
        } else if let difference {
          Issue.record("\(place)\nshows: \(difference)\nprinted:\n\(lines.joined(separator: "\n"))")
        }
      }
    }
    for (range, lines) in changes.reversed() { page.lines.replaceSubrange(range, with: lines) }
    if !changes.isEmpty {
      try Data(page.lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: "\(Repository.path)/\(name)"))
    }
  }

  private static let records = ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1"

  @Test func `few commands cannot run on the demo, and each says why`() throws {
    var reasons: [String] = []
    var count = 0
    for name in try MarkdownPage.all() {
      for block in try MarkdownPage(name).blocks {
        count += ShownCommand.all(in: block).filter(\.isOurs).count
        guard let reason = block.remark("not run") else { continue }
        #expect(reason.count > 15, "\(name):\(block.start)")
        reasons.append("\(name):\(block.start): \(reason)")
      }
    }
    #expect(reasons.count <= 6, "\(reasons.joined(separator: "\n"))")
    #expect(count > 40)
    #expect(Self.pages.contains("README.md") && Self.pages.count > 5)
  }

  @Test func `commands in the text are command lines of deskrun`() throws {
    let placeholders = [
      "NAME": "web-ci", "URL": "https://github.com/acme/web", "VERSION": "0.15.0", "RULE": "at-limit", "MIN": "1",
      "MAX": "3", "TIME": "7d", "CONTEXT": "other", "MODE": "dind",
    ]
    // Commands in several pages are tested once.
    var places: [[String]: String] = [:]
    for name in Self.pages {
      for code in try MarkdownPage(name).inlineCode where code.text == "deskrun" || code.text.hasPrefix("deskrun ") {
        let words = code.text.split(separator: " ").dropFirst().map { placeholders[String($0)] ?? String($0) }
        if places[words] == nil { places[words] = "\(name):\(code.number): \(code.text)" }
      }
    }
    #expect(places.count > 50)
    for (words, place) in places {
      // Skip patterns that are not commands, and those that need a shell.
      if words.contains(where: { word in "…|<>$\\'\"[".contains { word.contains($0) } || word == "COMMAND" }) {
        continue
      }
      let answer = CommandLineAnswer.to(words)
      // The name of a command alone is not a complete command line, but may be meant as a name.
      let isName = answer.errors.hasPrefix("error: Missing expected argument")
      #expect(answer.status == 0 || isName, "\(place): \(answer.errors)")
    }
  }

  @Test(.enabled(if: DeskrunBinary.find("shellcheck") != nil, "shellcheck is not installed"))
  func `what is run with sudo, brew or curl is clean for shellcheck`() throws {
    var script = ["#!/bin/sh"]
    for name in try MarkdownPage.all() {
      let page = try MarkdownPage(name)
      let shown = page.blocks.flatMap(ShownCommand.all).map(\.text) + page.inlineCode.map(\.text)
      for text in shown where text.firstMatch(of: #/\b(sudo|brew|curl|sh install\.sh) /#) != nil {
        script.append("# \(name)\n\(text)")
      }
    }
    #expect(script.count > 4)
    let tool = try #require(DeskrunBinary.find("shellcheck"))
    let outcome = try DeskrunBinary.tool(
      tool, ["--shell", "sh", "--format", "gcc", "-"], input: script.joined(separator: "\n") + "\n")
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
  }

  // MARK: Reading pages

  @Test func `commands and their output are found`() {
    let page = MarkdownPage(
      "page.md",
      """
      <!-- demo: --demo-empty -->
      <!-- status: 8 -->

      ```console
      $ deskrun add a \\
          --min-runners 1
      added
      $ ls
      ```

          GH=x deskrun list   # why
          sudo make install

      ```yaml
      deskrun: no
      ```
      """)
    let blocks = page.blocks
    #expect(blocks.map(\.language) == ["console", "", "yaml"])
    #expect(blocks[0].remark("demo") == "--demo-empty" && blocks[0].remark("status") == "8")
    let commands = blocks.flatMap(ShownCommand.all)
    #expect(
      commands.map(\.text) == [
        "deskrun add a \\\n    --min-runners 1", "ls", "GH=x deskrun list   # why", "sudo make install",
      ])
    #expect(commands.map(\.isOurs) == [true, false, true, false])
    #expect(commands[0].output.map { page.lines[$0] } == ["added"])
    #expect(commands[1].output.isEmpty)
  }

  @Test func `output may differ in what differs from run to run, and in nothing else`() {
    let shown = ["web-ci-runner-abcde  ▸ busy  12s", "…", "Cluster  kind-deskrun", "done in 1m39 at 12:04:33"]
    let printed = [
      "web-ci-runner-x9x9x    ▸ busy   1h05", "something", "else", "Cluster kind-deskrun", "done in 2s at 09:00:00",
    ]
    #expect(ShownOutput.difference(shown: shown, printed: printed) == nil)
    #expect(ShownOutput.difference(shown: ["ARC 0.15.0"], printed: ["ARC 0.14.2"]) == "ARC 0.15.0")
    #expect(ShownOutput.difference(shown: ["3 busy"], printed: ["12 busy"]) == nil)
    #expect(ShownOutput.difference(shown: ["3 busy"], printed: ["12 idle"]) == "3 busy")
    #expect(ShownOutput.difference(shown: ["a … c"], printed: ["a b c"]) == nil)
    #expect(ShownOutput.difference(shown: ["a … c"], printed: ["a b d"]) == "a … c")
    #expect(ShownOutput.difference(shown: ["a"], printed: ["a", "b"]) != nil)
    #expect(ShownOutput.difference(shown: ["a", "b"], printed: ["a"]) == "b")
    #expect(ShownOutput.difference(shown: ["a", "…"], printed: ["a", "b", "c"]) == nil)
  }
}
