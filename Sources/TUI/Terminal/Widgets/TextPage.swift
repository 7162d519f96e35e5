import Basics
import Tools

/// A text page with scrolling and search: YAML, help, values.
package struct TextPage: Sendable, Equatable {
  /// A line to wrap to the width of the screen.
  package struct Paragraph: Sendable, Equatable {
    package var text: String
    /// Indentation of the lines after the first.
    package var hang: Int

    package init(_ text: String, hang: Int = 0) { (self.text, self.hang) = (SafeText.line(text), hang) }
  }

  /// How lines depend on the width of the screen.
  package enum Flow: Sendable, Equatable {
    /// Not at all.
    case fixed
    case wrapped([Paragraph])
    /// Sections, in two columns if there is room.
    case columns([[Paragraph]])
  }

  /// A command on the page that can be copied.
  package struct Snippet: Sendable, Equatable {
    /// The index of its paragraph, on a page of wrapped ones.
    package var paragraph: Int
    package var text: String

    package init(paragraph: Int, text: String) { (self.paragraph, self.text) = (paragraph, text) }
  }

  package var title: String
  package var lines: [String]
  package var top = 0
  package var column = 0
  package var search = ""
  /// The line of the current match.
  package var match: Int?
  /// The id of the request for a document that is still loading.
  package var request: Int?
  /// The suggested name for saving.
  package var fileName = "deskrun.txt"
  package private(set) var flow = Flow.fixed
  /// The cell at which the second column starts; nil if there is one column.
  package private(set) var secondColumn: Int?
  /// The commands on the page, and which one is marked.
  package var commands: [Snippet] = []
  private var marked = 0
  /// The first line of each paragraph, and the width they were wrapped to.
  private var starts: [Int] = []
  private var width = 0

  package init(title: String, text: String) {
    self.title = title
    lines = SafeText.lines(text).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
  }

  /// A page whose lines depend on the width of the screen.
  package init(title: String, flow: Flow, width: Int) {
    (self.title, self.flow, lines) = (title, flow, [])
    lay(width: width)
  }

  /// The minimum width for two columns.
  private static let twoColumns = 110

  /// Wraps the lines to this width, if it has changed.
  ///
  /// - Returns: whether anything has changed.
  @discardableResult
  package mutating func lay(width: Int) -> Bool {
    guard width != self.width else { return false }
    self.width = width
    switch flow {
    case .fixed: return false
    case .wrapped(let paragraphs): (lines, starts) = Self.broken(paragraphs, to: width - 2)
    case .columns(let sections):
      let half = (width - 4) / 2
      lines = width < Self.twoColumns ? Self.below(sections, width - 2) : Self.beside(sections, half)
      secondColumn = width < Self.twoColumns ? nil : half + 2
      starts = []
    }
    match = nil
    top = max(0, min(top, lines.count - 1))
    return true
  }

  private static func broken(_ paragraphs: [Paragraph], to cells: Int) -> (lines: [String], starts: [Int]) {
    var (lines, starts): ([String], [Int]) = ([], [])
    for paragraph in paragraphs {
      starts.append(lines.count)
      let indent = String(paragraph.text.prefix { $0 == " " })
      let hang = String(repeating: " ", count: min(paragraph.hang, max(0, cells / 2)))
      let text = String(paragraph.text.dropFirst(indent.count))
      // The lines after the first may have less room or more; the lesser applies to all.
      let room = max(1, cells - max(indent.count, hang.count))
      for (at, line) in CellText.wrapped(text, to: max(room, cells - indent.count)).enumerated() {
        if at == 0 {
          lines.append(indent + line)
        } else {
          lines += CellText.wrapped(line, to: room).map { hang + $0 }
        }
      }
    }
    return (lines, starts)
  }

  private static func below(_ sections: [[Paragraph]], _ cells: Int) -> [String] {
    Array(sections.map { broken($0, to: cells).lines }.joined(separator: [""]))
  }

  /// In two columns of about the same height, with each section in one piece.
  private static func beside(_ sections: [[Paragraph]], _ cells: Int) -> [String] {
    let blocks = sections.map { broken($0, to: cells).lines }
    let total = blocks.reduce(0) { $0 + $1.count + 1 }
    var (left, right): ([[String]], [[String]]) = ([], [])
    var used = 0
    for block in blocks {
      let isLeft = right.isEmpty && (left.isEmpty || used * 2 + block.count < total)
      if isLeft { left.append(block) } else { right.append(block) }
      used += block.count + 1
    }
    let (one, two) = (Array(left.joined(separator: [""])), Array(right.joined(separator: [""])))
    return (0..<max(one.count, two.count)).map { at in
      let text = at < one.count ? one[at] : ""
      guard at < two.count, !two[at].isEmpty else { return text }
      return text + String(repeating: " ", count: max(1, cells + 2 - CellText.width(text))) + two[at]
    }
  }

  package mutating func scroll(by rows: Int, height: Int) {
    top = max(0, min(top + rows, lines.count - max(1, height)))
  }

  // MARK: Commands

  /// The text of the marked command.
  package var command: String? { commands.indices.contains(marked) ? commands[marked].text : nil }

  /// The lines of the marked command.
  package var commandLines: Range<Int>? {
    guard commands.indices.contains(marked), starts.indices.contains(commands[marked].paragraph) else { return nil }
    let paragraph = commands[marked].paragraph
    return starts[paragraph]..<(paragraph + 1 < starts.count ? starts[paragraph + 1] : lines.count)
  }

  /// Marks the next command, or the first after the last.
  package mutating func markNextCommand(height: Int) {
    guard !commands.isEmpty else { return }
    marked = (marked + 1) % commands.count
    guard let found = commandLines, found.lowerBound < top || found.upperBound > top + height else { return }
    top = max(0, min(found.lowerBound - height / 2, lines.count - height))
  }

  /// Goes to the next line that contains the search text, starting at the current one.
  package mutating func find(forward: Bool, height: Int) {
    guard !search.isEmpty, !lines.isEmpty else { return }
    let wanted = search.lowercased()
    let count = lines.count
    let start = match ?? (forward ? top - 1 : top)
    for step in 1...count {
      let line = ((start + (forward ? step : -step)) % count + count) % count
      if lines[line].lowercased().contains(wanted) {
        match = line
        if line < top || line >= top + height { top = max(0, min(line - height / 2, count - height)) }
        return
      }
    }
    match = nil
  }
}
