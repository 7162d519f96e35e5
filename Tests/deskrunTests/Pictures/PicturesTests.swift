import Foundation
import TestSupport
import Testing

#if canImport(FoundationXML)
import FoundationXML
#endif

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Takes the pictures in docs/pictures with the built program (`make pictures`).
@Suite(.serialized, .enabled(if: Pictures.isAsked, "make pictures takes them"))
struct TakingPictures {
  @Test(arguments: Shot.all.map(\.name).filter(Pictures.isAsked)) func `still`(name: String) throws {
    let shot = try #require(Shot.all.first { $0.name == name })
    for (columns, rows) in shot.sizes {
      let world = try PictureWorld(speed: shot.speed, shot.demo)
      let board = try world.dashboard(shot, columns: columns, rows: rows)
      for step in shot.steps {
        switch step.keys {
        case .these(let keys): board.press(keys)
        case .of(let purpose):
          guard let key = try Pictures.key(for: purpose) else {
            print("\(name) is left out: no key is listed for it in docs/keys.md")
            return
          }
          board.press(key)
        }
        try board.wait("\(step.shows) in \(name)", seconds: Pictures.patience) { screen in
          step.shows.allSatisfy(screen.contains) && !board.terminal.isDrawing
        }
      }
      let screen = try Pictures.settled(board)
      #expect(board.terminal.unknown == [])
      // Not with a key, which could have another meaning on this screen.
      kill(board.session.process, SIGTERM)
      _ = board.finish()
      let text = Picture.still(screen, title: "\(shot.title), \(columns)x\(rows)", shot.colors)
      try Pictures.write(text, "\(name)-\(columns)x\(rows).svg")
    }
  }

  @Test(.enabled(if: Pictures.isAsked("demo"))) func `moving`() throws {
    try Pictures.write(try Film().taken(), "demo.svg")
  }
}

/// The existing pictures, and the code that draws them.
@Suite struct PicturesTests {
  @Test func `pictures are well-formed, small, and each is shown on their page`() throws {
    let page = try Repository.text("docs/pictures/README.md")
    let names = try FileManager.default.contentsOfDirectory(atPath: Repository.path + "/docs/pictures")
    #expect(names.contains("demo.svg") && names.count > 30)
    var whole = 0
    for name in names where name != "README.md" {
      let data = try #require(FileManager.default.contents(atPath: "\(Repository.path)/docs/pictures/\(name)"))
      whole += data.count
      #expect(data.count < (name == "demo.svg" ? 500_000 : 60_000), "\(name): \(data.count) bytes")
      #expect(name.hasSuffix(".svg") && XMLParser(data: data).parse(), "\(name)")
      #expect(page.contains("(\(name))"), "\(name) is not shown in docs/pictures/README.md")
    }
    #expect(whole < 2_000_000)
  }

  @Test func `a screen becomes text, lines and grounds in their places`() throws {
    var terminal = VirtualTerminal(columns: 20, rows: 3)
    terminal.feed(Array("┌──┐\r\n\u{1B}[1;31m<ab>\u{1B}[m  \u{1B}[7mcd\u{1B}[m\r\n你 é".utf8)[...])
    let text = Picture.still(terminal.screen, title: "a & b", .dark)
    #expect(XMLParser(data: Data(text.utf8)).parse())
    #expect(text.contains("<title>a &amp; b</title>"))
    // The top of the box is one line, from the first cell's edge to the middle of the last.
    #expect(text.contains("M8.4 8.4h21.6v1.2h-21.6z"))
    #expect(text.contains(#"<tspan x="0" textLength="33.6""#) && text.contains(">&lt;ab&gt;</tspan>"))
    #expect(text.contains("fill:#f0716b") && text.contains("font-weight:700"))
    // Reversed: the background has the color of the text.
    #expect(text.contains("M50.4 18h16.8v18h-16.8z"))
    #expect(text.contains(#"textLength="16.8" lengthAdjust="spacingAndGlyphs""#) && text.contains(">你</tspan>"))
    #expect(text.contains(#"<tspan x="25.2" class="#) && text.contains(">é</tspan>"))
  }

  @Test func `a moving picture draws a row once for each look`() throws {
    func screen(_ lines: String) -> TerminalScreen {
      var terminal = VirtualTerminal(columns: 10, rows: 2)
      terminal.feed(Array(lines.utf8)[...])
      return terminal.screen
    }
    let scenes = [(screen("same\r\none"), 1.0), (screen("same\r\ntwo"), 2.0), (screen("same\r\none"), 1.0)]
    let text = Picture.moving(scenes, poster: 1, title: "moving", .dark)
    #expect(XMLParser(data: Data(text.utf8)).parse())
    #expect(text.components(separatedBy: ">same<").count == 2)
    #expect(text.components(separatedBy: ">one<").count == 2)
    #expect(text.contains(#"values="visible;hidden;visible" keyTimes="0;.25;.75""#))
    #expect(text.contains(#"values="hidden;visible;hidden" keyTimes="0;.25;.75""#))
    #expect(text.contains(#"<g visibility="hidden"><animate"#) && text.contains("<g><animate"))
  }

  @Test func `colors are those that were asked for`() {
    let colors = PictureColors.dark
    var style = TerminalStyle()
    style.apply("1;38;5;196;48;2;1;2;3")
    #expect(colors.colors(of: style) == (0xFF0000, 0x010203))
    style.apply("7")
    #expect(colors.colors(of: style) == (0x010203, 0xFF0000))
    style.apply("0;92")
    #expect(colors.colors(of: style) == (colors.sixteen[10], colors.background))
    style.apply("38;5;232")
    #expect(colors.colors(of: style).text == 0x080808)
    style.apply("")
    #expect(style == TerminalStyle())
  }
}

/// The folder of the pictures, and the request to take them.
enum Pictures {
  /// `all`, or prefixes of the names of the requested pictures.
  private static let asked = ProcessInfo.processInfo.environment["DESKRUN_PICTURES"] ?? ""

  /// How long to wait for a screen, in seconds; one that never appears must not take minutes.
  static let patience = 40.0

  static let isAsked = !asked.isEmpty

  static func isAsked(_ name: String) -> Bool { asked == "all" || (isAsked && name.hasPrefix(asked)) }

  static func write(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(Repository.path)/docs/pictures/\(name)"))
  }

  /// The screen once it has not changed for a moment, or after a while if it keeps changing: the text that a step waits
  /// for may have appeared before the rest.
  static func settled(_ board: DashboardSession) throws -> TerminalScreen {
    var screen = board.terminal.screen
    var since = Date()
    let end = Date().addingTimeInterval(4)
    try board.wait("a screen at rest") { _ in
      if board.terminal.screen != screen { (screen, since) = (board.terminal.screen, Date()) }
      return !board.terminal.isDrawing && (Date().timeIntervalSince(since) > 0.5 || Date() > end)
    }
    return board.terminal.screen
  }

  /// The key that docs/keys.md lists for a purpose.
  static func key(for purpose: String) throws -> String? {
    try Repository.text("docs/keys.md").split(separator: "\n").first { $0.hasPrefix("| `") && $0.contains(purpose) }
      .flatMap { $0.firstMatch(of: /`([^`])`/) }.map { String($0.1) }
  }
}

enum Repository {
  static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../..").standardizedFileURL.path

  static func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
  }
}
