import Basics
import CNcurses
import CStandalone
import Tools

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The terminal, drawn with ncurses. Use it only on the thread that created it.
///
/// ncurses writes to a memory file; its output for a frame goes to the terminal in one piece, so frames are never
/// visible half drawn. Terminal modes and keys are handled here.
package final class Screen {
  private let terminal: Int32
  private let writer: TerminalWriter
  private var isEntered = false
  private let canvas: Int32
  private let captured: Int32
  private let errors: Int32
  private var usualModes = termios()
  private var ownModes = termios()
  private var shown: Frame
  private var pairs: [UInt32: Int32] = [:]
  private var cells: [cnc_cell] = []
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)
  private var reportsMouse = false
  private let exactColors: [UInt8: UInt32]
  private let usesColor: Bool
  private let crashGuard: CrashGuard
  /// The number of colors of the terminal.
  package let colors: Int

  /// Takes over the terminal.
  ///
  /// - Parameters:
  ///   - wake: where signals are reported.
  ///   - locale: the locale whose characters ncurses writes; nil uses the environment.
  ///   - exactColors: the true colors for palette indexes, for terminals that support them.
  /// - Throws: `EngineError` without a terminal, or if it cannot be drawn on.
  package init(
    wake: Int32, name: String?, locale: String?, usesColor: Bool, exactColors: [UInt8: UInt32]
  ) throws(EngineError) {
    let fix = "Use `deskrun status --watch`, which needs no screen"
    // Opened separately, so that non-blocking mode applies only here and not to the shell.
    terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
    writer = TerminalWriter(descriptor: terminal)
    guard terminal >= 0, tcgetattr(terminal, &usualModes) == 0 else {
      if terminal >= 0 { close(terminal) }
      throw EngineError(.usage, "The dashboard needs a terminal", fix: fix)
    }
    guard let name, !name.isEmpty, name != "dumb" else {
      close(terminal)
      throw EngineError(
        .usage, "The dashboard cannot be drawn on this terminal", why: "TERM is \(SafeText.line(name ?? "not set"))",
        fix: "Set TERM to what the terminal is, or use `deskrun status --watch`, which needs no screen")
    }
    canvas = cnc_memory_file()
    #if STATIC_EXECUTABLE
    if locale != nil {
      standalone_use_utf8 { scalar in Int32(Unicode.Scalar(scalar).map(ScalarWidth.of) ?? -1) }
    }
    #else
    cnc_locale(locale ?? "")
    #endif
    guard canvas >= 0, TerminalDescription.open(name, output: canvas, input: terminal) else {
      close(terminal)
      throw EngineError(
        .failed, "The dashboard cannot be drawn on this terminal",
        why: "ncurses does not know TERM=\(SafeText.line(name))",
        fix: "Set TERM to xterm-256color, or install the terminal's entry (ncurses-term)")
    }
    start_color()
    use_default_colors()
    colors = Int(cnc_colors())
    self.usesColor = usesColor && colors >= 8
    self.exactColors = exactColors
    nonl()
    typeahead(-1)
    curs_set(0)
    if let window = cnc_window() { leaveok(window, true) }
    ownModes = usualModes
    cfmakeraw(&ownModes)
    errors = fcntl(2, F_DUPFD_CLOEXEC, 3)
    captured = cnc_memory_file()
    if errors >= 0, captured >= 0 { dup2(captured, 2) }
    shown = Frame(Size(columns: 1, rows: 1))
    crashGuard = CrashGuard(terminal: terminal, modes: usualModes, wake: wake, errors: errors, captured: captured)
    enter()
    takeSize()
  }

  /// The descriptor to read keys from.
  package var input: Int32 { terminal }

  /// The current size of the terminal.
  package var size: Size {
    var window = winsize()
    guard ioctl(terminal, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 else {
      return Size(columns: 80, rows: 24)
    }
    return Size(columns: Int(window.ws_col), rows: Int(window.ws_row))
  }

  private func takeSize() {
    let size = size
    resizeterm(Int32(size.rows), Int32(size.columns))
    shown = Frame(size)
    if let window = cnc_window() {
      werase(window)
      clearok(window, true)
    }
  }

  private func enter() {
    isEntered = true
    crashGuard.arm(true)
    // Not TCSADRAIN, which waits forever for a terminal whose output was stopped.
    tcsetattr(terminal, TCSANOW, &ownModes)
    send(TerminalOutput.reportsOn + (reportsMouse ? TerminalOutput.modes(mouse: true) : ""))
  }

  /// Leaves the terminal to others; `comeBack` takes it again.
  ///
  /// - Parameter words: text to leave on the screen that becomes visible.
  package func leave(saying words: String = "") {
    guard isEntered else { return }
    isEntered = false
    send(TerminalOutput.mouseOff + TerminalOutput.reportsOff)
    curs_set(1)
    endwin()
    flush()
    send(TerminalOutput.mouseOff + TerminalOutput.reportsOff + words)
    writer.finish(reset: Array(CrashGuard.reset.description.utf8))
    tcsetattr(terminal, TCSANOW, &usualModes)
    crashGuard.arm(false)
  }

  /// Takes the terminal again and draws everything with the next frame, whatever is on it.
  ///
  /// - Returns: false if the program is in the background and a signal to end it has arrived.
  package func comeBack() -> Bool {
    guard crashGuard.waitForForeground(terminal) else { return false }
    enter()
    curs_set(0)
    takeSize()
    return true
  }

  /// Restores the terminal and standard error for good.
  package func end() {
    leave()
    if errors >= 0 {
      dup2(errors, 2)
      close(errors)
    }
    crashGuard.uninstall()
  }

  /// Writes a final text to standard error, without waiting for a terminal that accepts nothing.
  package func tell(_ text: String) {
    guard isatty(2) == 1 else { return _ = TerminalOutput.write(Array(text.utf8), to: 2) }
    writer.write(Array(text.utf8))
    writer.finish(reset: [])
  }

  /// What was written to standard error meanwhile, which nobody saw: at most the last 4 kB.
  package var strayText: String {
    guard captured >= 0 else { return "" }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let end = lseek(captured, 0, SEEK_END)
    let count = pread(captured, &bytes, bytes.count, max(0, end - off_t(bytes.count)))
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : ""
  }

  /// The signal that asked the program to end, or nil.
  package var endingSignal: Int32? { crashGuard.ending }

  /// Stops like ctrl-Z, and returns when the program continues.
  ///
  /// - Returns: as `comeBack`.
  package func suspend() -> Bool {
    leave()
    crashGuard.stop(by: SIGTSTP)
    return comeBack()
  }

  /// Makes the terminal report the mouse, or leaves it to the terminal's own text selection.
  package func reportMouse(_ isOn: Bool) {
    guard isOn != reportsMouse else { return }
    reportsMouse = isOn
    send(TerminalOutput.modes(mouse: isOn))
  }

  /// The size of the terminal has changed.
  package func resized() { takeSize() }

  /// Writes a sequence that draws nothing.
  package func send(_ text: String) { writer.write(Array(text.utf8)) }

  /// Whether the terminal has not accepted everything yet. Poll it for `POLLOUT` then; it gets no further frame.
  package var isStalled: Bool { writer.isStalled }

  /// The terminal accepts more.
  package func goOn() { writer.goOn() }

  /// Shows a frame: differences from the previous one are passed to ncurses.
  package func show(_ frame: Frame) {
    // ncurses would take the screen again.
    guard isEntered, let window = cnc_window() else { return }
    for run in FrameDifference.runs(from: shown, to: frame) {
      cells.removeAll(keepingCapacity: true)
      for x in run.x..<(run.x + run.count) {
        let cell = frame[x, run.y]
        guard cell.width > 0 else { continue }
        cells.append(
          cnc_cell(
            scalar: cell.scalar, mark: cell.mark, attributes: UInt32(cell.style.attributes.rawValue),
            pair: pair(cell.style), width: Int32(cell.width)))
      }
      _ = cnc_put(window, Int32(run.y), Int32(run.x), cells, Int32(cells.count))
    }
    let isCursorShown = frame.cursor != nil
    if isCursorShown != (shown.cursor != nil) {
      leaveok(window, !isCursorShown)
      curs_set(isCursorShown ? 1 : 0)
    }
    if let cursor = frame.cursor { wmove(window, Int32(cursor.y), Int32(cursor.x)) }
    shown = frame
    wnoutrefresh(window)
    doupdate()
    flush()
  }

  /// Draws everything with the next frame.
  package func forget() { takeSize() }

  private func pair(_ style: Style) -> Int32 {
    guard usesColor, style.foreground != .standard || style.background != .standard else { return 0 }
    let foreground = reduced(style.foreground)
    let background = reduced(style.background)
    let key = UInt32(UInt16(bitPattern: foreground)) << 16 | UInt32(UInt16(bitPattern: background))
    if let pair = pairs[key] { return pair }
    let next = Int32(pairs.count + 1)
    // A terminal with few color pairs keeps the first ones, which are the theme's.
    guard next < min(cnc_color_pairs(), 32_000), init_pair(Int16(next), foreground, background) != ERR else { return 0 }
    pairs[key] = next
    return next
  }

  private func reduced(_ color: Color) -> Int16 {
    guard let index = color.index else { return -1 }
    if Int(index) < colors { return Int16(index) }
    if index < 16 { return Int16(index % 8) }
    return -1
  }

  /// Writes ncurses' output to the terminal.
  private func flush() {
    let count = Int(lseek(canvas, 0, SEEK_CUR))
    guard count > 0 else { return }
    if buffer.count < count { buffer = [UInt8](repeating: 0, count: count * 2) }
    let read = pread(canvas, &buffer, count, 0)
    lseek(canvas, 0, SEEK_SET)
    ftruncate(canvas, 0)
    guard read > 0 else { return }
    let bytes = TerminalOutput.exactColors(Array(buffer[..<read]), exactColors)
    writer.write(TerminalOutput.synchronized(bytes))
  }
}
