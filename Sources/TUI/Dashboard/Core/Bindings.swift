import TerminalKit

/// Where a binding works.
package enum Context: String, CaseIterable, Sendable {
  case anywhere, installations, runners, logs, events, jobs, findings, activity, details, page

  package var title: String {
    switch self {
    case .anywhere: "Everywhere"
    case .installations: "Installations"
    case .runners: "Runners"
    case .logs: "Logs"
    case .events: "Events"
    case .jobs: "Jobs"
    case .findings: "Findings"
    case .activity: "Activity"
    case .details: "Details"
    case .page: "Pages of text"
    }
  }
}

/// A key, where it works and what it does. The one table that decides what keys do, what the footers say, and what the
/// help and the manual list.
package struct Binding: Sendable {
  package var context: Context
  package var keys: [Key]
  package var command: Command
  /// The word in the footer; nil leaves it to the help.
  package var short: String?

  package init(_ context: Context, _ keys: [Key], _ command: Command, _ short: String? = nil) {
    self.context = context
    self.keys = keys
    self.command = command
    self.short = short
  }

  package static let all: [Binding] =
    installations + runners + logs + events + jobs + findings + activity + details + page
    + anywhere

  private static let installations: [Binding] = [
    Binding(.installations, [.enter], .open, "runners"),
    Binding(.installations, [.character("a")], .add, "add"),
    Binding(.installations, [.character("e")], .edit, "edit"),
    Binding(.installations, [.character("d")], .remove, "remove"),
    Binding(.installations, [.character("s")], .scale, "scale"),
    Binding(.installations, [.character("w")], .why, "why"),
    Binding(.installations, [.character("l")], .mergedLog, "logs"),
    Binding(.installations, [.character("/")], .filter, "filter"),
    Binding(.installations, [.character("+"), .character("=")], .scaleUp),
    Binding(.installations, [.character("-")], .scaleDown),
    Binding(.installations, [.character("L")], .listenerLog),
    Binding(.installations, [.character("R")], .restartListener),
    Binding(.installations, [.character("U")], .bringUp),
    Binding(.installations, [.character("X")], .clearFailed),
    Binding(.installations, [.character("y")], .yaml, "yaml"),
    Binding(.installations, [.character("i")], .describe, "details"),
    Binding(.installations, [.character("o")], .openRun),
    Binding(.installations, [.character("c")], .copy),
    Binding(.installations, [.character("S")], .sort),
  ]

  private static let runners: [Binding] = [
    Binding(.runners, [.enter, .character("l")], .logs, "log"),
    Binding(.runners, [.character("x")], .shell, "shell"),
    Binding(.runners, [.character("o")], .openRun, "open run"),
    Binding(.runners, [.character("c")], .copyLink, "copy link"),
    Binding(.runners, [.character("w")], .why, "why"),
    Binding(.runners, [.character("d")], .deleteRunner, "delete"),
    Binding(.runners, [.character("/")], .filter, "filter"),
    Binding(.runners, [.character("S")], .sort, "sort"),
    Binding(.runners, [.character("a")], .add),
    Binding(.runners, [.character("y")], .yaml, "yaml"),
    Binding(.runners, [.character("i")], .describe, "details"),
    Binding(.runners, [.character("L")], .listenerLog),
    Binding(.runners, [.character("C")], .copy),
  ]

  private static let logs: [Binding] = [
    Binding(.logs, [.character("/")], .search, "search"),
    Binding(.logs, [.character("n")], .searchNext),
    Binding(.logs, [.character("N")], .searchPrevious),
    Binding(.logs, [.character("&")], .filterLog, "filter"),
    Binding(.logs, [.character("G"), .end], .bottom, "follow"),
    Binding(.logs, [.character("f")], .follow),
    Binding(.logs, [.character("w")], .wrap, "wrap"),
    Binding(.logs, [.character("t")], .timestamps, "times"),
    Binding(.logs, [.character("d")], .diagnostics),
    Binding(.logs, [.character(".")], .container, "container"),
    Binding(.logs, [.character("L")], .listenerLog, "listener"),
    Binding(.logs, [.character("K")], .controllerLog),
    Binding(.logs, [.character("M")], .mergedLog, "all runners"),
    Binding(.logs, [.control("s")], .save, "save"),
    Binding(.logs, [.character("c")], .copy, "copy"),
    Binding(.logs, [.character("C")], .clearLog),
    Binding(.logs, [.character("m")], .mark),
    Binding(.logs, [.character("o")], .openRun),
  ]

  private static let events: [Binding] = [
    Binding(.events, [.character("/")], .filter, "filter"),
    Binding(.events, [.character("f")], .onlyFailed, "warnings only"),
    Binding(.events, [.character("c")], .copy, "copy"),
  ]

  private static let jobs: [Binding] = [
    Binding(.jobs, [.enter, .character("l")], .logs, "log"),
    Binding(.jobs, [.character("o")], .openRun, "open run"),
    Binding(.jobs, [.character("c")], .copyLink, "copy link"),
    Binding(.jobs, [.character("/")], .filter, "filter"),
    Binding(.jobs, [.character("f")], .onlyFailed, "failed only"),
  ]

  private static let findings: [Binding] = [
    Binding(.findings, [.enter], .remedy, "do it"),
    Binding(.findings, [.character("o")], .open, "go there"),
    Binding(.findings, [.character("R")], .restartListener),
    Binding(.findings, [.character("X")], .clearFailed, "clear failed"),
    Binding(.findings, [.character("e")], .edit, "edit"),
    Binding(.findings, [.character("U")], .bringUp, "bring up"),
    Binding(.findings, [.character("c")], .copy, "copy"),
  ]

  private static let activity: [Binding] = [
    Binding(.activity, [.character("X")], .cancelActivity, "cancel"),
    Binding(.activity, [.character("R")], .runAgain, "run again"),
    Binding(.activity, [.character("n")], .nextActivity, "next"),
    Binding(.activity, [.character("N")], .previousActivity),
    Binding(.activity, [.character("c")], .copy, "copy"),
  ]

  private static let details: [Binding] = [
    Binding(.details, [.character("/")], .search, "search"),
    Binding(.details, [.character("n")], .searchNext),
    Binding(.details, [.character("N")], .searchPrevious),
    Binding(.details, [.character("y")], .yaml, "yaml"),
    Binding(.details, [.character("c")], .copy, "copy"),
    Binding(.details, [.control("s")], .save, "save"),
  ]

  private static let page: [Binding] = [
    Binding(.page, [.escape, .character("q")], .back, "back"),
    Binding(.page, [.up, .character("k")], .up),
    Binding(.page, [.down, .character("j")], .down),
    Binding(.page, [.left, .character("h")], .left),
    Binding(.page, [.right], .right),
    Binding(.page, [.pageUp, .control("b")], .pageUp),
    Binding(.page, [.pageDown, .character(" "), .control("f")], .pageDown),
    Binding(.page, [.control("u")], .halfUp),
    Binding(.page, [.control("d")], .halfDown),
    Binding(.page, [.home, .character("g")], .top),
    Binding(.page, [.end, .character("G")], .bottom),
    Binding(.page, [.character("/")], .search, "search"),
    Binding(.page, [.character("n")], .searchNext, "next"),
    Binding(.page, [.character("N")], .searchPrevious),
    Binding(.page, [.character("c")], .copy, "copy"),
    Binding(.page, [.control("s")], .save, "save"),
    Binding(.page, [.control("z")], .suspend),
    Binding(.page, [.control("l")], .redraw),
    Binding(.page, [.control("c")], .quit),
  ]

  private static let anywhere: [Binding] = [
    Binding(.anywhere, [.up, .character("k")], .up),
    Binding(.anywhere, [.down, .character("j")], .down),
    Binding(.anywhere, [.left, .character("h")], .left),
    Binding(.anywhere, [.right], .right),
    Binding(.anywhere, [.pageUp, .control("b")], .pageUp),
    Binding(.anywhere, [.pageDown, .control("f"), .character(" ")], .pageDown),
    Binding(.anywhere, [.control("u")], .halfUp),
    Binding(.anywhere, [.control("d")], .halfDown),
    Binding(.anywhere, [.home, .character("g")], .top),
    Binding(.anywhere, [.end, .character("G")], .bottom),
    Binding(.anywhere, [.tab], .nextPane),
    Binding(.anywhere, [.backTab], .previousPane),
    Binding(.anywhere, [.character("1")], .paneInstallations),
    Binding(.anywhere, [.character("2")], .paneRunners),
    Binding(.anywhere, [.character("3")], .paneBottom),
    Binding(.anywhere, [.character("0")], .showAll),
    Binding(.anywhere, [.character("[")], .previousTab),
    Binding(.anywhere, [.character("]")], .nextTab, "tabs"),
    Binding(.anywhere, [.character("z")], .zoom, "zoom"),
    Binding(.anywhere, [.character(">")], .growBottom),
    Binding(.anywhere, [.character("<")], .shrinkBottom),
    Binding(.anywhere, [.escape], .back),
    Binding(.anywhere, [.character("v")], .tabEvents),
    Binding(.anywhere, [.character("J")], .tabJobs),
    Binding(.anywhere, [.character("F")], .tabFindings),
    Binding(.anywhere, [.character("A")], .tabActivity),
    Binding(.anywhere, [.character("a")], .add),
    Binding(.anywhere, [.character("u")], .createCluster),
    Binding(.anywhere, [.character("r")], .retry),
    Binding(.anywhere, [.character("D")], .doctor),
    Binding(.anywhere, [.character("K")], .controllerLog),
    Binding(.anywhere, [.character("T")], .theme),
    Binding(.anywhere, [.character("B")], .bell),
    Binding(.anywhere, [.character("I")], .reverseSort),
    Binding(.anywhere, [.character("P")], .saveScreen),
    Binding(.anywhere, [.character(":")], .palette, "more"),
    Binding(.anywhere, [.character("?"), .function(1)], .help, "help"),
    Binding(.anywhere, [.character("q"), .control("c")], .quit, "quit"),
    Binding(.anywhere, [.control("z")], .suspend),
    Binding(.anywhere, [.control("l")], .redraw),
  ]

  /// What a key does whatever has the keys, a field or a question too: these are the terminal's own, which no text
  /// has in it.
  static func commandInAnything(for key: Key) -> Command? {
    guard case .control = key, let command = lookup[.anywhere]?[key] else { return nil }
    return command == .suspend || command == .redraw ? command : nil
  }

  /// What a key does in these contexts, the first that knows it.
  package static func command(for key: Key, in contexts: [Context]) -> Command? {
    for context in contexts {
      if let found = lookup[context]?[key] { return found }
    }
    return nil
  }

  private static let lookup: [Context: [Key: Command]] = {
    var lookup: [Context: [Key: Command]] = [:]
    for binding in all {
      for key in binding.keys where lookup[binding.context]?[key] == nil {
        lookup[binding.context, default: [:]][key] = binding.command
      }
    }
    return lookup
  }()

  /// The key of a command, as it is told where these contexts hold.
  package static func key(of command: Command, in contexts: [Context]) -> Key? {
    for context in contexts {
      if let binding = all.first(where: { $0.context == context && $0.command == command }) {
        return binding.keys.first { self.command(for: $0, in: contexts) == command }
      }
    }
    return nil
  }
}
