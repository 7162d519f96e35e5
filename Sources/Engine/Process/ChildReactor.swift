import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The one thread that serves all children: it sleeps in `poll` until a pipe is ready, a child has ended or a time has
/// come, and costs nothing meanwhile.
final class ChildReactor: Sendable {
  static let shared = ChildReactor()

  private let wakeReader: Int32
  private let wakeWriter: Int32
  private let children = Mutex<[ChildProcess]>([])
  private let isRunning = Mutex(false)

  private init() {
    // Without a pipe there can be no child either: spawning needs pipes too and reports the same shortage.
    let pipe = try? FilePipe.make()
    wakeReader = pipe?.reader ?? -1
    wakeWriter = pipe?.writer ?? -1
    for descriptor in [wakeReader, wakeWriter] where descriptor >= 0 { FilePipe.makeNonBlocking(descriptor) }
  }

  /// Has the thread look again.
  func wake() {
    var byte: UInt8 = 0
    _ = write(wakeWriter, &byte, 1)
  }

  /// Takes a child into care. The wake-up also covers one that has ended already.
  func add(_ child: ChildProcess) {
    children.withLock { $0.append(child) }
    wake()
  }

  /// Starts the thread and listens for ended children, once.
  func start() {
    isRunning.withLock { isRunning in
      guard !isRunning else { return }
      isRunning = true
      // A child that closes its standard input early must not end this program.
      signal(SIGPIPE, SIG_IGN)
      FilePipe.keepInheritedFromChildren()
      ChildSignal.install(wakeWriter: wakeWriter)
      Self.startThread()
    }
  }

  private static func startThread() {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, 512 << 10)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    #if canImport(Darwin)
    var thread: pthread_t?
    pthread_create(
      &thread, &attributes,
      { _ in
        ChildReactor.shared.loop(); return nil
      }, nil)
    #else
    var thread = pthread_t()
    pthread_create(
      &thread, &attributes,
      { _ in
        ChildReactor.shared.loop(); return nil
      }, nil)
    #endif
    pthread_attr_destroy(&attributes)
  }

  private func loop() {
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
      if wasWoken { while read(wakeReader, scratch.baseAddress, 4096) > 0 {} }
      for (index, slot) in slots.enumerated() where descriptors[index + 1].revents != 0 {
        slot.child.service(slot.pipe, scratch)
      }
      // The list is read anew: a child that was added during poll may have ended already.
      for child in children.withLock({ $0 }) where wasWoken || child.state.withLock({ $0.hasEnded }) {
        if child.reap(scratch) { children.withLock { list in list.removeAll { $0 === child } } }
      }
    }
  }

  /// Lists the pipes of a child that are to be waited for, and says when it has to be looked at without one.
  private static func watch(
    _ child: ChildProcess, _ now: UInt64, _ descriptors: inout [pollfd],
    _ slots: inout [(child: ChildProcess, pipe: ChildProcess.Pipe)]
  ) -> UInt64 {
    child.state.withLock { state in
      var due = UInt64.max
      if state.output >= 0, state.buffer.count < ChildProcess.highWater {
        if now >= state.readAgainAt {
          descriptors.append(pollfd(fd: state.output, events: Int16(POLLIN), revents: 0))
          slots.append((child, .output))
        } else {
          due = state.readAgainAt
        }
      }
      if state.error >= 0 {
        descriptors.append(pollfd(fd: state.error, events: Int16(POLLIN), revents: 0))
        slots.append((child, .error))
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
    return due <= now ? 0 : Int32(clamping: (due - now + 999_999) / 1_000_000)
  }
}

/// The handler of SIGCHLD: a byte into the reactor's pipe. It looks at nobody's children, so it gets along with other
/// code that has some.
private enum ChildSignal {
  // Written once before the handler is installed, and only read by it: a signal handler may use no lock.
  nonisolated(unsafe) private static var descriptor: Int32 = -1

  static func install(wakeWriter: Int32) {
    descriptor = wakeWriter
    var action = sigaction()
    let handler: @convention(c) (Int32) -> Void = { _ in
      let saved = errno
      var byte: UInt8 = 1
      _ = write(ChildSignal.descriptor, &byte, 1)
      errno = saved
    }
    #if canImport(Darwin)
    action.__sigaction_u.__sa_handler = handler
    #else
    action.__sigaction_handler.sa_handler = handler
    #endif
    action.sa_flags = Int32(SA_RESTART | SA_NOCLDSTOP)
    sigaction(SIGCHLD, &action, nil)
  }
}
