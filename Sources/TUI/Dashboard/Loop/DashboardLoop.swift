import DashboardCore
import Engine
import TerminalKit

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The event loop: waits for keys, messages and timers, updates the model, and draws the result. Idle if nothing
/// happens.
final class DashboardLoop {
  private let screen: Screen
  private let mailbox: Mailbox<Message>
  private let services: DashboardServices
  private let runtime: DashboardRuntime
  private var model: Model
  private var rendered: Rendered
  private var decoder = InputDecoder()
  private var fedAt: Int64 = 0
  private var isDirty = false
  private var isOver = false
  private var isAway = false
  private var endSignal: Int32?
  /// The shell that is using the terminal.
  private var shell: Task<Void, Never>?
  private var shownAt: Int64 = 0
  /// The log to follow once the selection has been unchanged for a moment, and when: scrolling through rows must not
  /// start a program for each.
  private var waitingLog: (effect: Effect, at: Int64)?
  private var clock = ClockWatch(wall: SystemTime.secondsSince1970())
  private var followsLog = false
  private var followedRequest = 0
  private static let logDelay: Int64 = 120
  /// One more than the number of the log's last line in the current frame.
  private var shownLogEnd = 0

  /// The minimum time between two frames without a key press, in milliseconds. A log that scrolls too fast to be read
  /// is drawn less often.
  private var frameTime: Int64 { model.log.buffer.end - shownLogEnd > model.size.rows ? 100 : 33 }

  package init(screen: Screen, mailbox: Mailbox<Message>, services: DashboardServices, model: Model) {
    self.screen = screen
    self.mailbox = mailbox
    self.services = services
    self.model = model
    runtime = DashboardRuntime(services: services, mailbox: mailbox)
    rendered = render(model)
  }

  /// - Returns: the signal that ended it, or nil.
  package func run() -> Int32? {
    show()
    runtime.start()
    while !isOver { step() }
    finish()
    return endSignal
  }

  /// Waits for a limited time until everything that was started has ended. This includes a shell that is using the
  /// terminal: it must not keep reading keys after deskrun exits.
  private func finish() {
    runtime.perform(.remember(model.interface))
    runtime.stop(with: shell)
    let end = MillisecondClock.now() + 4500
    while MillisecondClock.now() < end {
      var wait = mailbox.wait
      guard poll(&wait, 1, Int32(clamping: end - MillisecondClock.now())) > 0 else { continue }
      for message in mailbox.take().messages { if case .allEnded = message { return } }
    }
  }

  private func step() {
    var waits = [mailbox.wait]
    if !isAway {
      let wanted = POLLIN | (screen.isStalled ? POLLOUT : 0)
      waits.append(pollfd(fd: screen.input, events: Int16(wanted), revents: 0))
    }
    let count = poll(&waits, nfds_t(waits.count), timeout)
    if count < 0, errno != EINTR { return isOver = true }
    var wantsFrame = false
    var hasInput = false
    if count > 0, waits[0].revents != 0 { readMailbox() }
    if count > 0, waits.count > 1, waits[1].revents != 0, !isOver {
      if waits[1].revents & Int16(POLLOUT) != 0 { screen.goOn() }
      hasInput = waits[1].revents & ~Int16(POLLOUT) != 0
      if hasInput { wantsFrame = readKeys() }
    }
    // Only a pause in the input ends an escape sequence, not other events.
    if !hasInput, let patience = decoder.patience, MillisecondClock.now() >= fedAt + patience {
      handle(decoder.flush())
    }
    let now = SystemTime.secondsSince1970()
    if let shift = clock.shift(wall: now) { perform(.clockSet(by: shift)) }
    if let change = rendered.nextChange, now >= change, !screen.isStalled { perform(.tick) }
    if let waiting = waitingLog, MillisecondClock.now() >= waiting.at {
      waitingLog = nil
      runtime.perform(waiting.effect)
    }
    if isDirty, !isAway, wantsFrame || MillisecondClock.now() - shownAt >= frameTime { show() }
  }

  /// How long to wait for events, in milliseconds; -1 without a limit.
  private var timeout: Int32 {
    if isAway { return -1 }
    let now = MillisecondClock.now()
    var times: [Int64] = []
    if let patience = decoder.patience { times.append(max(0, fedAt + patience - now)) }
    if let waitingLog { times.append(max(0, waitingLog.at - now)) }
    // While the terminal accepts no output, nothing is drawn, so no time affects the display.
    if screen.isStalled { return times.min().map { Int32(clamping: $0) } ?? -1 }
    if isDirty { times.append(max(0, frameTime - (now - shownAt))) }
    if let change = rendered.nextChange { times.append(max(0, change * 1000 - Self.wallMilliseconds()) + 1) }
    return times.min().map { Int32(clamping: $0) } ?? -1
  }

  private static func wallMilliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  private func readMailbox() {
    let post = mailbox.take()
    for signal in post.signals {
      switch signal {
      case SIGWINCH:
        guard !isAway else { break }
        screen.resized()
        perform(.resized(screen.size))
      case SIGTSTP: if !isAway { suspend() }
      case SIGCONT: if !isAway { comeBack() }
      default: if EndingSignals.requests.contains(signal) { end(by: signal) }
      }
    }
    // Only the newest observation of each cluster is needed.
    var newest: [Int: Int] = [:]
    for (index, message) in post.messages.enumerated() where message.isObservation { newest[message.cluster] = index }
    for (index, message) in post.messages.enumerated() {
      if message.isObservation, index != newest[message.cluster] { continue }
      if case .shellEnded = message, isAway {
        isAway = false
        comeBack()
      }
      perform(message)
    }
  }

