#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Runs blocking work on a dedicated thread.
package enum OwnThread {
  private final class Work: Sendable {
    package let body: @Sendable () -> Void
    package init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Runs a body on a new thread; if none can be created, on the current thread.
  package static func run(_ body: @escaping @Sendable () -> Void) {
    let context = Unmanaged.passRetained(Work(body)).toOpaque()
    if !start(context) { perform(context) }
  }

  /// Runs a long-running body on a new thread.
  ///
  /// - Returns: whether a thread was created; otherwise the body does not run.
  package static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    let work = Unmanaged.passRetained(Work(body))
    guard start(work.toOpaque()) else {
      work.release()
      return false
    }
    return true
  }

  private static func perform(_ context: UnsafeMutableRawPointer) {
    Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
  }

  private static func start(_ context: UnsafeMutableRawPointer) -> Bool {
    #if canImport(Darwin)
    var thread: pthread_t?
    let result = pthread_create(
      &thread, nil,
      { context in
        OwnThread.perform(context)
        return nil
      }, context)
    if result == 0, let thread { pthread_detach(thread) }
    #else
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { context in
        if let context { OwnThread.perform(context) }
        return nil
      }, context)
    if result == 0 { pthread_detach(thread) }
    #endif
    return result == 0
  }
}

extension OwnThread {
  /// The result of a blocking body.
  package static func value<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in run { continuation.resume(returning: body()) } }
  }
}
