import Testing

@testable import DashboardCore
@testable import DashboardPanes
@testable import TUI
@testable import TerminalKit

@Suite struct FrameTests {
  private static let styles = [Style.plain, Style(.red), Style(.green, on: .black, .bold), Style(.standard, .reverse)]

  private func picture(_ dice: inout Dice, _ size: Size) -> Frame {
    var frame = Frame(size)
    for _ in 0..<dice.below(40) {
      switch dice.below(3) {
      case 0:
        frame.clear(
          Rect(
            x: dice.below(size.columns + 4) - 2, y: dice.below(size.rows + 4) - 2, width: dice.below(size.columns),
            height: dice.below(4)), style: dice.pick(Self.styles))
      default:
        frame.write(
          dice.text(length: dice.below(size.columns + 10)), x: dice.below(size.columns + 4) - 2,
          y: dice.below(size.rows + 2) - 1, limit: dice.below(size.columns + 10), style: dice.pick(Self.styles))
      }
    }
    return frame
  }

  /// Applies runs like ncurses: it writes complete cells, which erase a wide character that they overlap.
  private func applied(_ runs: [Run], of new: Frame, to old: Frame) -> [Cell] {
    var cells = old.cells
    for run in runs {
      for x in run.x..<(run.x + run.count) { cells[run.y * new.columns + x] = new[x, run.y] }
    }
    return cells
  }

  @Test func `the difference applied gives the new frame`() {
    var dice = Dice(seed: 11)
    for _ in 0..<400 {
      let size = Size(columns: 1 + dice.below(40), rows: 1 + dice.below(12))
      let old = picture(&dice, size)
      let new = picture(&dice, size)
      let runs = FrameDifference.runs(from: old, to: new)
      #expect(applied(runs, of: new, to: old) == new.cells)
      #expect(FrameDifference.runs(from: new, to: new).isEmpty)
      for run in runs {
        // A run never starts in the middle of a wide character.
        #expect(new[run.x, run.y].width > 0)
        #expect(run.x + run.count <= new.columns)
      }
    }
  }

  @Test func `wide characters stay whole`() {
    var dice = Dice(seed: 5)
    for _ in 0..<400 {
      let frame = picture(&dice, Size(columns: 1 + dice.below(30), rows: 1 + dice.below(6)))
      for y in 0..<frame.rows {
        for x in 0..<frame.columns {
          switch frame[x, y].width {
          case 2: #expect(x + 1 < frame.columns && frame[x + 1, y].width == 0)
          case 0: #expect(x > 0 && frame[x - 1, y].width == 2)
          default: break
          }
        }
      }
    }
  }

  @Test func `frames of different sizes are drawn whole`() {
    let runs = FrameDifference.runs(from: Frame(Size(columns: 3, rows: 1)), to: Frame(Size(columns: 4, rows: 2)))
    #expect(runs == [Run(y: 0, x: 0, count: 4), Run(y: 1, x: 0, count: 4)])
  }

  @Test func `colours of logs become styles`() {
    let spans = ColoredText.spans("\u{1B}[31mred\u{1B}[0m plain \u{1B}[1;32mgreen", base: .plain, usesColor: true)
    #expect(
      spans == [Span("red", Style(.red)), Span(" plain "), Span("green", Style(.green, .bold))])
    #expect(ColoredText.plain("\u{1B}[38;5;208mx\u{1B}[my") == "xy")
    #expect(ColoredText.spans("\u{1B}[31mred", base: .plain, usesColor: false) == [Span("red")])
    #expect(ColoredText.spans("\u{1B}[38;2;255;0;0mx", base: .plain, usesColor: true)[0].style.foreground == Color(196))
  }
}
