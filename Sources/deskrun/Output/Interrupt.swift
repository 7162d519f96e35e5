import Engine
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The descriptor for the signal handler. Set before a handler is installed.
private let signalPipe = Atomic<Int32>(-1)

/// Runs a command as a task that signals can cancel.
///
/// The handler writes a byte to a pipe; the main thread waits at its other end and does the rest in ordinary code. The
/// first signal that asks for an end (`EndingSignals.requests`) cancels the task, which cleans up and returns; a second
/// one, and SIGQUIT, end the process immediately. Handlers, not a signal mask, because children inherit a mask.
package enum Interrupt {
  /// The signal that asked the command to stop, or 0.
  private static let received = Atomic<Int32>(0)
  /// Becomes and stays readable when the command is asked to stop.
  private static let cancelPipe = Lock<(reader: Int32, writer: Int32)?>(nil)

  /// Whether the command should end when nobody reads its standard output anymore.
  private static let watchesReader = Atomic<Bool>(false)
  /// Whether the command was stopped because nobody reads its standard output anymore.
  private static let readerLeft = Atomic<Bool>(false)
  /// The byte that wakes the main thread; no signal has this number.
  private static let lookAgain: UInt8 = 255

  /// Whether the command was stopped because nobody reads its standard output anymore.
  package static var readerIsGone: Bool { readerLeft.load(ordering: .acquiring) }

  /// From now on, the command is canceled when the reader of its standard output leaves, even while it has nothing to
  /// write: `deskrun logs -f | head` ends with `head`. For commands that run until they are stopped. Those that change
  /// something must not end between two steps because a pager was closed.
  ///
  /// - Parameter watchesSockets: whether this applies to sockets, as with `ssh`. A service's output is also a socket,
  ///   and a restart of the journal is no reason for the service to end.
  package static func endWithReader(watchesSockets: Bool = true) {
    var info = stat()
    guard fstat(1, &info) == 0 else { return }
    let type = info.st_mode & S_IFMT
    guard type == S_IFIFO || (type == S_IFSOCK && watchesSockets) else { return }
    watchesReader.store(true, ordering: .releasing)
    wake(lookAgain)
  }

  /// The signal that asked the command to stop.
  package static var signal: Int32? {
    let signal = received.load(ordering: .acquiring)
    return signal == 0 ? nil : signal
  }

  /// A descriptor that becomes readable when the command is asked to stop, for use with `poll`; nil outside of `run`.
  package static var descriptor: Int32? { cancelPipe.withLock { $0?.reader } }

  /// Runs the body until it ends and returns its status. Call once, on the main thread.
  package static func run(_ body: sending @escaping () async -> Int32) -> Int32 {
    let events: (reader: Int32, writer: Int32)
    let cancel: (reader: Int32, writer: Int32)
    do throws(EngineError) {
      DescriptorRoom.reserve()
      try DescriptorRoom.check(32)
      events = try FilePipe.make()
      cancel = try FilePipe.make()
    } catch {
      try? DescriptorSink(descriptor: 2).write(ErrorReport.text(error, style: Style(.plain)))
      return ExitStatus(error.kind).rawValue
    }
    cancelPipe.withLock { $0 = cancel }
    signalPipe.store(events.writer, ordering: .sequentiallyConsistent)
    for signal in EndingSignals.requests { handle(signal) }
    // A crash ends the program with its signal, as in a release. The backtrace of debug builds would ask at the
    // terminal what to show, and after a signal from another process the program would continue.
    if getenv("SWIFT_BACKTRACE") == nil { _ = TerminalGuard.installHandlers() }
    let status = StatusBox()
    let task = Task {
      status.value.store(await body(), ordering: .releasing)
      wake(0)
    }
    while true {
      guard let event = next(events.reader) else {
        readerLeft.store(true, ordering: .releasing)
        wakeCancelled(cancel.writer)
        task.cancel()
        continue
      }
      if event == 0 { return status.value.load(ordering: .acquiring) }
      if event == SIGQUIT || received.load(ordering: .acquiring) != 0 { exitAtOnce(event) }
      received.store(event, ordering: .releasing)
      wakeCancelled(cancel.writer)
      task.cancel()
    }
  }

  private final class StatusBox: Sendable {
    package let value = Atomic<Int32>(0)
  }

  /// Restores the terminal, puts the shell's prompt on a new line, and exits.
  private static func exitAtOnce(_ signal: Int32) -> Never {
    TerminalModes.restoreAll()
    SocketFolder.removeAll()
    if isatty(2) == 1 { try? DescriptorSink(descriptor: 2).write("\n") }
    _exit(128 + signal)
  }

  private static func handle(_ signal: Int32) {
    // Signals ignored from the start stay ignored: `nohup deskrun up` and background jobs of scripts depend on it.
    var old = sigaction()
    guard sigaction(signal, nil, &old) == 0, !isIgnored(old) else { return }
    var action = sigaction()
    let handler: @convention(c) (Int32) -> Void = { signal in
      let saved = errno
      wake(UInt8(truncatingIfNeeded: signal))
      errno = saved
    }
    #if canImport(Darwin)
    action.__sigaction_u.__sa_handler = handler
    #else
    action.__sigaction_handler.sa_handler = handler
    #endif
    sigemptyset(&action.sa_mask)
    action.sa_flags = SA_RESTART
    _ = sigaction(signal, &action, nil)
  }

  private static func isIgnored(_ action: sigaction) -> Bool {
    #if canImport(Darwin)
    let handler = action.__sigaction_u.__sa_handler
    #else
    let handler = action.__sigaction_handler.sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// The next event: 0 when the body has ended, a signal, or nil when the reader of standard output has left.
  private static func next(_ descriptor: Int32) -> Int32? {
    while true {
      var waits = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
      // Errors are reported without being requested.
      if watchesReader.load(ordering: .acquiring), !readerIsGone { waits.append(pollfd(fd: 1, events: 0, revents: 0)) }
      guard poll(&waits, nfds_t(waits.count), -1) > 0 else { continue }
      if waits[0].revents != 0 {
        var byte: UInt8 = 0
        if read(descriptor, &byte, 1) == 1, byte != lookAgain { return Int32(byte) }
      } else if waits.count > 1, waits[1].revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0 {
        return nil
      }
    }
  }
}

/// Async-signal-safe: an atomic load and a write.
private func wake(_ byte: UInt8) {
  var byte = byte
  _ = write(signalPipe.load(ordering: .sequentiallyConsistent), &byte, 1)
}

private func wakeCancelled(_ descriptor: Int32) {
  var byte: UInt8 = 1
  _ = write(descriptor, &byte, 1)
}
