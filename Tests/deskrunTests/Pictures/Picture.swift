/// A picture of a terminal as a self-contained SVG: with selectable text, without scripts and embedded fonts.
enum Picture {
  static func still(_ screen: TerminalScreen, title: String, _ colors: PictureColors) -> String {
    var drawing = ScreenDrawing(colors)
    let rows = (0..<screen.rows).map { drawing.row($0, of: screen) }.filter { !$0.isEmpty }
    return document(screen, title, colors, drawing.styleSheet, rows)
  }

  /// An endless animation of screens with their durations in seconds. Each different row is drawn once, and shown while
  /// it is on the screen. Viewers without animation show `poster`.
  static func moving(
    _ scenes: [(screen: TerminalScreen, seconds: Double)], poster: Int, title: String, _ colors: PictureColors
  ) -> String {
    guard let first = scenes.first?.screen else { return "" }
    let whole = scenes.reduce(0) { $0 + $1.seconds }
    var drawing = ScreenDrawing(colors)
    var lines: [String] = []
    for y in 0..<first.rows {
      var looks: [String: [(start: Double, end: Double, isPoster: Bool)]] = [:]
      var order: [String] = []
      var now = 0.0
      for (at, scene) in scenes.enumerated() {
        let end = now + scene.seconds
        let look = drawing.row(y, of: scene.screen)
        var times = looks[look] ?? []
        if times.isEmpty { order.append(look) }
        if let last = times.last, last.end == now {
          times[times.count - 1] = (last.start, end, last.isPoster || at == poster)
        } else {
          times.append((now, end, at == poster))
        }
        looks[look] = times
        now = end
      }
      for look in order where !look.isEmpty {
        let times = looks[look] ?? []
        if times.count == 1, let only = times.first, only.start == 0, only.end == whole {
          lines.append(look)
        } else {
          let isShown = times.contains { $0.isPoster }
          lines.append(
            "<g\(isShown ? "" : #" visibility="hidden""#)>" + change(times.map { ($0.start, $0.end) }, whole) + look
              + "</g>")
        }
      }
    }
    return document(first, title, colors, drawing.styleSheet, lines)
  }

  /// The animation that shows and hides a row.
  private static func change(_ times: [(start: Double, end: Double)], _ whole: Double) -> String {
    var moments: [(Double, Bool)] = times.first?.start == 0 ? [] : [(0, false)]
    for time in times {
      moments.append((time.start, true))
      if time.end < whole { moments.append((time.end, false)) }
    }
    let values = moments.map { $0.1 ? "visible" : "hidden" }.joined(separator: ";")
    let keys = moments.map { share($0.0 / whole) }.joined(separator: ";")
    return
      #"<animate attributeName="visibility" dur="\#(PictureCell.text(whole))s" repeatCount="indefinite" calcMode="discrete" values="\#(values)" keyTimes="\#(keys)"/>"#
  }

  /// A number between 0 and 1, with at most four decimals.
  private static func share(_ value: Double) -> String {
    let parts = Int((value * 10_000).rounded())
    if parts == 0 { return "0" }
    if parts >= 10_000 { return "1" }
    var digits = String(parts)
    digits = String(repeating: "0", count: 4 - digits.count) + digits
    while digits.last == "0" { digits.removeLast() }
    return "." + digits
  }

  private static func document(
    _ screen: TerminalScreen, _ title: String, _ colors: PictureColors, _ styleSheet: String, _ rows: [String]
  ) -> String {
    let width = PictureCell.text(Double(screen.columns) * PictureCell.width + 2 * PictureCell.margin)
    let height = PictureCell.text(Double(screen.rows) * PictureCell.height + 2 * PictureCell.margin)
    let margin = PictureCell.text(PictureCell.margin)
    let fonts = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace"
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)">
      <title>\(ScreenDrawing.escaped(title))</title>
      <style>text{font:\(PictureCell.text(PictureCell.fontSize))px \(fonts);white-space:pre}\(styleSheet)</style>
      <rect width="\(width)" height="\(height)" rx="6" fill="\(ScreenDrawing.hexadecimal(colors.background))"/>
      <g transform="translate(\(margin) \(margin))">
      \(rows.joined(separator: "\n"))
      </g>
      </svg>

      """
  }
}
