import Basics
import Tools

/// A page of text to scroll and search in: YAML, help, values.
package struct TextPage: Sendable, Equatable {
  package var title: String
  package var lines: [String]
  package var top = 0
  package var column = 0
  package var search = ""
  /// The line of the current match.
  package var match: Int?
  /// A document that is still on its way is tagged with the question.
  package var request: Int?
  /// Where the file is offered to be saved.
  package var fileName = "deskrun.txt"

  package init(title: String, text: String) {
    self.title = title
    lines = SafeText.lines(text).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
  }

  package mutating func scroll(by rows: Int, height: Int) {
    top = max(0, min(top + rows, lines.count - max(1, height)))
  }

  /// Goes to the next line with what is searched for, from the current one on.
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
