import Engine
import Synchronization

/// How much is reported on standard error.
package enum Verbosity: Sendable, Comparable {
  /// Only errors, and the actual result of the command.
  case quiet
  /// A line for each completed step.
  case normal
  /// Also the output of tools.
  case verbose
}

/// Reports numbered steps: on a terminal a live line with the elapsed time for the running one, and a line for each
/// that has ended; otherwise only the latter. One step runs at a time.
package final class ProgressReporter: Sendable {
  private struct Step {
    package var number: Int
    var total: Int
    package var title: PrintableText
    package var start: ContinuousClock.Instant
    package var detail: PrintableText?
    /// The progress, if it is counted.
    var count: StepProgress.Count?
    var ticker: Task<Void, Never>?
  }

  private let console: Console
  private let verbosity: Verbosity
  private let now: @Sendable () -> ContinuousClock.Instant
  private let step = Lock<Step?>(nil)

  package init(
    console: Console, verbosity: Verbosity,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
  ) {
    self.console = console
    self.verbosity = verbosity
    self.now = now
  }

  deinit { step.withLock { $0?.ticker?.cancel() } }

  /// A step has started.
  package func begin(_ number: Int, of total: Int, _ title: String) {
    guard verbosity > .quiet else { return }
    let title = PrintableText(title)
    let isLive = console.errors.canRewriteLines
    step.withLock {
      $0?.ticker?.cancel()
      $0 = Step(number: number, total: total, title: title, start: now())
      if isLive { $0?.ticker = ticker() }
    }
    if isLive { refresh() }
  }

  /// The current activity of the running step, and its progress.
  package func detail(_ progress: StepProgress) {
    step.withLock { $0?.count = progress.count }
    detail(progress.words)
  }

  /// A message from the running step or its tool. The newest is on the live line; `--verbose` keeps them all.
  package func detail(_ text: String) {
    let line = PrintableText(Sanitizer.withoutSecrets(Sanitizer.line(text)))
    if verbosity == .verbose { console.tell("    \(console.errorStyle.paint(line, .faint))") }
    step.withLock { $0?.detail = line }
    refresh()
  }

  /// The running step has completed. `note` tells what was found or created, if relevant.
  package func finish(_ note: String? = nil) { end(.done, note) }

  /// The running step had nothing to do.
  package func skip(_ note: String) { end(.off, note) }

  /// The running step failed. The caller reports the error itself.
  package func fail() { end(.failing, nil) }

  /// The running step was canceled.
  package func cancel() { end(.cancelled, nil) }

  /// A remark between steps.
  package func note(_ text: String) {
    if verbosity > .quiet { console.tell(PrintableText(prose: text)) }
  }

  /// A warning that does not stop the step.
  package func warn(_ text: String) {
    if verbosity > .quiet { console.tell(ErrorReport.warning(text, style: console.errorStyle)) }
  }

  /// Updates the elapsed time; called once a second while a step runs.
  func refresh() {
    // Under the lock, so that a late refresh cannot bring back the line of a step that has ended.
    step.withLock { if let step = $0 { console.showLive(liveParts(step)) } }
  }

  private func end(_ mark: Mark, _ note: String?) {
    guard
      let ended = step.withLock({ step in
        defer { step = nil }
        step?.ticker?.cancel()
        if step != nil { console.showLive(nil) }
        return step
      })
    else { return }
    let style = console.errorStyle
    var line: PrintableText =
      "\(style.paint(mark)) \(style.paint(Self.label(ended.number, ended.total), .faint)) \(ended.title)"
    if let note { line += style.paint(": \(note)", .faint) }
    let elapsed = ended.start.duration(to: now())
    if elapsed >= .seconds(1) { line += " \(style.paint(DurationText.short(elapsed), .faint))" }
    console.tell(line)
  }

  private func liveParts(_ step: Step) -> [(text: PrintableText, role: Role)] {
    let sign = console.errorStyle.sign(.pending)
    let elapsed = DurationText.short(step.start.duration(to: now()))
    var parts: [(text: PrintableText, role: Role)] = [
      ("\(sign) ", Mark.pending.role), ("\(Self.label(step.number, step.total)) ", .faint), (step.title, .plain),
      (" \(elapsed)", .faint),
    ]
    if let count = step.count {
      parts.append((" \(console.errorStyle.bar(count)) \(count.text)", .active))
    }
    if let detail = step.detail, !detail.isEmpty { parts.append(("  \(detail)", .faint)) }
    return parts
  }

  private func ticker() -> Task<Void, Never> {
    Task { [weak self] in
      while (try? await Task.sleep(for: .seconds(1))) != nil { self?.refresh() }
    }
  }

  private static func label(_ number: Int, _ total: Int) -> PrintableText { "[\(number)/\(total)]" }
}
