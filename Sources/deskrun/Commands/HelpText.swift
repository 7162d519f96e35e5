import ArgumentParser
import CommandSession

/// Adapts the argument parser's help texts for display.
enum HelpText {
  /// A help text of the argument parser, adapted for display.
  static func arranged(_ help: String) -> String { withOneContext(withOwnOptionsFirst(help)) }

  /// Moves a command's own options after its arguments. The argument parser places options without a group title last,
  /// after the options that every command has.
  ///
  /// - Parameter help: the parser's text, with an empty line between sections.
  static func withOwnOptionsFirst(_ help: String) -> String {
    var sections: [String] = []
    var lines: [Substring] = []
    for line in help.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty {
        sections.append(lines.joined(separator: "\n"))
        lines = []
      } else {
        lines.append(line)
      }
    }
    sections.append(lines.joined(separator: "\n"))
    guard let usage = sections.firstIndex(where: { $0.hasPrefix("USAGE:") }),
      let options = sections[usage...].firstIndex(where: { $0.hasPrefix("OPTIONS:\n") }),
      let first = sections[(usage + 1)...].firstIndex(where: { $0.hasSuffix("OPTIONS:") || $0.contains("OPTIONS:\n") }),
      first < options, hasOwn(sections[options])
    else { return help }
    let own = sections.remove(at: options)
    sections.insert(own, at: first)
    return sections.joined(separator: "\n\n")
  }

  /// Whether a section contains options other than those that the parser adds to each command.
  private static func hasOwn(_ section: String) -> Bool {
    section.split(separator: "\n").contains { line in
      line.hasPrefix("  -") && !line.hasPrefix("  --version") && !line.hasPrefix("  -h, --help")
    }
  }
}

/// Help pages that are not about a command: `deskrun help demo`.
enum HelpTopic: String, CaseIterable, Error {
  case demo

  /// - Parameter words: the words after `help`; nil unless they are the name of a page.
  init?(_ words: [String]) {
    guard words.count == 1, let topic = HelpTopic(rawValue: words[0]) else { return nil }
    self = topic
  }

  var text: String {
    """
    OVERVIEW: The demo: deskrun on an embedded, simulated cluster.

    EXAMPLES:
      The dashboard, or a command:
        deskrun --demo
        deskrun --demo status
      Make something go wrong, see why, and end it:
        deskrun --demo-trouble image-pull why
        deskrun --demo-trouble none list
      Several clusters, and one of them that hangs:
        deskrun --demo-clusters 2
        deskrun --demo-clusters 2 --demo-outage hang status
        deskrun --demo-outage none status
      Start over:
        deskrun --demo-reset status

    Every command works with --demo. The demo needs no Docker, no token and no
    network. It starts with three installations and a day of history; what you do
    in it is kept in its own folder, and nothing else is touched. The folder is
    $DESKRUN_DEMO_HOME, else ~/.local/state/deskrun/demo.

    DEMO OPTIONS, each of which implies --demo:
    \(Self.options)

    """
  }

  private static var options: String {
    let help = GlobalOptions.helpMessage(includeHidden: true, columns: 80)
    let lines = help.split(separator: "\n").drop { !$0.hasPrefix("  --demo") }
    return lines.prefix { !$0.hasPrefix("  -h, --help") }.joined(separator: "\n")
  }
}
