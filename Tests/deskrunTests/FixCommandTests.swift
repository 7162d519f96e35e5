import ArgumentParser
import Engine
import Testing

@testable import Knowledge
@testable import deskrun

/// The command that a finding suggests as its fix is valid.
@Suite struct FixCommandTests {
  @Test(arguments: EditOption.allCases) func `every option of edit that is told exists`(option: EditOption) throws {
    let command = FindingAction.edit(option).command("web-ci")
    guard option != .unknown else {
      #expect(command == nil)
      return
    }
    let words = try #require(command).split(separator: " ").map(String.init)
    #expect(words.prefix(2) == ["deskrun", "edit"])
    let filled = words.dropFirst(2).map { $0 == "ID" ? "7" : $0 }
    #expect(throws: Never.self) { _ = try Edit.parse(Array(filled)) }
  }
}
