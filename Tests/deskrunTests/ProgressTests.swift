import Engine
import Synchronization
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

/// A console with readable streams.
struct RecordedConsole {
  let console: Console
  let output = MemorySink()
  let errors = MemorySink()

  init(live: Bool, unicode: Bool = true, columns: Int = 40) {
    let terminal = Terminal(
      isTerminal: live, columns: live ? columns : nil, usesColor: false, usesUnicode: unicode, canRewriteLines: live)
    console = Console(output: .plain, errors: terminal, outputSink: output, errorSink: errors)
  }

  /// The final contents of the terminal, one element per line.
  var screen: [String] {
    var lines = [""]
    for part in errors.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if part.offset > 0 { lines.append("") }
      for piece in part.element.split(separator: "\r", omittingEmptySubsequences: false).enumerated() {
        let text = piece.element.split(separator: "\u{1B}[K", omittingEmptySubsequences: false).joined()
        if piece.offset > 0 || !text.isEmpty { lines[lines.count - 1] = text }
      }
    }
    return lines
  }
}

/// A clock that is advanced manually.
final class HandClock: Sendable {
  private let start = ContinuousClock.now
  private let elapsed = Lock(Duration.zero)
  var now: ContinuousClock.Instant { start + elapsed.withLock { $0 } }
  func advance(_ seconds: Int) { elapsed.withLock { $0 += .seconds(seconds) } }
}

@Suite struct ProgressTests {
  @Test func `elsewhere than on a terminal each step that has ended has a plain line`() {
    let recorded = RecordedConsole(live: false, unicode: false)
    let clock = HandClock()
    let progress = ProgressReporter(console: recorded.console, verbosity: .normal) { clock.now }
    progress.begin(1, of: 3, "Create the kind cluster")
    progress.detail("preparing nodes")
    clock.advance(41)
    progress.finish("node runs")
    progress.begin(2, of: 3, "Install the controller")
    progress.skip("0.14.2 is there")
    progress.begin(3, of: 3, "Wait for the listener")
    clock.advance(252)
    progress.fail()
    #expect(
      recorded.errors.text == """
        + [1/3] Create the kind cluster: node runs 41s
        . [2/3] Install the controller: 0.14.2 is there
        x [3/3] Wait for the listener 4m12s

        """)
    #expect(recorded.output.text == "")
  }

  @Test func `on a terminal one line is written over`() {
    let recorded = RecordedConsole(live: true)
    let clock = HandClock()
    let progress = ProgressReporter(console: recorded.console, verbosity: .normal) { clock.now }
    progress.begin(1, of: 2, "Create the kind cluster")
    #expect(recorded.screen == ["◌ [1/2] Create the kind cluster 0s"])
    clock.advance(7)
    progress.refresh()
    #expect(recorded.screen == ["◌ [1/2] Create the kind cluster 7s"])
    progress.detail("preparing nodes and much more that does not fit")
    #expect(recorded.screen == ["◌ [1/2] Create the kind cluster 7s  pr…"])
    progress.finish()
    #expect(recorded.screen == ["✓ [1/2] Create the kind cluster 7s", ""])
  }

  @Test(arguments: [true, false]) func `what can be counted has a bar`(unicode: Bool) {
    let recorded = RecordedConsole(live: true, unicode: unicode, columns: 80)
    let clock = HandClock()
    let progress = ProgressReporter(console: recorded.console, verbosity: .normal) { clock.now }
    progress.begin(1, of: 1, "Create")
    progress.detail(StepProgress("preparing nodes", .init(done: 3, total: 6)))
    let bar = unicode ? "[█████░░░░░]" : "[#####.....]"
    let sign = unicode ? "◌" : "o"
    #expect(recorded.screen == ["\(sign) [1/1] Create 0s \(bar) 3/6  preparing nodes"])
    // Output of the program keeps the bar; a step without a count does not.
    progress.detail("a line of a program")
    #expect(recorded.screen == ["\(sign) [1/1] Create 0s \(bar) 3/6  a line of a program"])
    progress.detail(StepProgress("waiting for the API"))
    #expect(recorded.screen == ["\(sign) [1/1] Create 0s  waiting for the API"])
  }

  @Test func `nothing is written while nothing changes`() {
    let recorded = RecordedConsole(live: true)
    let clock = HandClock()
    let progress = ProgressReporter(console: recorded.console, verbosity: .normal) { clock.now }
    progress.begin(1, of: 1, "Wait")
    let before = recorded.errors.text
    progress.refresh()
    #expect(recorded.errors.text == before)
    progress.cancel()
    let after = recorded.errors.text
    progress.refresh()
    progress.finish()
    #expect(recorded.errors.text == after)
  }

  @Test func `other output pushes the live line down`() throws {
    let recorded = RecordedConsole(live: true)
    let clock = HandClock()
    let progress = ProgressReporter(console: recorded.console, verbosity: .verbose) { clock.now }
    progress.begin(1, of: 1, "Install")
    progress.detail("pulled \u{1B}[2Jimage")
    progress.warn("slow network")
    try recorded.console.write("data\n")
    #expect(
      recorded.screen == ["    pulled image", "warning: slow network", "◌ [1/1] Install 0s  pulled image"])
    #expect(recorded.output.text == "data\n")
  }

  @Test func `quiet says nothing`() {
    let recorded = RecordedConsole(live: true)
    let progress = ProgressReporter(console: recorded.console, verbosity: .quiet)
    progress.begin(1, of: 1, "Install")
    progress.detail("pulled")
    progress.note("by the way")
    progress.warn("mind this")
    progress.finish()
    #expect(recorded.errors.text == "")
  }
}

