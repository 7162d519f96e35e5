#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

extension DemoWorld {
  /// When this world changes next without an action, in its own seconds; nil if it never will.
  var nextChange: Double? {
    var next = scaleSets.compactMap { $0.nextChange(after: now) }.min()
    for moment in controllerMoments where moment > now { next = min(next ?? moment, moment) }
    // A listener that cannot work is replaced in real time.
    if let trouble = DemoTrouble(self), DemoTrouble.cycles.contains(trouble.rule) {
      let soon = now + 0.2 * state.speed
      next = min(next ?? soon, soon)
    }
    return next
  }

  /// When the controller changes without an action.
  var controllerMoments: [Double] { [controllerReadyAt, (controllerRelease?.installedAt ?? 0) + 0.5] }

  /// Whether a runner is writing to its log.
  func isBusy(_ pod: String) -> Bool {
    scaleSets.lazy.compactMap { $0.runner(named: pod, at: now) }.first.map {
      $0.phase(at: now) == .busy || now - $0.ready < 1
    } ?? false
  }
}

/// Reports actions that change the demo's world.
final class DemoStateWatch {
  private let descriptor: Int32

  init(folder: String) {
    #if os(Linux)
    let watch = inotify_init1(Int32(IN_CLOEXEC))
    if watch >= 0, inotify_add_watch(watch, folder, UInt32(IN_MOVED_TO)) < 0 {
      // On a busy machine watches can run out: the demo then polls.
      close(watch)
      descriptor = -1
    } else {
      descriptor = watch
    }
    #else
    descriptor = -1
    #endif
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Returns after an action or, without a watch, after a while.
  func wait() {
    guard descriptor >= 0 else { return DemoTime.sleep(0.25) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    _ = read(descriptor, &buffer, buffer.count)
  }
}

extension DemoCall {
  /// Waits until the demo's world changes, with or without an action, or until nobody reads anymore.
  ///
  /// - Parameter atMost: the longest wait, in the world's seconds.
  func waitForChange(atMost limit: Double = 3600) {
    let world = world()
    let speed = max(world.state.speed, 0.000_001)
    let wait = min((world.nextChange ?? .infinity) - world.now, limit) / speed
    // At high speeds changes are batched, as by a slow server.
    let seconds = min(max(wait + 0.002, 0.02), 3600)
    #if os(Linux)
    let watch = inotify_init1(Int32(IN_CLOEXEC))
    guard watch >= 0 else { return DemoTime.sleep(min(seconds, 0.25)) }
    defer { close(watch) }
    // On a busy machine watches can run out: the demo then polls.
    guard inotify_add_watch(watch, store.folder, UInt32(IN_MOVED_TO)) >= 0 else {
      return DemoTime.sleep(min(seconds, 0.25))
    }
    // Changes between reading the state and starting the watch must not be missed.
    guard store.load() == world.state else { return }
    var waits = [
      pollfd(fd: watch, events: Int16(POLLIN), revents: 0), pollfd(fd: streams.reader, events: 0, revents: 0),
    ]
    _ = poll(&waits, 2, Int32(min(seconds * 1000, 3_600_000).rounded(.up)))
    #else
    DemoTime.sleep(min(seconds, 0.25))
    #endif
  }
}
