#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A thread for work that blocks.
package enum OwnThread {
  private final class Work: Sendable {
    package let body: @Sendable () -> Void
    package init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Runs a body on a thread of its own; where there is none to be had, right here.
  package static func run(_ body: @escaping @Sendable () -> Void) {
    let context = Unmanaged.passRetained(Work(body)).toOpaque()
    if !start(context) { perform(context) }
  }

  /// Runs a body that goes on for long on a thread of its own.
  ///
  /// - Returns: whether there was a thread to be had; otherwise the body is not run.
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
  /// What a body that blocks gives.
  package static func value<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in run { continuation.resume(returning: body()) } }
  }
}
