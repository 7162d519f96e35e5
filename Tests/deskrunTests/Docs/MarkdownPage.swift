import Foundation

/// A page of the documentation: its blocks of code, its headings and its links.
struct MarkdownPage {
  /// A block of code, fenced or indented.
  struct Block {
    /// What is behind the fence: `sh`, `console`, `yaml`; empty for an indented one.
    var language: String
    /// Of its first line of code, counted from 0.
    var start: Int
    var lines: [String]
    /// The comments right before it, without their marks: `demo: --demo-empty`, `not run: REASON`, `status: 8`,
    /// `file: NAME`, `before: deskrun …`.
    var remarks: [String]

    /// What the remark of this kind says.
    func remark(_ kind: String) -> String? {
      remarks.first { $0.hasPrefix(kind + ":") }.map {
        $0.dropFirst(kind.count + 1).trimmingCharacters(in: .whitespaces)
      }
    }
  }

  let name: String
  var lines: [String]

  init(_ name: String) throws { self.init(name, try Repository.text(name)) }

  init(_ name: String, _ text: String) {
    self.name = name
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// The pages for users: the README and those in docs.
  static func all() throws -> [String] {
    let docs = try FileManager.default.contentsOfDirectory(atPath: Repository.path + "/docs")
    return ["README.md"] + docs.filter { $0.hasSuffix(".md") }.sorted().map { "docs/" + $0 }
  }

  /// Every page of the repository, those for contributors too.
  static func everywhere() throws -> [String] {
    var names = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]
    let docs = FileManager.default.enumerator(atPath: Repository.path + "/docs")?.compactMap { $0 as? String } ?? []
    names += docs.filter { $0.hasSuffix(".md") }.sorted().map { "docs/" + $0 }
    return names
  }

  // MARK: Blocks

  var blocks: [Block] {
    var blocks: [Block] = []
    var at = 0
    while at < lines.count {
      if lines[at].hasPrefix("```") {
        let language = lines[at].dropFirst(3).trimmingCharacters(in: .whitespaces)
        let end = lines[(at + 1)...].firstIndex { $0.hasPrefix("```") } ?? lines.count
        blocks.append(
          Block(language: language, start: at + 1, lines: Array(lines[(at + 1)..<end]), remarks: remarks(before: at)))
        at = end + 1
      } else if lines[at].hasPrefix("    "), at == 0 || lines[at - 1].isEmpty {
        let end = lines[at...].firstIndex { !$0.hasPrefix("    ") && !$0.isEmpty } ?? lines.count
        var code = lines[at..<end].map { String($0.dropFirst(4)) }
        while code.last?.isEmpty == true { code.removeLast() }
        blocks.append(Block(language: "", start: at, lines: code, remarks: remarks(before: at)))
        at = end
      } else {
        at += 1
      }
    }
    return blocks
  }

  private func remarks(before line: Int) -> [String] {
    var remarks: [String] = []
    var at = line - 1
    while at >= 0, lines[at].isEmpty || lines[at].hasPrefix("<!--") {
      if lines[at].hasPrefix("<!-- "), lines[at].hasSuffix(" -->") {
        remarks.insert(String(lines[at].dropFirst(5).dropLast(4)), at: 0)
      }
      at -= 1
    }
    return remarks
  }

  /// The lines that are no code, and the number of each.
  private var prose: [(number: Int, text: String)] {
    var inCode: Set<Int> = []
    for block in blocks { inCode.formUnion(block.start..<(block.start + block.lines.count)) }
    return lines.enumerated().filter { !inCode.contains($0.offset) }.map { ($0.offset + 1, $0.element) }
  }

  /// What stands in backticks in the text.
  var inlineCode: [(number: Int, text: String)] {
    prose.flatMap { line in line.text.matches(of: /`([^`]+)`/).map { (line.number, String($0.1)) } }
  }

  // MARK: Links

  /// Where its links and pictures lead.
  var links: [(number: Int, target: String)] {
    prose.flatMap { line -> [(Int, String)] in
      let text = line.text.replacing(/`[^`]*`/, with: "")
      return text.matches(of: /\]\(([^)\s]+)\)/).map { (line.number, String($0.1)) }
        + text.matches(of: /(?:src|href|srcset)="([^"]+)"/).map { (line.number, String($0.1)) }
    }
  }

  /// The names by which links lead to its headings, as GitHub forms them.
  var anchors: Set<String> {
    var anchors: Set<String> = []
    for line in prose {
      guard let heading = line.text.wholeMatch(of: /#{1,6} +(.+)/) else { continue }
      let text = String(heading.1).replacing(/\[([^\]]*)\]\([^)]*\)/) { String($0.1) }.lowercased()
      let kept = text.filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
      let anchor = kept.replacingOccurrences(of: " ", with: "-")
      var unique = anchor
      var count = 0
      while anchors.contains(unique) {
        count += 1
        unique = "\(anchor)-\(count)"
      }
      anchors.insert(unique)
    }
    return anchors
  }
}
