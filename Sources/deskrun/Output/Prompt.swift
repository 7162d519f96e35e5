import Engine

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Asks the user at the terminal.
package struct Prompt: Sendable {
  package let console: Console
  /// `--yes`: confirmations are assumed.
  package let assumesYes: Bool
  /// The descriptor to read answers from.
  package var input: Int32
  /// Whether a user can answer.
  package var inputIsTerminal: Bool
  /// The terminal, for secrets: standard input may be something else.
  var terminalPath = Surroundings.current == nil ? "/dev/tty" : ""

  package init(console: Console, assumesYes: Bool, input: Int32 = Surroundings.current?.input ?? 0) {
    self.console = console
    self.assumesYes = assumesYes
    self.input = input
    inputIsTerminal = isatty(input) == 1
  }

  /// Asks for confirmation of something that cannot be undone. Anything except a clear yes means no.
  ///
  /// - Parameters:
  ///   - question: ends in a question mark.
  ///   - losses: what will be lost, one line each.
  ///   - refusal: what was not done if the answer is no.
  /// - Throws: `Refusal`, or `CancellationError` if the command is asked to stop meanwhile.
  package func confirm(_ question: String, losses: [String] = [], refusal: String) throws {
    if assumesYes { return }
    for line in losses { console.tell("  \(line)") }
    guard inputIsTerminal else {
      throw Refusal(
        what: refusal + ": standard input is not a terminal, so it could not be confirmed",
        fix: "repeat the command with --yes if you mean it")
    }
    console.ask("\(question) [y/N] ")
    let answer = try readLine(from: input)
    if answer == nil { console.tell("") }
    guard let answer, ["y", "yes"].contains(Self.trimmed(answer).lowercased()) else { throw Refusal(what: refusal) }
  }

  /// Asks for a secret on the terminal without echo. Nil without a terminal, or if nothing was typed.
  ///
  /// A single line is a token. A private key is read up to its last line.
  ///
  /// - Throws: `CancellationError` if the command is asked to stop meanwhile.
  package func secret(_ label: String) throws -> Secret? {
    let terminal = open(terminalPath, O_RDWR | O_CLOEXEC | O_NOCTTY)
    guard terminal >= 0 else { return nil }
    defer { close(terminal) }
    return try secret(label, at: terminal)
  }

  /// The same on an open terminal.
  package func secret(_ label: String, at terminal: Int32) throws -> Secret? {
    let echo = DescriptorSink(descriptor: terminal)
    console.showLive(nil)
    let text = try TerminalModes.withoutEcho(terminal) {
      try? echo.write("\(label): ")
      // The typed line end is not echoed either, so it is written here, even if typing was interrupted.
      defer { try? echo.write("\n") }
      return try readSecret(from: terminal)
    }
    return text.isEmpty ? nil : Secret(text)
  }

  private func readSecret(from terminal: Int32) throws -> String {
    var text = Self.trimmed(try readLine(from: terminal) ?? "")
    guard text.hasPrefix("-----BEGIN"), !text.contains("-----END") else { return text }
    while let line = try readLine(from: terminal) {
      text += "\n" + line
      if line.contains("-----END") { break }
    }
    return Self.trimmed(text)
  }

  /// A line without its line end, or nil at the end of the input.
  func readLine(from descriptor: Int32) throws -> String? {
    var line: [UInt8] = []
    while true {
      try waitForInput(descriptor)
      var byte: UInt8 = 0
      let count = read(descriptor, &byte, 1)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count > 0 else { return line.isEmpty ? nil : String(decoding: line, as: UTF8.self) }
      if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
      line.append(byte)
    }
  }

  private func waitForInput(_ descriptor: Int32) throws {
    var waits = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
    if let cancelled = Interrupt.descriptor { waits.append(pollfd(fd: cancelled, events: Int16(POLLIN), revents: 0)) }
    while poll(&waits, nfds_t(waits.count), -1) < 0, errno == EINTR {}
    if waits.count > 1, waits[1].revents != 0 {
      console.tell("")
      throw CancellationError()
    }
  }

  static func trimmed(_ text: String) -> String {
    var text = Substring(text)
    while text.last?.isWhitespace == true { text.removeLast() }
    while text.first?.isWhitespace == true { text.removeFirst() }
    return String(text)
  }
}
