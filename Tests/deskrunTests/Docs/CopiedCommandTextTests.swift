import Foundation
import Testing

/// Commands of kubectl and helm in displayed texts are in backticks, so that the options for their cluster are added.
@Suite struct CopiedCommandTextTests {
  private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../Sources").standardizedFileURL

  @Test func `commands for a cluster are in backticks`() throws {
    // A subcommand that is followed by its object.
    let command =
      /(?<before>.?)\b(?:kubectl (?:get|logs|describe|delete|label|annotate|apply|create|edit|exec|patch|uncordon|cordon|config)|helm (?:list|get|uninstall|upgrade|rollback|history|status)) [A-Za-z0-9{\-]/
    let all = FileManager.default.enumerator(at: Self.sources, includingPropertiesForKeys: nil)
    // The demo quotes the programs' texts.
    let files = (all?.compactMap { $0 as? URL } ?? []).filter {
      $0.pathExtension == "swift" && !$0.path.contains("/Sources/Demo/")
    }
    var count = 0
    for file in files {
      for literal in SourceLiterals.of(try String(contentsOf: file, encoding: .utf8)) {
        for match in literal.text.matches(of: command) {
          count += 1
          #expect(match.output.before == "`", "\(file.lastPathComponent):\(literal.line): \(literal.text)")
        }
      }
    }
    #expect(count > 10, "commands are found")
  }
}
