import DashboardCore
import Engine
import TerminalKit

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The loop: waits for keys, messages and time, has the model updated, and shows what came of it. Nothing happens while
/// nothing happens.
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
  /// The shell that has the terminal.
  private var shell: Task<Void, Never>?
  private var shownAt: Int64 = 0
  /// The log that is to be followed once the reader stays with it, and when: hurrying through rows must not start a
  /// program for each of them.
  private var waitingLog: (effect: Effect, at: Int64)?
  private var clock = ClockWatch(wall: SystemTime.secondsSince1970())
  private var followsLog = false
  private var followedRequest = 0
  private static let logDelay: Int64 = 120
  /// One more than the number of the last line of the log when the frame that is shown was drawn.
  private var shownLogEnd = 0

  /// Time between two frames that no key asked for, in milliseconds. A log that runs through the screen too fast to be
  /// read is not drawn for nothing.
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

  /// Waits until everything that was started has ended, some seconds at most. A shell that has the terminal is ended
  /// too: it must not go on reading keys beside the user's own.
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
    // Only silence of the terminal ends a sequence, not that something else happened.
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

  /// How long nothing needs to be done, in milliseconds; -1 for ever.
  private var timeout: Int32 {
    if isAway { return -1 }
    let now = MillisecondClock.now()
    var times: [Int64] = []
    if let patience = decoder.patience { times.append(max(0, fedAt + patience - now)) }
    if let waitingLog { times.append(max(0, waitingLog.at - now)) }
    // While the terminal takes nothing, nothing is drawn, and time changes nothing that is seen.
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
    // Of what is known of a cluster only the newest counts.
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

  /// - Returns: whether something was read.
  private func readKeys() -> Bool {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(screen.input, &bytes, bytes.count)
    guard count > 0 else {
      if count < 0, errno == EINTR || errno == EAGAIN { return false }
      // The terminal is gone: nobody will ever type again.
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
      // A paste that the terminal does not mark comes as keys; in a field it is one change all the same.
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
      // What a click means depends on what was shown when it was made.
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
      // Its pods have changed while it waits.
      waitingLog?.effect = effect
    } else {
      waitingLog = nil
      runtime.perform(effect)
    }
    followsLog = target != nil
  }

  private func show() {
    // A terminal that has not taken the last frame gets none on top of it.
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

  /// - Parameter isBack: whether the terminal is ours again.
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

  /// Hands the terminal to a shell; messages wait in the mailbox meanwhile, keys are the shell's.
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
        // 126 and 127 are the shell's that was not found, 1 is kubectl's own; others are those of the last command.
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
