import Testing

@testable import ARC

@Suite struct LogHintTests {
  @Test(arguments: LogHint.allCases) func `each is found, by letters that are in it`(hint: LogHint) {
    #expect(hint.rawValue.lowercased().contains(hint.anchor.lowercased()))
    #expect(LogHint.find(in: Array("2026-11-24T12:00:05Z \(hint.rawValue) and more".utf8)[...]) == hint)
  }
}
