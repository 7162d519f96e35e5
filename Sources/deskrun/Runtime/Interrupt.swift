import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Where the signal handler writes. Set before a handler is installed.
private let signalPipe = Atomic<Int32>(-1)

/// Runs a command as a task that signals can cancel.
///
/// The handler writes one byte to a pipe; the main thread waits at its other end and does the rest in ordinary code.
/// The first SIGINT, SIGTERM or SIGHUP cancels the task, which ends what it began and returns; the second one, and
/// SIGQUIT, end the process at once. Handlers, not a signal mask, because children inherit a mask.
enum Interrupt {
  /// The signal that asked the command to stop, or 0.
  private static let received = Atomic<Int32>(0)
  /// Becomes readable when the command is asked to stop, and stays so.
  private static let cancelPipe = Mutex<(reader: Int32, writer: Int32)?>(nil)

  /// The signal that asked the command to stop.
  static var signal: Int32? {
    let signal = received.load(ordering: .acquiring)
    return signal == 0 ? nil : signal
  }

  /// A descriptor that becomes readable when the command is asked to stop, for code that waits in `poll`; nil outside
  /// of `run`.
  static var descriptor: Int32? { cancelPipe.withLock { $0?.reader } }

  /// Runs the body to its end and returns its status. Called once, from the main thread.
  static func run(_ body: sending @escaping () async -> Int32) -> Int32 {
    guard let events = makePipe(), let cancel = makePipe() else {
      try? DescriptorSink(descriptor: 2).write("error: no file descriptors are left to start with\n")
      return ExitStatus.failed.rawValue
    }
    cancelPipe.withLock { $0 = cancel }
    signalPipe.store(events.writer, ordering: .sequentiallyConsistent)
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { handle(signal) }
    let status = StatusBox()
    let task = Task {
      status.value.store(await body(), ordering: .releasing)
      wake(0)
    }
    while true {
      let event = next(events.reader)
      if event == 0 { return status.value.load(ordering: .acquiring) }
      if event == SIGQUIT || received.load(ordering: .acquiring) != 0 { exitAtOnce(event) }
      received.store(event, ordering: .releasing)
      wakeCancelled(cancel.writer)
      task.cancel()
    }
  }

  private final class StatusBox: Sendable {
    let value = Atomic<Int32>(0)
  }

  /// The terminal as it was, the shell's prompt on a line of its own, and out.
  private static func exitAtOnce(_ signal: Int32) -> Never {
    TerminalModes.restoreAll()
    if isatty(2) == 1 { try? DescriptorSink(descriptor: 2).write("\n") }
    _exit(128 + signal)
  }

  private static func handle(_ signal: Int32) {
    // What was ignored from the start stays so: `nohup deskrun up` and background jobs of a script count on it.
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

  /// The next byte of the pipe: 0 when the body has ended, else a signal.
  private static func next(_ descriptor: Int32) -> Int32 {
    var byte: UInt8 = 0
    while read(descriptor, &byte, 1) != 1 {}
    return Int32(byte)
  }

  private static func makePipe() -> (reader: Int32, writer: Int32)? {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
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
