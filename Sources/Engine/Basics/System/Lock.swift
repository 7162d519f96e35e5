import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

#if THREAD_SANITIZER
/// The program's lock type for the thread sanitizer, which on Linux does not understand `Synchronization.Mutex` (it
/// waits in the kernel directly) and reports every use as a race.
// Unchecked, because the compiler does not know what a pthread mutex protects: `value` is private to this file, is sent
// in by `init`, and is accessed only between `pthread_mutex_lock` and `pthread_mutex_unlock`.
package struct Lock<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
  private final class Box {
    let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    var value: Value

    init(_ value: consuming Value) {
      self.value = value
      mutex.initialize(to: pthread_mutex_t())
      pthread_mutex_init(mutex, nil)
    }

    deinit {
      pthread_mutex_destroy(mutex)
      mutex.deallocate()
    }
  }

  private let box: Box

  package init(_ initialValue: consuming sending Value) { box = Box(initialValue) }

  package borrowing func withLock<Result: ~Copyable, E: Error>(
    _ body: (inout sending Value) throws(E) -> sending Result
  ) throws(E) -> sending Result {
    pthread_mutex_lock(box.mutex)
    defer { pthread_mutex_unlock(box.mutex) }
    return try body(&box.value)
  }
}
#else
/// The program's lock type: `Synchronization.Mutex` under its own name, so that it can be replaced for the thread
/// sanitizer.
package typealias Lock<Value: ~Copyable> = Mutex<Value>
#endif
