import Testing

@testable import Basics
@testable import Kubernetes

/// Lines that a program wrote over, as a terminal shows them.
@Suite(.timeLimit(.minutes(5))) struct RewrittenLineTests {
  private func shown(_ text: String, colors: Bool = false) -> String {
    LogLine(pod: "p", Array("2026-11-24T12:00:05Z \(text)".utf8)[...], keepsColors: colors).text
  }

  @Test func `the last state of a progress bar is left`() {
    let bar = (0...100).map { "Downloading \($0) % |\(String(repeating: "#", count: $0 / 5))|" }
    #expect(shown(bar.joined(separator: "\r")) == bar[100])
    // However long it went on.
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

  @Test func `diagnostics of the official image are known by their heads`() {
    #expect(RunnerLogLine.isDiagnostic("[WORKER 2026-11-25 15:17:19Z INFO Worker] x"))
    #expect(!RunnerLogLine.isDiagnostic("[runner] a job's own line"))
  }
}
