import Engine
import TerminalKit

/// The screen without installations: what deskrun does, and what it needs.
struct WelcomeScreen {
  package let model: Model

  func draw(_ painter: inout Painter, _ rect: Rect) {
    let below = min(10, max(4, rect.height / 4))
    let (upper, lower) = rect.split(top: rect.height - below)
    let (title, body) = upper.split(top: 1)
    PaneTitle(pane: model.panes.first.id, isFocused: true, parts: ["1 Installations", "0"], right: "").draw(
      &painter, title)
    painter.hit(body, .command(.add))
    let shown = model.clusters[model.mainCluster]
    let isCreated: Bool =
      if case .absent? = shown.observation?.cluster { false } else { shown.isFresh }
    let cluster = model.settings.isKind ? String(model.settings.context.dropFirst(5)) : model.settings.context
    let isInstalled = shown.snapshot?.controller != nil
    var lines: [(String, Role)] = [
      ("This computer can run your GitHub Actions jobs.", .strong), ("", .text),
      ("Press  a  to add an installation. deskrun then", .text),
    ]
    if model.settings.isKind {
      lines.append(
        (
          isCreated
            ? "  1  uses the kind cluster \"\(cluster)\", which exists"
            : "  1  creates a kind cluster named \"\(cluster)\"        about 1m, once", .text
        ))
    } else {
      lines.append(("  1  uses the cluster \(cluster)", .text))
    }
    lines += [
      (
        isInstalled
          ? "  2  finds the runner controller already installed"
          : "  2  installs the runner controller (ARC \(SupportedARC.newest))   about 1m, once", .text
      ),
      ("  3  starts the runners of your repository         a few seconds", .text), ("", .text),
      ("You need a repository and a token (scope: repo) or a GitHub App.", .text),
      ("In the workflow, write   runs-on: the-name-you-choose", .text), ("", .text),
    ]
    // Other reasons to start the dashboard.
    if !model.settings.isDemo { lines.append(("To look around first:   q, then  deskrun --demo", .text)) }
    lines += [
      ("For another cluster:    q, then  deskrun --context NAME", .text),
      ("Keys:   a add   D check this computer   : all commands   ? help   q quit", .text),
    ]
    // If space is limited, remove blank lines first.
    if lines.count > body.height { lines.removeAll { $0.0.isEmpty } }
    let top = body.y + max(0, min(2, (body.height - lines.count) / 2))
    for (index, (text, role)) in lines.prefix(body.height).enumerated() {
      painter.put(text, role, x: body.x + 3, y: top + index, width: body.width - 4)
    }
    drawChecks(&painter, lower)
  }

  private func drawChecks(_ painter: inout Painter, _ rect: Rect) {
    let (title, body) = rect.split(top: 1)
    PaneTitle(
      pane: model.tab, isFocused: false, parts: ["3 Requirements"],
      right: model.isExamining ? "checking" : "D shows all"
    )
    .draw(&painter, title)
    painter.hit(rect, .command(.doctor))
    guard let checks = model.checks else {
      painter.put("Checking \(painter.ellipsis)", .dim, x: body.x + 1, y: body.y, width: body.width - 2)
      return
    }
    // Problems first, each on its own line with the fix; the rest side by side.
    let wrong = checks.filter { ($0.verdict == .bad || $0.verdict == .warning) && $0.id != "cluster" }
    var y = body.y
    for check in wrong where y < body.bottom {
      let mark = check.verdict == .bad ? painter.glyphs.failing : painter.glyphs.warning
      painter.put(mark, check.verdict == .bad ? .bad : .warning, x: body.x + 1, y: y, width: 1)
      let text = "\(check.title): \(check.finding)" + (check.fix.map { " · \($0)" } ?? "")
      for line in CellText.wrapped(text, to: body.width - 4).prefix(2) where y < body.bottom {
        painter.put(line, .text, x: body.x + 3, y: y, width: body.width - 4)
        y += 1
      }
    }
    let texts = checks.filter { $0.verdict == .good && $0.id != "configuration" }
      .map { "\($0.title) \(short($0.finding))" }
    // In columns of the same width.
    let columns = max(1, (body.width - 2) / 38)
    let width = (body.width - 2) / columns
    for (place, text) in texts.enumerated() {
      let x = body.x + 1 + place % columns * width
      let line = y + place / columns
      guard line < body.bottom else { return }
      painter.put(painter.glyphs.idle, .good, x: x, y: line, width: 1)
      painter.put(
        CellText.cutEnd(text, to: width - 4, sign: painter.ellipsis), .text, x: x + 2, y: line, width: width - 4)
    }
  }

  /// The finding without its details.
  private func short(_ finding: String) -> String { String(finding.prefix { $0 != "," && $0 != "(" }) }
}
