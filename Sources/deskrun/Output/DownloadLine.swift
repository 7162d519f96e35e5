import Engine

/// The line of one installation of a program: rewritten in place with a bar and bytes on a terminal, and one line when it
/// is over.
package final class DownloadLine: Sendable {
  private let console: Console
  private let label: String
  private let isQuiet: Bool

  package init(console: Console, label: String, isQuiet: Bool) {
    (self.console, self.label, self.isQuiet) = (console, label, isQuiet)
  }

  /// Shows how far it is.
  package func show(_ progress: ToolInstaller.Progress) {
    guard !isQuiet else { return }
    let words: PrintableText =
      switch progress {
      case .downloading(let received, let total): downloading(received, total)
      case .verifying: "verifying the checksum"
      case .unpacking: "unpacking"
      }
    console.showLive([
      ("\(console.errorStyle.sign(.pending)) ", Mark.pending.role), ("\(label)  ", .plain), (words, .faint),
    ])
  }

  private func downloading(_ received: Int64, _ total: Int64?) -> PrintableText {
    guard let total, total > 0 else { return "\(BytesText.short(received))" }
    let bar = Self.bar(received, of: total, cells: 20, unicode: console.errors.usesUnicode)
    return "\(bar) \(BytesText.short(received)) of \(BytesText.short(total))"
  }

  /// A bar of so many cells.
  static func bar(_ part: Int64, of whole: Int64, cells: Int, unicode: Bool) -> String {
    let share = Double(min(max(0, part), whole)) / Double(max(1, whole))
    let full = Int(share * Double(cells))
    return String(repeating: unicode ? "█" : "#", count: full)
      + String(repeating: unicode ? "░" : ".", count: cells - full)
  }

  /// It is over.
  package func finish(_ words: String) { end(.done, ": \(words)") }

  /// It failed; why is told by whoever caught the error.
  package func fail() { end(.failing, "") }

  private func end(_ mark: Mark, _ words: PrintableText) {
    console.showLive(nil)
    guard !isQuiet else { return }
    console.tell("\(console.errorStyle.paint(mark)) \(label)\(console.errorStyle.paint(words, .faint))")
  }
}
