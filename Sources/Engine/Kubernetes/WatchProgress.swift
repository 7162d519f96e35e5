import Basics
import Synchronization

/// How far a watch has come. All times are of the clock that nobody sets.
final class WatchProgress: Sendable {
  private struct State {
    var hasHeard = false
    var lastHeard = ContinuousClock.now
    var lastProof = ContinuousClock.now
    package var version: String?
    /// A version counts only after the list it belongs to.
    var isListed = false
    var sendsBookmarks = false
  }

  private let state = Lock(State())

  /// Whether anything came since the watch began.
  var hasHeard: Bool { state.withLock { $0.hasHeard } }
  /// Whether everything there is was told once.
  var isListed: Bool { state.withLock { $0.isListed } }
  /// Whether the server was heard to send bookmarks by itself.
  var sendsBookmarks: Bool { state.withLock { $0.sendsBookmarks } }
  /// The version from which on nothing is known.
  var resumption: String? { state.withLock { $0.isListed ? $0.version : nil } }
  /// Since when it is not known whether something was missed.
  package var quiet: Duration { state.withLock { max($0.lastHeard, $0.lastProof) }.duration(to: .now) }
  /// Since when nothing came.
  package var silent: Duration { state.withLock { $0.lastHeard }.duration(to: .now) }

  /// A watch begins.
  package func begin() {
    state.withLock { state in
      state.hasHeard = false
      (state.lastHeard, state.lastProof) = (.now, .now)
    }
  }

  /// Everything is listed again.
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

  /// Nothing was missed until now.
  func proved() { state.withLock { $0.lastProof = .now } }
}
