import Basics
import Synchronization
import Tools

/// Follows the log of one container. A broken stream is resumed where it broke: no line is delivered twice, and none is
/// lost that the node still has.
package struct ContainerLog: Sendable {
  private let api: any KubernetesAPI
  private let request: LogRequest
  private let backoff: Backoff

  /// - Parameters:
  ///   - request: where to start; following, and where to resume, is determined here.
  ///   - backoff: the waits between streams.
  package init(api: any KubernetesAPI, _ request: LogRequest, backoff: Backoff = Backoff()) {
    (self.api, self.request, self.backoff) = (api, request, backoff)
  }

  /// Follows the log until the caller says that it is finished, or the task is canceled.
  ///
  /// - Parameters:
  ///   - take: receives all complete lines that have arrived; nothing is read while it runs.
  ///   - goesOn: called when a stream has ended, with the error if it failed and whether any line was ever received. It
  ///     may throw to stop with an error.
  package func follow(
    _ take: @Sendable ([ArraySlice<UInt8>]) async throws -> Void,
    goesOn: @Sendable (_ error: EngineError?, _ hasHeard: Bool) async throws -> Bool
  ) async throws {
    let seam = Lock(LogSeam())
    var backoff = backoff
    var request = request
    request.follows = true
    while true {
      try Task.checkCancellation()
      let started = ContinuousClock.now
      var failure: EngineError?
      do {
        try await api.stream(request.path) { lines in
          let new = seam.withLock { $0.admit(lines) }
          if !new.isEmpty { try await take(new) }
        }
      } catch let error as EngineError {
        if error.kind == .interrupted { throw error }
        failure = error
      }
      let lasted = started.duration(to: .now)
      let since = seam.withLock { seam in
        seam.rejoin()
        return seam.since
      }
      // If nothing was received yet, the same part of the log is requested again.
      if since != nil { (request.since, request.tail) = (since, nil) }
      guard try await goesOn(failure, since != nil) else { return }
      // A stream that lasted for a while is resumed soon, one that keeps breaking less and less often.
      try await Task.sleep(for: backoff.next(after: lasted))
    }
  }
}
