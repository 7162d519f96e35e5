import Engine

/// Reads the configuration again when another program has changed it: what is told of it, and what a key would do about
/// that, must not be of a file that is gone.
struct ConfigurationWatch: Sendable {
  let store: ConfigurationStore
  /// The file.
  let path: String
  /// The file as it was read last.
  let known: FileStamp

  /// How often is looked.
  private static let interval: Duration = .seconds(4)

  /// What is in the file after each change.
  var changes: AsyncStream<Result<Configuration, EngineError>> {
    AsyncStream { continuation in
      let task = Task {
        var known = known
        while !Task.isCancelled {
          try? await Task.sleep(for: Self.interval)
          let stamp = FileStamp(of: [path])
          guard stamp != known else { continue }
          known = stamp
          continuation.yield(Self.load(store))
        }
        continuation.finish()
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }

  /// What is configured, on all clusters.
  static func load(_ store: ConfigurationStore) -> Result<Configuration, EngineError> {
    do throws(EngineError) { return .success(try store.load()) } catch { return .failure(error) }
  }
}
