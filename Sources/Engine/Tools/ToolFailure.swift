import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Turns the output of a failed program into an error that a user can act on. Pure; tested with recordings.
enum ToolFailure {
  /// Explains a failure.
  package static func explain(_ tool: ToolName, arguments: [String], result: ToolResult) -> EngineError {
    let lines = messageLines(result, of: tool)
    let text = lines.joined(separator: "\n")
    let operation = operation(tool, arguments)
    if result.exit == .timedOut {
      let limit = result.timeout.map { " within \(DurationText.short($0))" } ?? " in time"
      return EngineError(
        .timedOut, "\(operation) did not finish\(limit)",
        why: lines.last ?? "it printed nothing until deskrun stopped it",
        fix: "Run the same command again; `deskrun doctor` shows what does not answer", details: tail(lines),
        obstacle: .silent)
    }
    if case .signal(let number) = result.exit {
      var error = ended(operation, tool, by: number)
      error.details = tail(lines)
      return error
    }
    let subject = Subject(text: text, line: "", arguments: arguments)
    if tool == .kubectl || tool == .helm, let file = subject.option("--kubeconfig"), !FileIO.exists(file) {
      // The tools word this differently, and some kubectl commands only report a missing context.
      var error = Toolbox.noKubeconfig(file, fix: "Put the file back")
      error.details = tail(lines)
      return error
    }
    for rule in ToolFailureRules.all where rule.tools.contains(tool) {
      if let found = rule.pattern.first(where: { text.range(ofFirst: $0) }) {
        var error = rule.make(
          Subject(text: text, line: lines.first { $0.range(ofFirst: found) } ?? found, arguments: arguments))
        // A single line about a cluster is what the reason is made of.
        error.details = error.obstacle != nil && error.why != nil && lines.count == 1 ? [] : tail(lines)
        return error
      }
    }
    if result.errorText.allSatisfy(\.isWhitespace) {
      // A few lines on standard output are a single message; `--verbose` would not show them.
      return EngineError(
        .failed, "\(operation) failed",
        why: lines.isEmpty || lines.count > 3 ? errorLine(lines) : lines.joined(separator: " "),
        fix: "Run it by hand to see more: \(ToolCall.quoted([tool.rawValue] + arguments))", details: tail(lines))
    }
    // `--verbose` shows the output of a plan's commands; commands that only read are not among them.
    let isRead = tool == .kubectl && arguments.first == "get"
    return EngineError(
      .failed, "\(operation) failed", why: errorLine(lines),
      fix: isRead
        ? "Run it by hand to see more: \(SafeText.line(ToolCall.quoted([tool.rawValue] + arguments)))"
        : "`--verbose` shows the whole output",
      details: tail(lines))
  }

  /// Explains the end by a signal that deskrun did not send.
  private static func ended(_ operation: String, _ tool: ToolName, by signal: Int32) -> EngineError {
    let what = "\(operation) was ended by \(EndingSignals.name(signal))"
    if signal == SIGKILL {
      return EngineError(
        .failed, what, why: "Possibly by the kernel because memory ran out; deskrun did not send it",
        fix: "Check with `journalctl -k | grep -i 'out of memory'`, free memory, then run the same command again")
    }
    if EndingSignals.crashes.contains(signal) {
      return EngineError(
        .failed, what, why: "\(tool.rawValue) crashed",
        fix: "Run the same command again; if it crashes again, update \(tool.rawValue)")
    }
    return EngineError(
      .failed, what, why: "Another process sent the signal; deskrun did not", fix: "Run the same command again")
  }

  /// The error for a program that writes too much output.
  static func tooLong(_ tool: ToolName, arguments: [String], limit: Int) -> EngineError {
    EngineError(
      .failed, "\(operation(tool, arguments)) wrote more than \(limit >> 20) MiB",
      why: "deskrun stopped it to limit the use of memory",
      fix: "See what it writes: \(SafeText.line(ToolCall.quoted([tool.rawValue] + arguments)))")
  }

  /// The material for a rule's sentences.
  struct Subject {
    /// All output of the program.
    package var text: String
    /// The line that revealed the cause.
    package var line: String
    /// The arguments it was called with.
    package var arguments: [String]

    /// The kubeconfig context it was called with; nil for the current one.
    var context: String? { option("--context") ?? option("--kube-context") }
    /// What the cluster is called at the start of a sentence.
    var cluster: String { context.map { "The cluster \(SafeText.line($0))" } ?? "The cluster" }
    /// Whether it can be a kind cluster, with a node on this computer.
    var mayBeKind: Bool { context?.hasPrefix("kind-") ?? true }

    /// The value of an option.
    package func option(_ name: String) -> String? {
      arguments.firstIndex(of: name).flatMap { $0 + 1 < arguments.count ? arguments[$0 + 1] : nil }
    }
  }

  /// The last line of a program's output, as its reason.
  static func lastLine(_ result: ToolResult, of tool: ToolName) -> String? { messageLines(result, of: tool).last }

  private static func operation(_ tool: ToolName, _ arguments: [String]) -> String {
    let verbs = arguments.prefix { !$0.hasPrefix("-") && !$0.contains("/") }.prefix(2)
    return ([tool.rawValue] + verbs).joined(separator: " ")
  }

