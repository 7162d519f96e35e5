import Engine
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

/// Typing and pasting text into fields.
@Suite struct TextFieldTests {
  @Test func `what is too long is refused and said, and what was there stays`() throws {
    let driver = try Driver.watching()
    driver.type("/web")
    for news in [Message.paste(String(repeating: "x", count: 300_000)), .typed(String(repeating: "y", count: 5000))] {
      driver.forgetToasts()
      driver.send(news)
      driver.shows("at most \(TextField.limit) characters")
      driver.shows("web-ci")
      #expect(driver.model[table: InstallationsPane.id].filter == "web")
    }
    driver.press(.backspace)
    #expect(driver.model[table: InstallationsPane.id].filter == "we")
    driver.press(.control("u"))
    driver.send(.typed(String(repeating: "z", count: TextField.limit)))
    driver.forgetToasts()
    driver.type("z")
    driver.shows("at most \(TextField.limit) characters")
    #expect(driver.model[table: InstallationsPane.id].filter.count == TextField.limit)
  }

  @Test(arguments: ["/", ":", "a", "P"]) func `characters that come together are what they are one by one`(open: String)
    throws
  {
    let (together, single) = (try Driver.watching(), try Driver.watching())
    for driver in [together, single] { driver.type(open) }
    #expect(together.model.takesText)
    together.send(.typed("web ü-1"))
    single.type("web ü-1")
    #expect(together.screen == single.screen)
    #expect(together.model.overlays == single.model.overlays || open == "a")
  }

  @Test func `where no field has the keys characters are keys`() throws {
    let driver = try Driver.watching()
    #expect(!driver.model.takesText)
    for keys in ["d", "?", "S"] {
      driver.type(keys)
      #expect(!driver.model.takesText, "\(keys)")
      driver.press(.escape)
    }
  }

  @Test func `a long value that was set is not cut`() {
    let long = String(repeating: "/cache,", count: 2000)
    var field = TextField(long)
    let isHandled = field.handle(.backspace)
    #expect(isHandled)
    #expect(field.text == String(long.dropLast()))
    let fits = field.insert("x")
    #expect(!fits)
  }

  @Test func `the part around the cursor is seen`() {
    var field = TextField("0123456789")
    #expect(field.window(5, masked: false) == ("6789", 4))
    #expect(field.window(5, masked: true) == ("••••", 4))
    _ = field.handle(.home)
    #expect(field.window(5, masked: false) == ("01234", 0))
    #expect(TextField("作者作者").window(6, masked: false) == ("作者", 4))
    #expect(TextField("ab").window(20, masked: false) == ("ab", 2))
  }
}
