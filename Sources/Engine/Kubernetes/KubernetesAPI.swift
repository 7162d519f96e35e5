import Tools

/// The cluster's API, reached through kubectl as a plain authenticated pipe. A seam: observation and logs are written
/// against it and tested without a process.
package protocol KubernetesAPI: Sendable {
  /// The answer to a GET of this path (`kubectl get --raw PATH`), as the server sent it.
  ///
  /// - Throws: `EngineError` (`unreachable`, `unauthorized`, `notFound`, `timedOut`, `failed`), `CancellationError`.
  func get(_ path: String, timeout: Duration) async throws -> [UInt8]

  /// A GET whose answer does not end by itself: a watch or a followed log. `onLines` hears whole lines without their
  /// ends, as many as have come; while it works nothing is read. Returns when the server ends the stream.
  ///
  /// - Throws: as `get`.
  func stream(_ path: String, onLines: @Sendable ([ArraySlice<UInt8>]) async throws -> Void) async throws
}

extension Kubectl: KubernetesAPI {}
