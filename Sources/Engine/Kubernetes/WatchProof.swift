import Basics
import Synchronization
import Tools

extension WatchStream {
  /// A stream over a dead connection, or of a stopped kubectl, looks like one without changes. So after some silence, a
  /// second, short watch asks for changes since the last version: if there are none, nothing is missing; if there are
  /// some that the stream did not report, it is dead. This costs no list, and never happens where the server sends
  /// bookmarks, which end the silence.
  ///
  /// - Throws: `WatchFailure.stalled`.
  func prove(_ progress: WatchProgress, _ report: @Sendable (WatchReport) -> Void) async throws {
    while true {
      let quiet = progress.quiet
      // A stream that should start with a list and sends nothing does not work; see `run`.
      let silence = progress.hasHeard || progress.resumption != nil ? patience.silence : patience.firstWord
      guard quiet >= silence else {
        try await Task.sleep(for: silence - quiet)
        continue
      }
      // A server that sends bookmarks but has not for this long no longer sends anything here.
      if progress.sendsBookmarks, progress.silent >= patience.silence * 2 { throw WatchFailure.stalled }
      guard let version = progress.resumption else {
        guard progress.hasHeard else { throw WatchFailure.stalled }
        // No version to ask from yet; the next list adds what may be missing.
        try await Task.sleep(for: patience.silence)
        continue
      }
      switch await missed(since: version) {
      case .nothing:
        progress.proved()
        report(.current)
      case .something:
        try await Task.sleep(for: patience.lag)
        if progress.quiet >= patience.silence { throw WatchFailure.stalled }
      case .unknown: try await Task.sleep(for: patience.silence / 2)
      }
    }
  }

  private enum Missed: Sendable { case nothing, something, unknown }

  private func missed(since version: String) async -> Missed {
    let target =
      "\(path)?watch=1&allowWatchBookmarks=true&timeoutSeconds=1&resourceVersion=\(PercentEncoding.escaped(version))\(query)"
    let found = Discovery()
    return await withTaskGroup(of: Missed.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        do {
          try await api.stream(target) { lines in
            for line in lines where try WatchLine<Object>.event(line) != nil { found.has.withLock { $0 = true } }
          }
          return found.has.withLock { $0 } ? .something : .nothing
        } catch WatchFailure.ended(410, _) {
          // Many changes happened since.
          return .something
        } catch {
          return found.has.withLock { $0 } ? .something : .unknown
        }
      }
      group.addTask {
        try? await Task.sleep(for: .seconds(15))
        return .unknown
      }
      return await group.next() ?? .unknown
    }
  }
}

/// Whether a change was found.
private final class Discovery: Sendable {
  package let has = Lock(false)
}
