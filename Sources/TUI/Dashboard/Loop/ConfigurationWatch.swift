import Basics
import Engine

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Reads the configuration again after another program changed it: neither its display nor the effect of a key must be
/// based on an outdated file.
struct ConfigurationWatch: Sendable {
  let store: ConfigurationStore
  /// The path of the file.
  let path: String
  /// The file's stamp when last read.
  let known: FileStamp

  /// The polling interval in seconds.
  private static let interval: UInt32 = 4

  /// The contents of the file after each change.
  ///
  /// Polled by a sleeping thread: a sleeping task wakes four threads of the pool each time, which was most of the CPU
  /// use of an idle dashboard. It also means that a home folder on a network file system that hangs blocks nothing
  /// else.
  var changes: AsyncStream<Result<Configuration, EngineError>> {
    AsyncStream { continuation in
      let isOver = Lock(false)
      continuation.onTermination = { _ in isOver.withLock { $0 = true } }
      let starts = OwnThread.start {
        var known = known
        while true {
          sleep(Self.interval)
          if isOver.withLock({ $0 }) { return }
          let stamp = FileStamp(of: [path])
          guard stamp != known else { continue }
          known = stamp
          continuation.yield(Self.load(store))
        }
      }
      if !starts { continuation.finish() }
    }
  }

  /// The configuration for all clusters.
  static func load(_ store: ConfigurationStore) -> Result<Configuration, EngineError> {
    do throws(EngineError) { return .success(try store.load()) } catch { return .failure(error) }
  }
}
