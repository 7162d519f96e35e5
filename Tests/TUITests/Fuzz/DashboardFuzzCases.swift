import Engine

@testable import DashboardCore
@testable import DashboardPanes
@testable import TUI
@testable import TerminalKit

/// All readers of external input in the dashboard, with samples.
enum DashboardFuzzCases {
  static let all: [(name: String, samples: [String], read: @Sendable ([UInt8]) -> Void)] = [
    (
      "interface",
      [#"{"installationSort":2,"runnerSort":9223372036854775807,"bottomPercent":40,"wraps":true,"theme":"mono"}"#],
      { bytes in
        let state = InterfaceState(bytes)
        precondition(
          (15...80).contains(state.bottomShare ?? 15) && InterfaceState(state.bytes) == state, "state is not kept")
      }
    ),
    (
      "keys", ["\u{1B}[<0;12;7M\u{1B}[1;5A\u{1B}[200~paste\u{1B}[201~\u{1B}OPq\u{1B}[15~"],
      { bytes in
        var decoder = InputDecoder()
        _ = decoder.feed(bytes)
        _ = decoder.flush()
      }
    ),
    (
      "drawing",
      ["\u{1B}[38;5;17mred\u{1B}[0m [38;5;999999999999999999999m \u{1B}[48;2;1;2;3mx", "👩‍👩‍👧 \u{202E}a\u{301}"],
      { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        _ = TerminalOutput.exactColors(bytes, [17: 0x102030, 1: 0])
        var frame = Frame(Size(columns: 40, rows: 3))
        frame.write(text, x: -2, y: 0, limit: 60, style: .plain)
        var at = 0
        for span in ColoredText.spans(SafeText.colored(text), base: .plain, usesColor: true) {
          at += frame.write(span.text, x: at, y: 1, limit: 40 - at, style: span.style)
        }
        for line in CellText.wrapped(SafeText.lines(text), to: 7) {
          precondition(CellText.width(line) <= 7, "too wide")
        }
        _ = (CellText.cutEnd(text, to: 9), CellText.cutMiddle(text, to: 9))
        precondition(
          frame.text.unicodeScalars.allSatisfy { $0 == "\n" || !SafeText.isHidden($0.value) }, "a cell steers")
      }
    ),
  ]
}