@Suite struct ListingTests {
  struct Closed: TextSink {
    func write(_ text: PrintableText) throws(StreamClosed) { throw StreamClosed() }
    func write(bytes: [UInt8]) throws(StreamClosed) { throw StreamClosed() }
  }

  @Test func `one listing has every form`() throws {
    var table = Table([.init("NAME"), .init("IMAGE", onlyWide: true)])
    table.add(["web", "default"])
    let listing = Listing(table: table, document: ["names": ["web"]], names: ["web"])
    let forms: [OutputFormat: String] = [
      .table: "NAME\nweb\n", .wide: "NAME  IMAGE\nweb   default\n", .json: "{\n  \"names\": [\n    \"web\"\n  ]\n}\n",
      .yaml: "names:\n- web\n", .name: "web\n",
    ]
    for format in OutputFormat.allCases {
      let recorded = RecordedConsole(live: false)
      try listing.write(OutputForm(format: format), to: recorded.console)
      #expect(recorded.output.text == forms[format])
    }
  }

  @Test func `an empty table says so, not as data`() throws {
    let recorded = RecordedConsole(live: false)
    let listing = Listing(table: Table([.init("NAME")]), document: ["names": []], names: [], whenEmpty: "Nothing yet.")
    try listing.write(OutputForm(), to: recorded.console)
    #expect((recorded.output.text, recorded.errors.text) == ("", "Nothing yet.\n"))
    try listing.write(OutputForm(format: .json), to: recorded.console)
    #expect(recorded.output.text == "{\n  \"names\": []\n}\n")
  }

  @Test func `a reader that has gone is told of, a closed standard error is not`() throws {
    let console = Console(output: .plain, errors: .plain, outputSink: Closed(), errorSink: Closed())
    #expect(throws: StreamClosed.self) { try console.write("data") }
    console.tell("prose")
    let session = try DeskrunBinary.tool("/bin/sh", ["-c", "'\(DeskrunBinary.path)' --help | :; exit 0"])
    #expect((session.status, session.errors) == (0, ""))
  }

  @Test(arguments: [
    (["list"], OutputForm()), (["ls", "-o", "json"], OutputForm(format: .json)),
    (["list", "--output", "name", "--no-headers"], OutputForm(format: .name, headers: false)), (["list", "-o"], nil),
    (["list", "-o", "xml"], nil), (["list", "--demo"], nil), (["list", "web"], nil), (["status"], nil), ([], nil),
  ]) func `a simple list needs no parser`(arguments: [String], form: OutputForm?) {
    #expect(ListReport.quickForm(arguments) == form)
  }
}
