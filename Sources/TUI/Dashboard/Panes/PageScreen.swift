import DashboardCore
import Engine
import TerminalKit

/// A page of text over the whole screen.
struct PageScreen {
  package let model: Model
  package let page: TextPage

  func draw(_ painter: inout Painter) {
    let rect = Rect(x: 0, y: 0, width: model.size.columns, height: model.size.rows)
    painter.clear(rect)
    painter.coverHits()
    let (title, below) = rect.split(top: 1)
    let (body, footer) = below.split(top: max(0, below.height - 1))
    let last = min(page.lines.count, page.top + body.height)
    PaneTitle(
      pane: .bottom, isFocused: true, parts: [page.title] + (page.search.isEmpty ? [] : ["/" + page.search]),
      right: page.lines.isEmpty ? "" : "\(page.top + 1)-\(last) of \(page.lines.count)"
    ).draw(&painter, title)
    PageText(page: page).draw(&painter, body)
    if footer.height > 0 { FooterLine(model: model).draw(&painter, footer) }
  }
}

/// The lines of a page.
struct PageText {
  package let page: TextPage

  func draw(_ painter: inout Painter, _ rect: Rect) {
    for line in 0..<rect.height {
      let index = page.top + line
      guard page.lines.indices.contains(index) else { return }
      let isMatch = !page.search.isEmpty && page.lines[index].lowercased().contains(page.search.lowercased())
      let style =
        isMatch ? painter.theme[page.match == index ? .matchCurrent : .match] : style(of: page.lines[index], painter)
      painter.put(
        [Span(page.lines[index], style)], x: rect.x + 1, y: rect.y + line, width: rect.width - 2, skipping: page.column)
    }
  }

  /// Heads of sections are short, begin large and hold nothing else.
  private func style(of line: String, _ painter: Painter) -> Style {
    let isHead = line.first?.isUppercase == true && !line.contains(":") && line.count < 30
    return painter.theme[isHead ? .strong : .text]
  }
}
