import Foundation
import Testing

@testable import DashboardCore
@testable import DashboardPanes
@testable import TUI
@testable import TerminalKit

/// Compares frames as text with recorded ones under `Frames`. `RECORD_SNAPSHOTS=1` writes them instead.
enum GoldenFrames {
  /// The sizes in which every screen is recorded.
  static let sizes = [(80, 24), (120, 40), (200, 60), (20, 5)]

  /// A state in every size, in Unicode and in ASCII, and the colors of the smallest usable one.
  static func document(_ make: (Int, Int, (inout Settings) -> Void) throws -> Driver) rethrows -> String {
    var text = ""
    for (columns, rows) in sizes {
      text += "=== \(columns)x\(rows)\n" + (try make(columns, rows, { _ in })).screen
    }
    text += "=== 80x24 ASCII\n" + (try make(80, 24, { $0.usesUnicode = false })).screen
    text += "=== 80x24 colours\n" + styles((try make(80, 24, { _ in })).rendered.frame)
    text += "=== 80x24 without colours\n" + styles((try make(80, 24, { $0.usesColor = false })).rendered.frame)
    return text
  }

  /// The style of each cell as a letter, with a legend.
  static func styles(_ frame: Frame) -> String {
    var letters: [Style: Character] = [.plain: "."]
    var legend: [String] = []
    var text = ""
    let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    for y in 0..<frame.rows {
      var line = ""
      for x in 0..<frame.columns {
        let style = frame[x, y].style
        if letters[style] == nil {
          let letter = alphabet[min(letters.count - 1, alphabet.count - 1)]
          letters[style] = letter
          legend.append("\(letter) \(name(style))")
        }
        line.append(letters[style] ?? "?")
      }
      while line.last == "." { line.removeLast() }
      text += line + "\n"
    }
    return text + legend.joined(separator: "\n") + "\n"
  }

  private static func name(_ style: Style) -> String {
    func color(_ color: Color) -> String { color.index.map(String.init) ?? "-" }
    var words = ["\(color(style.foreground)) on \(color(style.background))"]
    for (attribute, word) in [
      (Style.Attributes.bold, "bold"), (.dim, "dim"), (.italic, "italic"), (.underline, "underline"),
      (.reverse, "reverse"),
    ] where style.attributes.contains(attribute) { words.append(word) }
    return words.joined(separator: " ")
  }

  static func expect(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Frames/\(name).txt")
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
    let recorded = try String(decoding: Data(contentsOf: url), as: UTF8.self)
    #expect(text == recorded, "differs from \(name)", sourceLocation: sourceLocation)
  }
}
