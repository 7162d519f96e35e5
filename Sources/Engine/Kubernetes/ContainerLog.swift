import Basics
import Synchronization
import Tools

/// Follows the log of one container. A stream that breaks off is taken up where it broke: nothing is heard twice, and
/// nothing is missed that the node still has.
package struct ContainerLog: Sendable {
  private let api: any KubernetesAPI
  private let request: LogRequest
  private let backoff: Backoff

  /// - Parameters:
  ///   - request: with what it begins; that it follows, and from when it is taken up again, is decided here.
  ///   - backoff: the waits between two streams.
  package init(api: any KubernetesAPI, _ request: LogRequest, backoff: Backoff = Backoff()) {
    (self.api, self.request, self.backoff) = (api, request, backoff)
  }

  /// Follows it until the caller says that it is over, or until the task is cancelled.
  ///
  /// - Parameters:
  ///   - take: hears whole lines, as many as have come; while it works nothing is read.
  ///   - goesOn: asked when a stream has ended: with the error where it failed, and whether anything was ever heard. It may
  ///     throw to end with an error.
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
      // Of a log that was never heard the same part is asked for again.
      if since != nil { (request.since, request.tail) = (since, nil) }
      guard try await goesOn(failure, since != nil) else { return }
      // One that held for a while is taken up soon, one that does not hold less and less often.
      try await Task.sleep(for: backoff.next(after: lasted))
    }
  }
}