  private static func errorLine(_ lines: [String]) -> String? {
    // Python prints the error after the stack trace.
    if lines.first?.hasPrefix("Traceback (most recent call last)") == true { return lines.last }
    return (lines.first(where: isError) ?? lines.first { !isRemark($0) } ?? lines.last).map(withoutPrefix)
  }

  /// Whether a line starts like an error. What programs write after it explains or repeats it; docker's `errors pretty
  /// printing info` is about docker itself.
  private static func isError(_ line: String) -> Bool {
    let text = line.lowercased()
    return text.hasPrefix("error") && !text.hasPrefix("errors ") || text.hasPrefix("fatal")
  }

  /// Whether a line is not about the error itself: a warning, or a line of a client's own log.
  private static func isRemark(_ line: String) -> Bool {
    let text = line.lowercased()
    return isKlog(line) || ["warn", "deprecat", "flag --", "time=\"", "level="].contains(where: text.hasPrefix)
  }

  /// Whether a line is an information or a warning of Go's klog: `W0312 10:22:41.000000 …`, with month and day after
  /// the letter.
  private static func isKlog(_ line: String) -> Bool {
    let head = Array(line.utf8.prefix(6))
    guard head.count == 6, head[0] == UInt8(ascii: "I") || head[0] == UInt8(ascii: "W") else { return false }
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    return head[1...4].allSatisfy(digits.contains) && head[5] == UInt8(ascii: " ")
  }

  /// Removes the programs' own "Error: ", which the report already has.
  static func withoutPrefix(_ line: String) -> String {
    for prefix in ["Error: ", "ERROR: ", "error: "] where line.hasPrefix(prefix) {
      return String(line.dropFirst(prefix.count))
    }
    return line
  }

  /// A refused connection in one form: kubectl, helm and their proxy have several.
  static func refusal(_ line: String) -> String {
    for (start, end) in [
      ("dial tcp ", ": connect: connection refused"), ("The connection to the server ", " was refused"),
    ] {
      guard let before = line.range(of: start), let after = line.range(of: end, in: before.upperBound) else { continue }
      let address = line[before.upperBound..<after]
      if !address.isEmpty, !address.contains(" ") { return "\(address): connection refused" }
    }
    return withoutPrefix(line)
  }

  /// The file and the reason in kubectl's message about a kubeconfig that cannot be used: `error loading config file
  /// "FILE": REASON`. What Go's decoder says of another document is about Go.
  static func unusableKubeconfig(_ line: String) -> (file: String?, reason: String) {
    let line = withoutPrefix(line)
    let parts = line.split(separator: "\"", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    let isQuoted = parts.count == 3 && parts[0].hasSuffix("error loading config file ") && parts[2].hasPrefix(": ")
    let (file, reason) = isQuoted ? (parts[1], String(parts[2].dropFirst(2))) : (nil, line)
    let isOther = reason.contains("couldn't get version/kind") || reason.contains("cannot unmarshal")
    return (file, isOther ? "It is not a kubeconfig" : reason)
  }

  private static func tail(_ lines: [String]) -> [String] { Array(lines.suffix(10)) }

  /// The lines with a message, without secrets and safe to show. kubectl's discovery cache logs the same error five
  /// times before kubectl prints it once for the user.
  private static func messageLines(_ result: ToolResult, of tool: ToolName) -> [String] {
    let said = lines(spoken(result, of: tool))
    let lines = said.filter { line in
      !(line.allSatisfy(\.isWhitespace) || line.contains("memcache.go:") || line.hasPrefix("Pulled: ")
        || line.hasPrefix("Digest: ") || line.hasPrefix("WARNING: version difference")
        || line.hasPrefix("Command Output: {"))
    }
    return lines.isEmpty ? said.suffix(1) : lines
  }

  /// The output of a program: standard error or, if that is empty, the end of standard output. Only gh's output is a
  /// secret.
  private static func spoken(_ result: ToolResult, of tool: ToolName) -> String {
    let errors = result.errorText
    if !errors.allSatisfy(\.isWhitespace) || tool == .gh { return fromWholeWord(errors, result.errorOutput.count) }
    return fromWholeWord(String(decoding: result.output.suffix(4096), as: UTF8.self), result.output.count)
  }

  /// Drops a first word that may be the end of a longer one: the rest of a secret that was cut would be shown.
  private static func fromWholeWord(_ text: String, _ count: Int) -> String {
    guard count > 4096 else { return text }
    return String(text.drop { !$0.isWhitespace })
  }

  private static func lines(_ text: String) -> [String] {
    SecretMask.masked(SafeText.lines(text)).split(whereSeparator: \.isNewline).map(String.init)
  }
}

extension String {
  /// The range of a text, without Foundation.
  fileprivate func range(of other: String) -> Range<Index>? { ranges(of: other).first }
  /// The start of a text behind a place.
  fileprivate func range(of other: String, in start: Index) -> Index? {
    self[start...].ranges(of: other).first?.lowerBound
  }
  /// Whether the text contains another one, ignoring case.
  fileprivate func range(ofFirst other: String) -> Bool { lowercased().contains(other.lowercased()) }
}
