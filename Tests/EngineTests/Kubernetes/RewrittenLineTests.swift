import Testing

@testable import Basics
@testable import Kubernetes

/// Lines that a program has overwritten, as shown by a terminal.
@Suite struct RewrittenLineTests {
  private func shown(_ text: String, colors: Bool = false) -> String {
    LogLine(pod: "p", Array("2026-11-24T12:00:05Z \(text)".utf8)[...], keepsColors: colors).text
  }

  @Test func `the last state of a progress bar is left`() {
    let bar = (0...100).map { "Downloading \($0) % |\(String(repeating: "#", count: $0 / 5))|" }
    #expect(shown(bar.joined(separator: "\r")) == bar[100])
    // Also for very long lines.
    let long = (0...20_000).map { "step \($0)" }
    #expect(shown(long.joined(separator: "\r") + "\r") == "step 20000")
  }

  @Test func `what is written over covers, and the rest stays unless it is erased`() {
    #expect(shown("abcdef\rxy") == "xycdef")
    #expect(shown("abcdef\r\u{1B}[Kxy") == "xy")
    #expect(shown("abcdef\rxy\u{1B}[K") == "xy")
    #expect(shown("abçd\rxy") == "xyçd")
    #expect(shown("\u{1B}[32mdone 1\r\u{1B}[32mdone 22\u{1B}[0m", colors: true) == "\u{1B}[32mdone 22\u{1B}[0m")
    #expect(shown("windows line\r") == "windows line")
    #expect(shown("\r\r") == "")
  }

  @Test func `places are characters, not bytes`() {
    #expect(shown("abcde\réé") == "éécde")
    #expect(shown("éé\rabc") == "abc")
    #expect(shown("日本語\rab") == "ab語")
    #expect(shown("ab\réèê\rx") == "xèê")
  }

  @Test func `what erases acts where it is`() {
    #expect(shown("abcdef\rxy\u{1B}[0Kz") == "xyz")
    #expect(shown("abcdef\u{1B}[2K\rxy") == "xy")
    #expect(shown("abcdef\rxy\u{1B}[1K") == "  cdef")
    #expect(shown("abc\r\u{1B}[K") == "")
    #expect(shown("\u{1B}[32mgreen\r\u{1B}[Kplain", colors: true) == "plain")
  }

  @Test func `a long line that is written over at each place is shown`() {
    let line = String(repeating: "0123456789", count: 10_000)
    let shown = Array((line + String(repeating: "\rx", count: 50_000)).utf8).withUnsafeBufferPointer(
      RewrittenLine.shown)
    #expect(shown.map { String(decoding: $0, as: UTF8.self) } == "x" + line.dropFirst())
  }

  @Test func `diagnostics of the official image are known by their heads`() {
    #expect(RunnerLogLine.isDiagnostic("[WORKER 2026-11-25 15:17:19Z INFO Worker] x"))
    #expect(!RunnerLogLine.isDiagnostic("[runner] a job's own line"))
  }

  private func shown(_ lines: [String]) -> [String] {
    var fold = RunnerLogFold()
    return lines.filter { !fold.isDiagnostic($0) }
  }

  @Test func `the message of a job is folded with the line before it`() {
    let listens = "2026-11-25 15:17:18Z: Listening for Jobs"
    let runs = "2026-11-25 15:17:20Z: Running job: build"
    let done = "2026-11-25 15:18:20Z: Job build completed with result: Succeeded"
    let lines = [
      "[RUNNER 2026-11-25 15:17:18Z INFO Terminal] WRITE LINE: \(listens)", listens,
      "[WORKER 2026-11-25 15:17:19Z INFO Worker] Job message:", " {", "  \"fileTable\": [", "    \"ci.yml\"", "  ],",
      "  \"count\": 3,", "  \"nested\": {", "    \"a\": null", "  },",
      // The other process writes in the middle of it.
      "[RUNNER 2026-11-25 15:17:20Z INFO Terminal] WRITE LINE: \(runs)", runs, "  \"numbers\": [", "    -1,",
      "    true",
      "  ]", "}", "[WORKER 2026-11-25 15:17:21Z INFO JobRunner] Job ID 5",
      "[WORKER 2026-11-25 15:17:22Z ERR  Worker] System.IO.IOException: no space", "   at GitHub.Runner.Worker.Run()",
      "   at GitHub.Runner.Worker.Main()", done,
    ]
    #expect(shown(lines) == [listens, runs, done])
  }

  @Test func `what a job writes is never folded`() {
    let lines = ["{", "  \"name\": \"web\"", "}", "   at a line of my own", "plain", "[", "  1", "]"]
    #expect(shown(lines) == lines)
    let head = "[WORKER 2026-11-25 15:17:21Z INFO JobRunner] Job ID 5"
    #expect(shown([head, "plain", "{", "  \"name\": 1", "}"]) == ["plain", "{", "  \"name\": 1", "}"])
    // A truncated message ends at the next line that does not belong to it.
    #expect(shown([head, " {", "  \"a\": 1,", "plain", "  \"b\": 2"]) == ["plain", "  \"b\": 2"])
  }
}
