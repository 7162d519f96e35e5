import Engine
import TerminalKit

extension TextPage: OverlayContent {
  var keymaps: [Keymap] { [.page] }
  var wantsMouse: Bool { false }

  func availability(_ command: Command) -> Availability? {
    guard command == .copyCommand || command == .nextCommand else { return nil }
    return commands.isEmpty ? .no("no command to copy on this page") : .yes
  }

  func settle(_ model: inout Model) {
    var page = self
    if page.lay(width: model.size.columns) {
      page.scroll(by: 0, height: model.pageHeight)
      model.replaceOverlay(.page(page))
    }
  }

  func perform(_ command: Command, _ model: inout Model) -> Bool {
    var page = self
    let height = model.pageHeight
    let place = model.overlays.count - 1
    switch command {
    case .up: page.scroll(by: -1, height: height)
    case .down: page.scroll(by: 1, height: height)
    case .pageUp: page.scroll(by: -(height - 1), height: height)
    case .pageDown: page.scroll(by: height - 1, height: height)
    case .halfUp: page.scroll(by: -height / 2, height: height)
    case .halfDown: page.scroll(by: height / 2, height: height)
    case .top: page.scroll(by: -1_000_000, height: height)
    case .bottom: page.scroll(by: 1_000_000, height: height)
    case .left: page.column = max(0, page.column - 8)
    case .right: page.column += 8
    case .searchNext: page.find(forward: true, height: height)
    case .searchPrevious: page.find(forward: false, height: height)
    case .search: model.askFor(.search(nil), "search", search)
    case .save: model.askFor(.save(nil), "save the text as", fileName)
    case .copy: model.ask(.copy(lines.joined(separator: "\n")))
    case .copyCommand: if let text = page.command { model.ask(.copy(text)) }
    case .nextCommand: page.markNextCommand(height: height)
    default: return false
    }
    // A prompt that it opens is placed above it.
    model.overlays[place] = .page(page)
    return true
  }

  func draw(_ painter: inout Painter, _ model: Model) {
    let rect = Rect(x: 0, y: 0, width: model.size.columns, height: model.size.rows)
    painter.clear(rect)
    painter.coverHits()
    let (title, below) = rect.split(top: 1)
    let (inner, footer) = below.split(top: max(0, below.height - 1))
    let body = inner.split(top: model.pageHeight).0
    let last = min(lines.count, top + body.height)
    PaneTitle(
      pane: nil, isFocused: true, parts: [self.title] + (search.isEmpty ? [] : ["/" + search]),
      right: lines.isEmpty ? "" : "\(top + 1)-\(last) of \(lines.count)" + (last < lines.count ? ", more below" : "")
    ).draw(&painter, title)
    PageText(page: self).draw(&painter, body)
    if footer.height > 0 { FooterLine(model: model).draw(&painter, footer) }
  }
}

extension Model {
  var pageHeight: Int { max(1, size.rows - 2 - layout.toastRows) }

  /// The text of the topmost page.
  var pageText: String {
    guard case .page(let page)? = overlays.last else { return "" }
    return page.lines.joined(separator: "\n") + "\n"
  }

  mutating func searchPage(_ text: String) {
    guard case .page(var page)? = overlays.last else { return }
    search(text, in: &page, height: pageHeight)
    replaceOverlay(.page(page))
  }

  package mutating func search(_ text: String, in page: inout TextPage, height: Int) {
    if !text.isEmpty { page.search = text }
    page.match = nil
    page.find(forward: true, height: height)
    if page.match == nil, !page.search.isEmpty { toast("Not found: \(page.search)", .plain) }
  }
}

/// The lines of a page.
package struct PageText {
  package let page: TextPage

  package init(page: TextPage) { self.page = page }

  package func draw(_ painter: inout Painter, _ rect: Rect) {
    for line in 0..<rect.height {
      let index = page.top + line
      guard page.lines.indices.contains(index) else { return }
      let isMatch = !page.search.isEmpty && page.lines[index].lowercased().contains(page.search.lowercased())
      let match = painter.theme[page.match == index ? .matchCurrent : .match]
      let spans = parts(of: page.lines[index]).map { Span($0, isMatch ? match : style(of: $0, painter)) }
      if page.commandLines?.contains(index) == true {
        painter.put(painter.glyphs.bar, .accent, x: rect.x, y: rect.y + line, width: 1)
      }
      painter.put(spans, x: rect.x + 1, y: rect.y + line, width: rect.width - 2, skipping: page.column)
    }
  }

  /// The line in each column. Pages with columns have characters of one cell only.
  private func parts(of line: String) -> [String] {
    guard let second = page.secondColumn, line.count > second else { return [line] }
    return [String(line.prefix(second)), String(line.dropFirst(second))]
  }

  /// Section titles are short, start with a capital letter and have their own line.
  private func style(of line: String, _ painter: Painter) -> Style {
    let text = line.reversed().drop { $0 == " " }
    let isHead = line.first?.isUppercase == true && !line.contains(":") && text.count < 30
    return painter.theme[isHead ? .strong : .text]
  }
}
