import Engine

/// The progress line of a download: on a terminal rewritten with a bar and bytes, and a line when it has finished.
package final class DownloadLine: Sendable {
  private let console: Console
  private let label: String
  private let isQuiet: Bool

  package init(console: Console, label: String, isQuiet: Bool) {
    (self.console, self.label, self.isQuiet) = (console, label, isQuiet)
  }

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

  /// A bar with this many cells.
  static func bar(_ part: Int64, of whole: Int64, cells: Int, unicode: Bool) -> String {
    let share = Double(min(max(0, part), whole)) / Double(max(1, whole))
    let full = Int(share * Double(cells))
    return String(repeating: unicode ? "█" : "#", count: full)
      + String(repeating: unicode ? "░" : ".", count: cells - full)
  }

  /// Finished successfully.
  package func finish(_ words: String) { end(.done, ": \(words)") }

  /// Failed; the caller reports the error.
  package func fail() { end(.failing, "") }

  private func end(_ mark: Mark, _ words: PrintableText) {
    console.showLive(nil)
    guard !isQuiet else { return }
    console.tell("\(console.errorStyle.paint(mark)) \(label)\(console.errorStyle.paint(words, .faint))")
  }
}
