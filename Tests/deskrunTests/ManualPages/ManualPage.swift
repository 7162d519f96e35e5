import Engine

@testable import deskrun

/// A manual page in the language of man(7), generated from the argument parser's description of a command, so that
/// `man` and `--help` agree.
struct ManualPage {
  /// `deskrun`, `deskrun-cluster-create`.
  let name: String
  private var lines: [String] = []

  var text: String { lines.joined(separator: "\n") + "\n" }
  var fileName: String { name + ".1" }

  /// All pages of section 1.
  static func all() throws -> [ManualPage] {
    let root = try JSONValue(parsing: Deskrun._dumpHelp())["command"] ?? .null
    return pages(root, path: [])
  }

  private static func pages(_ command: JSONValue, path: [String]) -> [ManualPage] {
    let path = path + [command["commandName"]?.stringValue ?? ""]
    let page = ManualPage(command, path: path)
    return [page] + subcommands(of: command).flatMap { pages($0, path: path) }
  }

  private static func subcommands(of command: JSONValue) -> [JSONValue] {
    (command["subcommands"]?.arrayValue ?? []).filter {
      $0["shouldDisplay"] == true && $0["commandName"] != "help"
    }
  }

  private init(_ command: JSONValue, path: [String]) {
    name = path.joined(separator: "-")
    lines.append(
      #".\" Written from `\#(path.joined(separator: " ")) --help`; RECORD_SNAPSHOTS=1 swift test records it."#)
    lines.append(
      ".TH \(Self.escaped(name.uppercased())) 1 \"\" \"deskrun \(DeskrunVersion.current)\" \"deskrun manual\"")
    section("NAME")
    let abstract = command["abstract"]?.stringValue ?? ""
    lines.append(
      "\(Self.escaped(name)) \\- \(Self.escaped(abstract.hasSuffix(".") ? String(abstract.dropLast()) : abstract))")
    section("SYNOPSIS")
    synopsis(path)
    section("DESCRIPTION")
    paragraph(abstract)
    if let aliases = command["aliases"]?.arrayValue?.compactMap(\.stringValue), !aliases.isEmpty {
      paragraph("Also: " + aliases.joined(separator: ", "))
    }
    discussion(command["discussion"]?.stringValue ?? "")
    commands(Self.subcommands(of: command), path: path)
    options((command["arguments"]?.arrayValue ?? []).filter { $0["shouldDisplay"] == true })
    if path.count == 1 { files() }
    seeAlso(path)
  }

  // MARK: Parts

  /// The same as in `--help`.
  private mutating func synopsis(_ path: [String]) {
    let help = CommandLineAnswer.help(Array(path.dropFirst())).output
    let usage = help.split(separator: "\n").first { $0.hasPrefix("USAGE: ") }?.dropFirst("USAGE: ".count) ?? ""
    let command = path.joined(separator: " ")
    lines.append(".B \(Self.escaped(command))")
    let rest = usage.dropFirst(command.count).drop { $0 == " " }
    if !rest.isEmpty { lines.append(Self.escaped(String(rest))) }
  }

  /// Prose, with literal examples, and headings in capitals that end with a colon.
  private mutating func discussion(_ text: String) {
    var isLiteral = false
    var isOpen = false
    func isHeading(_ line: Substring) -> Bool {
      guard let colon = line.firstIndex(of: ":"), let first = line.split(separator: " ").first else { return false }
      return line.first != " " && first.count > 2 && first.allSatisfy { $0.isUppercase || $0 == ":" }
        && line[..<colon].count < 40
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let wantsLiteral = line.hasPrefix(" ") || (isLiteral && line.isEmpty)
      if isLiteral, !wantsLiteral {
        // The empty lines after examples end the paragraph, as after prose.
        if lines.last == "" { isOpen = false }
        while lines.last == "" { lines.removeLast() }
        lines.append(".fi")
      }
      if wantsLiteral, !isLiteral { lines.append(contentsOf: isOpen ? [".nf"] : [".PP", ".nf"]) }
      isLiteral = wantsLiteral
      if isHeading(line) {
        let colon = line.firstIndex(of: ":") ?? line.endIndex
        section(line[..<colon].uppercased())
        let rest = line[line.index(after: colon)...].drop { $0 == " " }
        if !rest.isEmpty { lines.append(Self.escaped(String(rest))) }
        isOpen = true
      } else if line.isEmpty, !isLiteral {
        isOpen = false
      } else {
        if !isLiteral, !isOpen { lines.append(".PP") }
        if !isLiteral { isOpen = true }
        lines.append(Self.escaped(String(line)))
      }
    }
    if isLiteral { lines.append(".fi") }
  }

  private mutating func commands(_ commands: [JSONValue], path: [String]) {
    guard !commands.isEmpty else { return }
    section("COMMANDS")
    for command in commands {
      let page = (path + [command["commandName"]?.stringValue ?? ""]).joined(separator: "-")
      lines += [".TP", ".BR \(Self.escaped(page)) (1)", Self.escaped(command["abstract"]?.stringValue ?? "")]
    }
  }

  private mutating func options(_ arguments: [JSONValue]) {
    var shown: String?
    for argument in arguments {
      let isPositional = argument["kind"] == "positional"
      let title = (argument["sectionTitle"]?.stringValue ?? (isPositional ? "Arguments" : "Options")).uppercased()
      if title != shown { section(title) }
      shown = title
      lines.append(".TP")
      lines.append(Self.head(argument, isPositional: isPositional))
      lines.append(Self.escaped(argument["abstract"]?.stringValue ?? ""))
      var notes: [String] = []
      if let values = argument["allValues"]?.arrayValue?.compactMap(\.stringValue), !values.isEmpty {
        notes.append("Values: \(values.joined(separator: ", ")).")
      }
      if let value = argument["defaultValue"]?.stringValue { notes.append("Default: \(value).") }
      if !notes.isEmpty { lines.append(Self.escaped(notes.joined(separator: " "))) }
      for line in (argument["discussion"]?.stringValue ?? "").split(separator: "\n") {
        lines += [".br", Self.escaped(String(line))]
      }
    }
  }

  /// `-o, --output FORMAT`.
  private static func head(_ argument: JSONValue, isPositional: Bool) -> String {
    let value = argument["valueName"]?.stringValue ?? ""
    guard !isPositional else { return "\\fI\(escaped(value))\\fR" }
    let names = (argument["names"]?.arrayValue ?? []).map { name in
      (dash: name["kind"] == "short" ? "-" : "--", name: name["name"]?.stringValue ?? "")
    }
    // Short ones first, as in the help.
    let sorted = names.filter { $0.dash == "-" } + names.filter { $0.dash != "-" }
    let words = sorted.map { "\\fB\(escaped($0.dash + $0.name))\\fR" }.joined(separator: ", ")
    return argument["kind"] == "option" ? "\(words) \\fI\(escaped(value))\\fR" : words
  }

  private mutating func files() {
    section("FILES")
    for (file, what) in [
      ("~/.deskrun/config.json", "The configuration: deskrun-config(5)."),
      ("~/.deskrun/history.jsonl, ~/.deskrun/history, ~/.deskrun/logs", "The history and the logs of jobs."),
      ("~/.deskrun/ui.json", "What the dashboard remembers."),
      ("~/.cache/deskrun", "What jobs keep on this computer."),
      ("~/.local/state/deskrun/demo", "The simulated cluster of --demo."),
    ] {
      lines += [".TP", ".I \(Self.escaped(file))", Self.escaped(what)]
    }
  }

  private mutating func seeAlso(_ path: [String]) {
    section("SEE ALSO")
    let others =
      path.count == 1
      ? ["deskrun-config(5)"]
      : (1..<path.count).map {
        path.prefix($0).joined(separator: "-") + "(1)"
      } + ["deskrun-config(5)"]
    lines.append(Self.escaped((others + ["kubectl(1)", "helm(1)", "gh(1)"]).joined(separator: ", ")))
  }

  private mutating func section(_ title: String) { lines.append(".SH \(Self.escaped(title))") }

  private mutating func paragraph(_ text: String) { lines += [".PP", Self.escaped(text)] }

  /// The line escaped for troff, including a control character at its start.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "\\": escaped += "\\e"
      // As a minus sign, because a hyphen could not be copied.
      case "-": escaped += "\\-"
      case "'": escaped += "\\(aq"
      case "`": escaped += "\\(ga"
      case "^": escaped += "\\(ha"
      case "~": escaped += "\\(ti"
      default: escaped.append(character)
      }
    }
    return escaped.hasPrefix(".") ? "\\&" + escaped : escaped
  }
}
