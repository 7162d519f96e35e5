import Basics
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The thread that serves all children: it sleeps in `poll` until a pipe is ready, a child has ended or a time has
/// come, and costs nothing meanwhile. The only foreign code it runs is the start of long-lived children, so nothing can
/// block it.
final class ChildReactor: Sendable {
  package static let shared = ChildReactor()

  private let children = Lock<[ChildProcess]>([])
  /// The pipe that ends a sleep; nil before the first child.
  private let wakePipe = Lock<(reader: Int32, writer: Int32)?>(nil)

  /// Work to do on the thread, in order.
  private let errands = Lock<[@Sendable () -> Void]>([])

  private init() {}

  /// Wakes the thread.
  package func wake() {
    guard let writer = wakePipe.withLock({ $0?.writer }) else { return }
    var byte: UInt8 = 0
    // A full pipe wakes it as well.
    _ = write(writer, &byte, 1)
  }

  /// Adds a child. Waking the thread also covers a child that has already ended.
  package func add(_ child: ChildProcess) {
    children.withLock { $0.append(child) }
    wake()
  }

  /// Runs something short on the thread, which never ends: it can be the parent of processes that should end with the
  /// program. Only after `start`.
  package func onItsThread<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
    await withCheckedContinuation { continuation in
      errands.withLock { $0.append { continuation.resume(returning: body()) } }
      wake()
    }
  }

  private func runErrands() {
    let due = errands.withLock { errands in
      defer { errands = [] }
      return errands
    }
    for errand in due { errand() }
  }

  /// Starts the thread and installs the handler for ended children, once. After a failure the next call tries again.
  ///
  /// - Throws: `EngineError` if no descriptor or thread is available.
  package func start() throws(EngineError) {
    let outcome = wakePipe.withLock { wakePipe -> Result<Void, EngineError> in
      guard wakePipe == nil else { return .success(()) }
      do throws(EngineError) {
        let pipe = try FilePipe.make()
        FilePipe.makeNonBlocking(pipe.reader)
        FilePipe.makeNonBlocking(pipe.writer)
        // A child that closes its standard input early must not end this program.
        signal(SIGPIPE, SIG_IGN)
        FilePipe.keepInheritedFromChildren()
        ChildSignal.install(wakeWriter: pipe.writer)
        guard Self.startThread() else {
          ChildSignal.uninstall()
          close(pipe.reader)
          close(pipe.writer)
          throw EngineError(
            .failed, "No program can be started", why: "The system gives no more threads",
            fix: "Close other programs, or raise the limit with `ulimit -u`")
        }
        wakePipe = pipe
        return .success(())
      } catch { return .failure(error) }
    }
    try outcome.get()
  }

  private static func startThread() -> Bool {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, 512 << 10)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    #if canImport(Darwin)
    var thread: pthread_t?
    #else
    var thread = pthread_t()
    #endif
    return pthread_create(
      &thread, &attributes,
      { _ in
        ChildReactor.shared.loop()
        return nil
      }, nil) == 0
  }

  private func loop() {
    guard let wakeReader = wakePipe.withLock({ $0?.reader }) else { return }
    Self.listenForChildren()
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    var descriptors: [pollfd] = []
    var slots: [(child: ChildProcess, pipe: ChildProcess.Pipe)] = []
    while true {
      let now = MonotonicClock.now()
      descriptors.removeAll(keepingCapacity: true)
      slots.removeAll(keepingCapacity: true)
      descriptors.append(pollfd(fd: wakeReader, events: Int16(POLLIN), revents: 0))
      var due = UInt64.max
      for child in children.withLock({ $0 }) {
        due = min(due, child.sendDueSignals(now: now), Self.watch(child, now, &descriptors, &slots))
      }
      guard poll(&descriptors, nfds_t(descriptors.count), Self.milliseconds(until: due, now: now)) >= 0 else {
        continue
      }
      let wasWoken = descriptors[0].revents != 0
      if wasWoken {
        while read(wakeReader, scratch.baseAddress, 4096) > 0 {}
        runErrands()
      }
      for (index, slot) in slots.enumerated() where descriptors[index + 1].revents != 0 {
        slot.child.service(slot.pipe, scratch)
      }
      // The list is read again: a child added during poll may already have ended.
      for child in children.withLock({ $0 }) where wasWoken || child.state.withLock({ $0.hasEnded }) {
        if child.reap(scratch) { children.withLock { list in list.removeAll { $0 === child } } }
      }
    }
  }

  /// Threads inherit a signal mask. In this one SIGCHLD must be unblocked, whichever thread started it, and all others
  /// blocked: handlers of the rest of the program run on other threads.
  private static func listenForChildren() {
    var mask = sigset_t()
    sigfillset(&mask)
    for signal in [SIGCHLD, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT] { sigdelset(&mask, signal) }
    pthread_sigmask(SIG_SETMASK, &mask, nil)
  }

  /// Adds the pipes of a child to the wait, and returns the latest time at which it must be checked.
  private static func watch(
    _ child: ChildProcess, _ now: UInt64, _ descriptors: inout [pollfd],
    _ slots: inout [(child: ChildProcess, pipe: ChildProcess.Pipe)]
  ) -> UInt64 {
    child.state.withLock { state in
      var due = UInt64.max
      for (pipe, slot) in [(state.output, ChildProcess.Pipe.output), (state.error, .error)] {
        guard pipe.isOpen, !pipe.isFull else { continue }
        if now >= pipe.readAgainAt {
          descriptors.append(pollfd(fd: pipe.descriptor, events: Int16(POLLIN), revents: 0))
          slots.append((child, slot))
        } else {
          due = min(due, pipe.readAgainAt)
        }
      }
      if state.input >= 0 {
        descriptors.append(pollfd(fd: state.input, events: Int16(POLLOUT), revents: 0))
        slots.append((child, .input))
      }
      return due
    }
  }

  private static func milliseconds(until due: UInt64, now: UInt64) -> Int32 {
    guard due != .max else { return -1 }
    return due <= now ? 0 : Int32(clamping: (due - now).addingReportingOverflow(999_999).partialValue / 1_000_000)
  }
}
