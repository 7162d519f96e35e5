import Foundation
import Testing

/// Links within the repository are valid, including their headings.
@Suite struct LinkTests {
  @Test func `every link leads to a file and a heading`() throws {
    let pages = try MarkdownPage.everywhere()
    var count = 0
    for name in pages {
      let page = try MarkdownPage(name)
      let folder = name.contains("/") ? String(name[..<(name.lastIndex(of: "/") ?? name.startIndex)]) : ""
      for link in page.links where !link.target.contains("://") && !link.target.hasPrefix("mailto:") {
        count += 1
        let problem = try Self.problem(of: link.target, in: page, folder)
        #expect(problem == nil, "\(name):\(link.number): \(link.target): \(problem ?? "")")
      }
    }
    #expect(pages.count > 20 && count > 60)
  }

  /// Pages of GitHub that are not files of the repository.
  private static let besides = ["releases", "security", "issues", "discussions"]

  private static func problem(of target: String, in page: MarkdownPage, _ folder: String) throws -> String? {
    let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    var linked = page
    if !parts[0].isEmpty {
      if besides.contains(where: { parts[0].hasPrefix("../../\($0)") }) { return nil }
      let path = URL(fileURLWithPath: "\(Repository.path)/\(folder)/\(parts[0])").standardizedFileURL.path
      guard path.hasPrefix(Repository.path), FileManager.default.fileExists(atPath: path) else { return "no such file" }
      guard parts.count > 1 else { return nil }
      linked = MarkdownPage(parts[0], try String(contentsOfFile: path, encoding: .utf8))
    }
    return parts.count < 2 || linked.anchors.contains(parts[1]) ? nil : "no such heading"
  }

  @Test func `links and headings are found as GitHub finds them`() {
    let page = MarkdownPage(
      "page.md",
      """
      # A page: of `code`, and more
      [one](other.md#here) and ![two](two.svg), but not `[three](three.md)`
      ## Same
      ## Same

          [four](four.md)

      ```sh
      # no heading
      ```
      <img src="five.svg">
      """)
    #expect(page.links.map(\.target) == ["other.md#here", "two.svg", "five.svg"])
    #expect(page.anchors == ["a-page-of-code-and-more", "same", "same-1"])
  }
}
