import DashboardCore
import Engine
import TerminalKit

/// What is not well, one finding at a time: what was seen, and what to do.
struct FindingsTab {
  package let model: Model

  func draw(_ painter: inout Painter, _ rect: Rect) {
    guard let finding = model.selectedFinding else {
      guard model.isFresh, model.snapshot != nil else { return }
      painter.put(
        "\(painter.glyphs.succeeded) No problem found", .good, x: rect.x + 1, y: rect.y, width: rect.width - 2)
      for (line, gap) in model.knowledge.gaps().prefix(max(0, rect.height - 2)).enumerated() {
        painter.put(
          "? Unknown: \(model.settings.invocation.text(gap.sentence(now: model.now)))", .dim, x: rect.x + 1,
          y: rect.y + 2 + line,
          width: rect.width - 2)
      }
      return
    }
    var y = rect.y
    let mark = finding.severity == .bad ? painter.glyphs.failing : "!"
    for line in CellText.wrapped("\(mark) \(finding.title)", to: rect.width - 2) where y < rect.bottom {
      painter.put(line, finding.severity == .bad ? .bad : .warning, x: rect.x + 1, y: y, width: rect.width - 2)
      y += 1
    }
    if rect.height >= 8 { y += 1 }
    func section(_ name: String, _ text: String, _ painter: inout Painter) {
      for (index, line) in CellText.wrapped(text, to: rect.width - 14).enumerated() where y < rect.bottom {
        if index == 0 { painter.put(name, .dim, x: rect.x + 3, y: y, width: 8) }
        painter.put(line, .text, x: rect.x + 12, y: y, width: rect.width - 13)
        y += 1
      }
    }
    for (index, seen) in finding.evidence.enumerated() { section(index == 0 ? "Seen" : "", seen, &painter) }
    section("Remedy", finding.remedy, &painter)
    if let key = model.remedyKey(finding) { section("", key, &painter) }
    drawOthers(&painter, finding, Rect(x: rect.x, y: y + 1, width: rect.width, height: rect.bottom - y - 1))
  }

  /// What else there is, a line each: what is looked at first need not be what matters to the reader.
  private func drawOthers(_ painter: inout Painter, _ shown: Finding, _ rect: Rect) {
    guard rect.height >= 2, model.findings.count > 1 else { return }
    for (line, index) in model.findings.indices.filter({ $0 != model.findingIndex }).prefix(rect.height).enumerated() {
      let other = model.findings[index]
      let mark = other.severity == .bad ? painter.glyphs.failing : "!"
      let role: Role = other.severity == .bad ? .bad : .warning
      painter.put(mark, role, x: rect.x + 1, y: rect.y + line, width: 1)
      painter.put(other.title, .dim, x: rect.x + 3, y: rect.y + line, width: rect.width - 4)
      painter.hit(Rect(x: rect.x, y: rect.y + line, width: rect.width, height: 1), .row(.bottom, index))
    }
  }
}
