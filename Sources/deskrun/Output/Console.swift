import Engine
import Synchronization

/// The two streams of a command: data on standard output, messages to the user on standard error, and at most one live
/// line at the bottom of the latter. A single lock orders all three, so that they never mix.
package final class Console: Sendable {
  /// Properties of standard output.
  package let output: Terminal
  /// Properties of standard error.
  package let errors: Terminal
  /// The options of this call that displayed commands must repeat.
  package let invocation: Invocation
  private let outputSink: any TextSink
  private let errorSink: any TextSink
  private let errorColumns: @Sendable () -> Int?
  private let live: LiveLine

  package init(
    output: Terminal, errors: Terminal, outputSink: any TextSink, errorSink: any TextSink,
    errorColumns: (@Sendable () -> Int?)? = nil, invocation: Invocation = Invocation()
  ) {
    live = LiveLine()
    self.invocation = invocation
    self.output = output
    self.errors = errors
    self.outputSink = outputSink
    self.errorSink = errorSink
    self.errorColumns = errorColumns ?? { errors.columns }
  }

  /// The console of this process, or of the caller if the command runs in another process.
  package convenience init(
    environment: [String: String], color: ColorChoice = .auto, ascii: Bool = false,
    invocation: Invocation = Invocation()
  ) {
    if let around = Surroundings.current {
      let plain = Terminal.facts(isTerminal: false, columns: nil, environment: environment, color: color, ascii: ascii)
      self.init(
        output: plain, errors: plain, outputSink: around.output, errorSink: around.errors, invocation: invocation)
      return
    }
    self.init(
      output: .facts(of: 1, environment: environment, color: color, ascii: ascii),
      errors: .facts(of: 2, environment: environment, color: color, ascii: ascii),
      outputSink: DescriptorSink(descriptor: 1), errorSink: DescriptorSink(descriptor: 2),
      errorColumns: { Terminal.facts(of: 2, environment: environment).columns }, invocation: invocation)
  }

  /// The same streams for texts whose commands must repeat other options.
  private init(_ console: Console, _ invocation: Invocation) {
    (output, errors, live) = (console.output, console.errors, console.live)
    (outputSink, errorSink, errorColumns) = (console.outputSink, console.errorSink, console.errorColumns)
    self.invocation = invocation
  }

  /// The same streams for texts about another cluster than the default.
  package func on(_ target: ClusterTarget) -> Console { Console(self, invocation.on(target)) }

  /// The same streams for texts about the cluster selected by this call's options.
  package func about(_ target: ClusterTarget) -> Console { Console(self, invocation.about(target)) }

  /// The style for standard output.
  package var outputStyle: Style { Style(output) }
  /// The style for standard error.
  package var errorStyle: Style { Style(errors) }

  /// Writes data.
  ///
  /// - Throws: `StreamClosed` if the reader is gone or the system rejects the write.
  package func write(_ text: PrintableText) throws(StreamClosed) {
    let text = fitting(text, output)
    try besideLive { sink throws(StreamClosed) in try sink.write(text) }
  }

  /// Whether standard output is a terminal.
  package var outputIsTerminal: Bool { output.isTerminal }

  /// Writes another program's output unchanged. To a terminal only text is written: other bytes could control it.
  ///
  /// - Throws: as `write`.
  package func write(raw bytes: [UInt8]) throws(StreamClosed) {
    guard !output.isTerminal else { return try write(PrintableText(lines: String(decoding: bytes, as: UTF8.self))) }
    try besideLive { sink throws(StreamClosed) in try sink.write(bytes: bytes) }
  }

  private func besideLive(_ body: (any TextSink) throws(StreamClosed) -> Void) throws(StreamClosed) {
    let failure = live.text.withLock { live -> StreamClosed? in
      if live != nil { try? errorSink.write(Self.erase) }
      defer { if let live { try? errorSink.write(live) } }
      do throws(StreamClosed) { try body(outputSink) } catch { return error }
      return nil
    }
    if let failure { throw failure }
  }

  /// Writes a report for people, with the commands in its sentences ready to be copied. Foreign text such as logs is
  /// written as it is.
  ///
  /// - Throws: `StreamClosed`.
  package func writeReport(_ text: PrintableText) throws(StreamClosed) { try write(text.completed(by: invocation)) }

  /// Shows a message in whole lines. Commands in it, which are in backticks, are completed so that a copy applies to
  /// the same cluster and configuration.
  package func tell(_ text: PrintableText) {
    let text = text.completed(by: invocation)
    live.text.withLock { live in
      let line = (live == nil ? "" : Self.erase) + text.asLine + (live ?? "")
      try? errorSink.write(fitting(line, errors))
    }
  }

  /// Shows a question: text without a line end, after which the user types.
  package func ask(_ text: PrintableText) {
    live.text.withLock { live in
      try? errorSink.write(fitting((live == nil ? "" : Self.erase) + text, errors))
      live = nil
    }
  }

  /// Shows or replaces the live line; nil removes it. Has no effect if lines cannot be rewritten.
  package func showLive(_ parts: [(text: PrintableText, role: Role)]?) {
    guard errors.canRewriteLines else { return }
    let painted = parts.map(paintedLine)
    live.text.withLock { live in
      guard painted != live else { return }
      try? errorSink.write(painted ?? Self.erase)
      live = painted
    }
  }

  private static let erase: PrintableText = "\r\u{1B}[K"

  /// The line in one piece: return to the margin, write the text, and only then erase the rest of the old text, so that
  /// no intermediate state is visible. It ends a cell before the right margin, where terminals differ.
  private func paintedLine(_ parts: [(text: PrintableText, role: Role)]) -> PrintableText {
    var room = (errorColumns() ?? 80) - 1
    var line: PrintableText = "\r"
    for part in parts where room > 0 {
      let text = fitting(part.text, errors).cut(to: room, ellipsis: errorStyle.ellipsis)
      room -= text.width
      line += errorStyle.paint(text, part.role)
    }
    return line + "\u{1B}[K"
  }

  /// The text in the stream's character set.
  private func fitting(_ text: PrintableText, _ stream: Terminal) -> PrintableText {
    guard stream.takesUTF8 else { return text.inASCII }
    return stream.usesUnicode ? text : text.withoutTypography
  }
}

/// The line at the bottom of standard error, shared by all consoles with the same streams.
private final class LiveLine: Sendable {
  let text = Lock<PrintableText?>(nil)
}
