import Basics
import Synchronization

/// How far a watch has come. All times are of the continuous clock.
final class WatchProgress: Sendable {
  private struct State {
    var hasHeard = false
    var lastHeard = ContinuousClock.now
    var lastProof = ContinuousClock.now
    package var version: String?
    /// A version is valid only after the complete list.
    var isListed = false
    var sendsBookmarks = false
  }

  private let state = Lock(State())

  /// Whether anything was received since the watch started.
  var hasHeard: Bool { state.withLock { $0.hasHeard } }
  /// Whether the initial list is complete.
  var isListed: Bool { state.withLock { $0.isListed } }
  /// Whether the server sends bookmarks on its own.
  var sendsBookmarks: Bool { state.withLock { $0.sendsBookmarks } }
  /// The version to resume from; nil if the list must be read again.
  var resumption: String? { state.withLock { $0.isListed ? $0.version : nil } }
  /// For how long it has not been certain that no change was missed.
  package var quiet: Duration { state.withLock { max($0.lastHeard, $0.lastProof) }.duration(to: .now) }
  /// For how long nothing was received.
  package var silent: Duration { state.withLock { $0.lastHeard }.duration(to: .now) }

  /// A watch starts.
  package func begin() {
    state.withLock { state in
      state.hasHeard = false
      (state.lastHeard, state.lastProof) = (.now, .now)
    }
  }

  /// Discards the version, so that everything is listed again.
  package func forget() { state.withLock { ($0.version, $0.isListed) = (nil, false) } }

  func listEnded() { state.withLock { $0.isListed = true } }

  package func listed(version: String) {
    state.withLock { state in
      (state.version, state.isListed) = (version.isEmpty ? nil : version, true)
      state.lastProof = .now
    }
  }

  package func heard(version: String?, isBookmark: Bool) {
    state.withLock { state in
      state.hasHeard = true
      state.lastHeard = .now
      if let version { state.version = version }
      if isBookmark { state.sendsBookmarks = true }
    }
  }

  /// No change was missed so far.
  func proved() { state.withLock { $0.lastProof = .now } }
}