  private func end(by signal: Int32) {
    endSignal = signal
    isOver = true
  }

  /// - Returns: whether input was read.
  private func readKeys() -> Bool {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(screen.input, &bytes, bytes.count)
    guard count > 0 else {
      if count < 0, errno == EINTR || errno == EAGAIN { return false }
      // The terminal was closed: there will be no more input.
      end(by: SIGHUP)
      return false
    }
    fedAt = MillisecondClock.now()
    handle(decoder.feed(bytes[..<count]))
    return true
  }

  private func handle(_ events: [InputEvent]) {
    var rest = events[...]
    while !isOver, let event = rest.first {
      // An unbracketed paste is received as keys; in a text field it is a single change nevertheless.
      let characters = model.takesText ? InputEvent.characters(rest) : []
      if characters.count > 1 {
        rest = rest.dropFirst(characters.count)
        perform(.typed(String(characters)))
      } else {
        rest = rest.dropFirst()
        handle(event)
      }
    }
  }

  private func handle(_ event: InputEvent) {
    switch event {
    case .key(let key): perform(.key(key))
    case .paste(let text): perform(.paste(text))
    case .focus: break
    case .mouse(let mouse):
      // The target of a click depends on what was visible at that time.
      if isDirty { show() }
      guard let target = rendered.target(x: mouse.x, y: mouse.y) else { break }
      switch mouse.action {
      case .press where mouse.button == 0: perform(.click(target))
      case .wheelUp: perform(.wheel(target, -3))
      case .wheelDown: perform(.wheel(target, 3))
      default: break
      }
    }
  }

  private func perform(_ message: Message) {
    let effects = update(&model, message, at: SystemTime.secondsSince1970())
    isDirty = true
    for effect in effects { perform(effect) }
  }

  private func perform(_ effect: Effect) {
    switch effect {
    case .quit: isOver = true
    case .suspend: suspend()
    case .redraw:
      screen.forget()
      isDirty = true
    case .bell: screen.send("\u{07}")
    case .copy(let text): copy(text)
    case .saveScreen(let path):
      let full = path.hasPrefix("/") ? path : services.folder + "/" + path
      mailbox.post(.saved(TextFile.write(rendered.frame.text, to: full)))
    case .shell(let pod, let container, let namespace): openShell(pod, container, namespace, on: 0)
    case .on(let cluster, .shell(let pod, let container, let namespace)):
      openShell(pod, container, namespace, on: cluster)
    case .followLog(let target, let request, _), .on(_, .followLog(let target, let request, _)):
      follow(effect, target, isNew: target != nil && request != followedRequest, request)
    default: runtime.perform(effect)
    }
  }

  private func follow(_ effect: Effect, _ target: LogTarget?, isNew: Bool, _ request: Int) {
    followedRequest = request
    if isNew, followsLog {
      waitingLog = (effect, MillisecondClock.now() + Self.logDelay)
    } else if waitingLog != nil, target != nil {
      // The log's containers changed while waiting.
      waitingLog?.effect = effect
    } else {
      waitingLog = nil
      runtime.perform(effect)
    }
    followsLog = target != nil
  }

  private func show() {
    // Do not draw another frame before the terminal has accepted the last one.
    guard !screen.isStalled else { return }
    rendered = render(model)
    screen.reportMouse(model.wantsMouse)
    screen.show(rendered.frame)
    isDirty = false
    shownLogEnd = model.log.buffer.end
    shownAt = MillisecondClock.now()
  }

  private func suspend() { goOn(screen.suspend()) }

  private func comeBack() { goOn(screen.comeBack()) }

  /// - Parameter isBack: whether the terminal was regained.
  private func goOn(_ isBack: Bool) {
    guard isBack else { return end(by: screen.endingSignal ?? SIGHUP) }
    perform(.resized(screen.size))
    perform(.resumed)
    show()
  }

  private func copy(_ text: String) {
    let inTmux = services.environment["TMUX"]?.isEmpty == false
    if let sequence = TerminalOutput.clipboard(Base64.encode(text.utf8), inTmux: inTmux) {
      screen.send(sequence)
      mailbox.post(.copied(text.count))
    } else {
      mailbox.post(.copied(nil))
    }
  }

  /// Hands the terminal over to a shell; meanwhile messages wait in the mailbox, and keys go to the shell.
  private func openShell(_ pod: String, _ container: String, _ namespace: String, on cluster: Int) {
    let call: ToolCall
    do {
      guard let toolbox = runtime.toolbox(of: cluster) else { return }
      call = try toolbox.kubectl().shell(pod: pod, container: container, namespace: namespace)
    } catch {
      return mailbox.post(.shellEnded(error))
    }
    screen.leave(saying: "\r\nA shell in \(pod), container \(container). `exit` returns to the dashboard.\r\n")
    isAway = true
    let mailbox = mailbox
    shell = Task {
      do {
        let exit = try await ForegroundProcess.run(call)
        // 126 and 127 mean that the shell was not found, 1 is kubectl's own; others are the status of the last command.
        mailbox.post(
          .shellEnded(
            exit == .code(126) || exit == .code(127)
              ? EngineError(.failed, "No shell found in \(container) of \(pod)") : nil))
      } catch {
        mailbox.post(
          .shellEnded(error as? EngineError ?? EngineError(.interrupted, "The shell was ended")))
      }
    }
  }
}
