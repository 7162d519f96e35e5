import Foundation

/// A command line in a page.
struct ShownCommand {
  var text: String
  /// Its first line in the page, starting from 0.
  var line: Int
  /// The lines of the page with its output; empty if the page does not show any.
  var output: Range<Int>

  /// Whether it runs deskrun.
  var isOurs: Bool { text.firstMatch(of: /(?:^|\|\| |&& |; |\| )(?:\w+=\S* )*deskrun(?: |$)/) != nil }

  /// Whether it shows output that it reads from the cluster, and can be run again.
  var onlyReads: Bool { !output.isEmpty && text.firstMatch(of: /^deskrun (?:why|status|jobs)\b/) != nil && !goesOn }

  /// Whether it runs until it is interrupted.
  var goesOn: Bool {
    text.firstMatch(of: #/ (--watch|-w|--follow|-f)\b/#) != nil
      || (text.hasPrefix("deskrun record") && !text.contains("-service"))
  }

  /// The commands of a block: in `console` blocks lines with a prompt, with optional output; in others all lines.
  static func all(in block: MarkdownPage.Block) -> [ShownCommand] {
    let hasPrompt = block.language == "console"
    guard hasPrompt || ["sh", "bash", "shell", ""].contains(block.language) else { return [] }
    var commands: [ShownCommand] = []
    var at = 0
    while at < block.lines.count {
      let line = block.lines[at]
      guard !hasPrompt || line.hasPrefix("$ ") else {
        at += 1
        continue
      }
      let start = at
      var text = hasPrompt ? String(line.dropFirst(2)) : line
      while text.hasSuffix("\\"), at + 1 < block.lines.count {
        at += 1
        text += "\n" + block.lines[at]
      }
      at += 1
      let output = at
      if hasPrompt { while at < block.lines.count, !block.lines[at].hasPrefix("$ ") { at += 1 } }
      commands.append(
        ShownCommand(text: text, line: block.start + start, output: (block.start + output)..<(block.start + at)))
    }
    return commands
  }
}

/// Compares the output in a page with the actual one: times, ages, counts and generated names may differ.
enum ShownOutput {
  /// Nil if they match; else the first line of the page without a match.
  static func difference(shown: [String], printed: [String]) -> String? {
    var rest = printed.map(comparable)[...]
    var mayskip = false
    for line in shown {
      if line.trimmingCharacters(in: .whitespaces) == "…" {
        mayskip = true
        continue
      }
      let wanted = comparable(line)
      if mayskip {
        guard let found = rest.firstIndex(where: { agree(wanted, $0) }) else { return line }
        rest = rest[(found + 1)...]
      } else {
        guard let next = rest.first, agree(wanted, next) else { return line }
        rest = rest.dropFirst()
      }
      mayskip = false
    }
    return mayskip || rest.isEmpty ? nil : "the end, where there was: \(rest.first ?? "")"
  }

  /// The line without parts that differ between runs.
  static func comparable(_ line: String) -> String {
    line.replacing(#/DESKRUN_DEMO_HOME=\S+ /#, with: "").replacing("deskrun --demo ", with: "deskrun ")
      .replacing(/\b\d{4}-\d\d-\d\d\b/, with: "‹date›").replacing(/\b\d\d:\d\d(:\d\d)?\b/, with: "‹time›")
      .replacing(/-runner-[a-z0-9]{5}\b/, with: "-runner-‹id›")
      .replacing(/-[a-z0-9]{5,8}-listener\b/, with: "-‹id›-listener")
      .replacing(/\b\d+(\.\d+)?(ms|s|m\d*s?|h\d*m?|d)\b/, with: "‹span›")
      .replacing(#/ {2,}/#, with: " ")
      .replacing(#/(^|[ (])\d+(?=$|[ ),:;])/#) { "\($0.1)‹n›" }
      // Steps only show a duration if they took long.
      .replacing(#/ ‹span›$/#, with: "").trimmingCharacters(in: .whitespaces)
  }

  /// `…` in the page's line matches anything.
  private static func agree(_ shown: String, _ printed: String) -> Bool {
    let parts = shown.components(separatedBy: "…")
    guard parts.count > 1 else { return shown == printed }
    guard printed.hasPrefix(parts[0]) else { return false }
    var rest = printed.dropFirst(parts[0].count)
    for part in parts.dropFirst().dropLast() {
      guard let found = rest.range(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return rest.hasSuffix(parts[parts.count - 1])
  }
}
