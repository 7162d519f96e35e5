import TerminalKit

/// The keys of a command.
package struct Binding: Sendable {
  package var keys: [Key]
  package var command: Command
  /// The label in the footer; nil shows it only in the help.
  package var short: String?

  package init(_ keys: [Key], _ command: Command, _ short: String? = nil) {
    (self.keys, self.command, self.short) = (keys, command, short)
  }
}

/// The key bindings of a place. Key handling, footers, help and manual are all derived from them.
package struct Keymap: Sendable {
  package let title: String
  package let bindings: [Binding]

  package init(_ title: String, _ bindings: [Binding]) { (self.title, self.bindings) = (title, bindings) }

  package static let page = Keymap(
    "Pages of text",
    [
      Binding([.character("q"), .escape], .back, "back"),
      Binding([.down, .character("j")], .down, "scroll"),
      Binding([.up, .character("k")], .up),
      Binding([.left, .character("h")], .left),
      Binding([.right], .right),
      Binding([.character(" "), .pageDown, .control("f")], .pageDown, "page"),
      Binding([.pageUp, .control("b")], .pageUp),
      Binding([.control("u")], .halfUp),
      Binding([.control("d")], .halfDown),
      Binding([.home, .character("g")], .top),
      Binding([.end, .character("G")], .bottom),
      Binding([.character("/")], .search, "search"),
      Binding([.character("n")], .searchNext, "next"),
      Binding([.character("N")], .searchPrevious),
      Binding([.enter], .copyCommand, "copy command"),
      Binding([.tab], .nextCommand, "next command"),
      Binding([.character("c")], .copy, "copy"),
      Binding([.control("s")], .save, "save"),
      Binding([.control("z")], .suspend),
      Binding([.control("l")], .redraw),
      Binding([.control("c")], .quit),
    ])

  package static let anywhere = Keymap(
    "Everywhere",
    [
      Binding([.up, .character("k")], .up),
      Binding([.down, .character("j")], .down),
      Binding([.left, .character("h")], .left),
      Binding([.right], .right),
      Binding([.pageUp, .control("b")], .pageUp),
      Binding([.pageDown, .control("f"), .character(" ")], .pageDown),
      Binding([.control("u")], .halfUp),
      Binding([.control("d")], .halfDown),
      Binding([.home, .character("g")], .top),
      Binding([.end, .character("G")], .bottom),
      Binding([.tab], .nextPane),
      Binding([.backTab], .previousPane),
      Binding([.character("1")], .paneInstallations),
      Binding([.character("2")], .paneRunners),
      Binding([.character("3")], .paneBottom),
      Binding([.character("4")], .tabClusters),
      Binding([.character("0")], .showAll),
      Binding([.character("[")], .previousTab),
      Binding([.character("]")], .nextTab, "tabs"),
      Binding([.character("z")], .zoom, "zoom"),
      Binding([.character(">")], .growBottom),
      Binding([.character("<")], .shrinkBottom),
      Binding([.escape], .back),
      Binding([.character("v")], .tabEvents),
      Binding([.character("J")], .tabJobs, "jobs"),
      Binding([.character("H")], .tabTimeline),
      Binding([.character("F")], .tabFindings),
      Binding([.character("A")], .tabActivity),
      Binding([.character("a")], .add),
      Binding([.character("u")], .createCluster),
      Binding([.character("r")], .retry),
      Binding([.character("D")], .doctor),
      Binding([.character("K")], .controllerLog),
      Binding([.character("T")], .theme),
      Binding([.character("B")], .bell),
      Binding([.character("I")], .reverseSort),
      Binding([.character("P")], .saveScreen),
      Binding([.character(":")], .palette, "more"),
      Binding([.character("?"), .function(1)], .help, "help"),
      Binding([.character("q"), .control("c")], .quit, "quit"),
      Binding([.control("z")], .suspend),
      Binding([.control("l")], .redraw),
    ])

  func command(for key: Key) -> Command? { bindings.first { $0.keys.contains(key) }?.command }

  /// The command of a key that works everywhere, even in text fields and questions: the terminal's usual control keys,
  /// which cannot be part of a text.
  static func commandInAnything(for key: Key) -> Command? {
    guard case .control = key, let command = anywhere.command(for: key) else { return nil }
    return command == .suspend || command == .redraw ? command : nil
  }
}

extension [Keymap] {
  /// The command of a key, according to the first keymap that contains it.
  package func command(for key: Key) -> Command? {
    for keymap in self { if let command = keymap.command(for: key) { return command } }
    return nil
  }

  /// The key of a command, unless an earlier keymap uses it for another command.
  package func key(of command: Command) -> Key? {
    for keymap in self {
      if let binding = keymap.bindings.first(where: { $0.command == command }) {
        return binding.keys.first { self.command(for: $0) == command }
      }
    }
    return nil
  }
}
