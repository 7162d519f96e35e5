import CommandOutput
import Engine

/// The output of `deskrun jobs --timeline`: for each installation, a line for each concurrently busy runner.
struct JobsTimeline {
  /// The default time span in seconds.
  static let span: Int64 = 3600
  /// The width in cells without a terminal.
  static let width = 100

  struct Block {
    var name: String
    /// The maximum number of runners according to the configuration; nil for a scale set that is not configured.
    var limit: Int?
    var lanes: TimelineLanes
  }

  let blocks: [Block]
  private let span: Int64
  private let now: Int64

  /// - Parameters:
  ///   - owners: the owners of the scale sets.
  ///   - span: the time span in seconds before now.
  ///   - confirmed: the running jobs that are still running for certain.
  init(records: [JobRecord], owners: ScaleSetOwners, span: Int64, now: Int64, confirmed: ConfirmedJobs) {
    (self.span, self.now) = (span, now)
    var found: [String: (limit: Int?, bars: [TimelineBar])] = [:]
    var installations: [String: Installation?] = [:]
    for record in records {
      guard var bar = TimelineBar(record, now: now, isRunning: confirmed.contains(record)) else { continue }
      if record.result == .running, confirmed.contains(record) { bar.end = Bounds.moment.upperBound }
      let owner = installations[record.scaleSet] ?? owners.installation(ofScaleSet: record.scaleSet)
      installations[record.scaleSet] = .some(owner)
      let limit = owner.map { $0.scaleSets.reduce(0) { $0 + $1.runners.maximum } }
      found[owner?.name.description ?? record.scaleSet, default: (limit, [])].bars.append(bar)
    }
    blocks = found.sorted { $0.key < $1.key }.map {
      Block(name: $0.key, limit: $0.value.limit, lanes: TimelineLanes($0.value.bars))
    }
  }

  /// The lines, including newlines.
  ///
  /// - Parameter width: the width of a line in cells.
  func text(_ style: Style, width: Int) -> PrintableText {
    let longest = blocks.map { String($0.limit ?? 0).count + String($0.lanes.lanes.count).count + 1 }.max() ?? 0
    let left = max(2 + longest, 2 + "waiting".count) + 2
    let window = TimelineWindow(span: span, including: now, width: max(20, width - left))
    let axis = axis(window)
    var text: PrintableText = ""
    for block in blocks {
      if !text.isEmpty { text += "\n" }
      let limit: PrintableText = block.limit.map { "  max \($0)" } ?? ""
      text += "\(style.paint(block.name, .strong))\(style.paint(limit, .faint))\n"
      text += PrintableText(blanks: left) + style.paint(axis, .faint) + "\n"
      var hasLimit = false
      for lane in block.lanes.shown(in: window) {
        if let limit = block.limit, lane >= limit, !hasLimit {
          hasLimit = true
          text += PrintableText(blanks: left) + style.paint("-- max \(limit) --", .warning) + "\n"
        }
        let number = "\(lane + 1)" + (block.limit.map { "/\($0)" } ?? "")
        text += label(number, left, style) + line(block.lanes.cells(of: lane, in: window), style)
      }
      text += waiting(block.lanes.waiting(in: window), left, style)
    }
    return text + legend(style, width)
  }

  private func label(_ text: String, _ width: Int, _ style: Style) -> PrintableText {
    PrintableText(blanks: width - 2 - text.count) + style.paint(text, .faint) + "  "
  }

  private func axis(_ window: TimelineWindow) -> String {
    var cells = [Character](repeating: " ", count: window.width)
    for label in TimelineAxis.labels(window, offset: LocalClock.offset) {
      for (place, character) in label.text.enumerated() where label.cell + place < cells.count {
        cells[label.cell + place] = character
      }
    }
    // The end of the time axis is now.
    if cells.suffix(4).allSatisfy({ $0 == " " }) { cells.replaceSubrange((cells.count - 3)..., with: Array("now")) }
    return Self.trimmed(cells)
  }

  private func line(_ cells: [TimelineCell], _ style: Style) -> PrintableText {
    let characters = TimelineSigns(usesUnicode: style.usesUnicode).characters(cells)
    let end = (characters.lastIndex { $0 != " " } ?? -1) + 1
    var text: PrintableText = ""
    var from = 0
    while from < end {
      var to = from + 1
      while to < end, cells[to].fill == cells[from].fill { to += 1 }
      text += style.paint(String(characters[from..<to]), Self.role(cells[from].fill))
      from = to
    }
    return text + "\n"
  }

  private func waiting(_ counts: [Int], _ left: Int, _ style: Style) -> PrintableText {
    guard counts.contains(where: { $0 > 0 }) else { return "" }
    let characters = counts.map { count -> Character in
      count == 0 ? " " : count > 9 ? "+" : Character(String(count))
    }
    return label("waiting", left, style) + style.paint(Self.trimmed(characters), .warning) + "\n"
  }

  private func legend(_ style: Style, _ width: Int) -> PrintableText {
    var kinds: Set<String> = []
    var all: [TimelineBar.Kind] = []
    for bar in blocks.flatMap({ $0.lanes.lanes.joined() }) where kinds.insert("\(bar.kind)").inserted {
      all.append(bar.kind)
    }
    let hasWaited = blocks.contains { $0.lanes.lanes.joined().contains { $0.queued != nil } }
    let parts = TimelineSigns(usesUnicode: style.usesUnicode).legend(all).filter { $0.kind != nil || hasWaited }
    var text: PrintableText = "\n"
    var used = 0
    for part in parts {
      let cells = 2 + part.word.count
      let isNext = used > 0 && used + 2 + cells <= width
      if used > 0 { text += isNext ? "  " : "\n" }
      used = isNext ? used + 2 + cells : cells
      text += "\(style.paint(String(part.sign), Self.role(part.kind.map { .bar($0) } ?? .waiting))) \(part.word)"
    }
    return text + "\n"
  }

  private static func trimmed(_ characters: [Character]) -> String {
    String(characters.prefix((characters.lastIndex { $0 != " " } ?? -1) + 1))
  }

  private static func role(_ fill: TimelineCell.Fill) -> Role {
    switch fill {
    case .empty: .plain
    case .waiting, .bar(.starting): .warning
    case .bar(.job(.succeeded)): .good
    case .bar(.job(.failed)), .bar(.job(.lost)): .bad
    case .bar(.job(.running)): .active
    case .bar(.job(.cancelled)), .bar(.job(.unknown)): .faint
    }
  }
}
