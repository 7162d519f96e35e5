import Basics
import Engine

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Reads the configuration again when another program has changed it: what is told of it, and what a key would do about
/// that, must not be of a file that is gone.
struct ConfigurationWatch: Sendable {
  let store: ConfigurationStore
  /// The file.
  let path: String
  /// The file as it was read last.
  let known: FileStamp

  /// How often is looked, in seconds.
  private static let interval: UInt32 = 4

  /// What is in the file after each change.
  ///
  /// A thread that sleeps looks for it: a task that does wakes four threads of the pool each time, which was most of what
  /// a dashboard at rest cost. And a home on a network that hangs holds nothing else.
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

  /// What is configured, on all clusters.
  static func load(_ store: ConfigurationStore) -> Result<Configuration, EngineError> {
    do throws(EngineError) { return .success(try store.load()) } catch { return .failure(error) }
  }
}
