import Engine
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import DashboardCore
@testable import DashboardPanes
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import TUI
@testable import TerminalKit
@testable import Tools

/// For any sequence of messages nothing traps, frames fit, and differences lead from one frame to the next.
@Suite struct FuzzTests {
  private static let keys: [Key] =
    Array(Set((Panes.all.keymaps + [.page, .anywhere]).flatMap(\.bindings).flatMap(\.keys))).sorted {
      "\($0)" < "\($1)"
    } + [
      .enter, .backspace, .delete, .tab, .backTab, .escape, .control("k"), .control("w"), .control("v"),
    ] + "aeiou 0123456789-_/.:,~!é作👍".map { .character($0) }

  @Test(arguments: Rounds.some(2, of: Array(0..<12))) func `nothing traps`(seed: Int) throws {
    try play(seed, try Driver.watching(World(), 80, 24) { $0.usesUnicode = seed % 3 != 0 }, clusters: 1)
  }

  /// Both have runners and installations with the same names.
  @Test(arguments: Rounds.some(2, of: Array(12..<24))) func `nothing traps with two clusters`(seed: Int) throws {
    try play(
      seed, try SeveralClustersTests.watchingTwo(80, 24) { $0.usesUnicode = seed % 3 != 0 }, clusters: 2)
  }

  private func play(_ seed: Int, _ driver: Driver, clusters: Int) throws {
    var dice = Dice(seed: UInt64(seed) &* 7919 &+ 1)
    var world = try World()
    /// Sends a message about one of the clusters.
    func tell(_ message: Message) {
      let cluster = clusters == 1 ? 0 : dice.below(clusters)
      driver.send(cluster == 0 ? message : .of(cluster: cluster, message))
    }
    var shown = driver.rendered.frame
    var canvas = shown.cells
    for step in 0..<400 {
      let what = dice.below(100)
      switch what {
      case 0..<70: driver.press(Self.keys[dice.below(Self.keys.count)])
      case 70..<74: driver.send(.resized(Size(columns: dice.below(200) + 1, rows: dice.below(60) + 1)))
      case 74..<78:
        if dice.below(2) == 0, let first = world.runners.first?["metadata"]?["name"]?.stringValue {
          world.remove(first)
        } else {
          world.addRunner("web-ci-x-\(step)", set: "web-ci", age: Int64(dice.below(100)))
        }
        tell(.observed(world.observation))
      case 78..<82: driver.showLog((0..<dice.below(40)).map { "\u{1B}[3\($0 % 8)mline \($0) 作者 👩‍👩‍👧 e\u{301}" })
      case 82..<84: tell(.events(dice.below(2) == 0 ? [] : FrameGoldenTests.events))
      case 84..<86: driver.send(.checked(FrameGoldenTests.checks))
      case 86..<88: driver.answerForm()
      case 88..<90: driver.send(.paste("two\nlines \u{1B}[2J and more"))
      case 90..<93:
        let frame = driver.rendered
        if let target = frame.target(x: dice.below(shown.columns), y: dice.below(shown.rows)) {
          driver.send(dice.below(2) == 0 ? .click(target) : .wheel(target, dice.below(7) - 3))
        }
      case 93..<95:
        if let activity = driver.model.activities.last {
          driver.plan([.started(step: "a")])
          if dice.below(2) == 0 { driver.send(.activityEnded(activity: activity.id, nil)) }
        }
      case 95..<97:
        let runner = world.runners.isEmpty ? "gone" : "web-ci-x-96cfc"
        tell(.jobMark(LogRecorder.Target(runner: runner, scaleSet: "web-ci"), .ended(result: "Failed", at: World.now)))
      case 97: tell(.observed(ClusterObservation(cluster: .stopped)))
      case 98: driver.send(.configuration(.success(dice.below(2) == 0 ? Configuration() : world.configuration)))
      default: driver.send(.tick)
      }
      let frame = driver.rendered.frame
      #expect(frame.columns == driver.model.size.columns && frame.rows == driver.model.size.rows)
      expectSound(frame)
      if shown.columns != frame.columns || shown.rows != frame.rows {
        canvas = Frame(Size(columns: frame.columns, rows: frame.rows)).cells
      }
      for run in FrameDifference.runs(from: shown, to: frame) {
        for x in run.x..<(run.x + run.count) { canvas[run.y * frame.columns + x] = frame[x, run.y] }
      }
      #expect(canvas == frame.cells)
      shown = frame
    }
  }

  /// Checks that wide characters are complete and that cells contain no control characters.
  private func expectSound(_ frame: Frame) {
    // One expectation for the whole frame: one for each cell is most of the time these tests take.
    let cells = frame.cells
    let faults = cells.indices.filter { at in
      let cell = cells[at]
      // Most cells are a letter or a space.
      if cell.width == 1, cell.scalar >= 0x20, cell.scalar < 0x7F { return false }
      let x = at % frame.columns
      let isWhole =
        switch cell.width {
        case 2: x + 1 < frame.columns && cells[at + 1].width == 0
        case 0: x > 0 && cells[at - 1].width == 2
        default: true
        }
      let isHarmless = cell.scalar >= 0x20 && !(cell.scalar >= 0x7F && cell.scalar < 0xA0) || cell.width == 0
      return !isWhole || !isHarmless
    }
    #expect(faults.isEmpty, "cells \(faults.map { (x: $0 % frame.columns, y: $0 / frame.columns) })")
  }
}
