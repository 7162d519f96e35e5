import Engine
import TerminalKit

/// The state of a cluster, as a sign before its name and in a few words.
package struct ClusterSign {
  package let mark: String
  package let role: Role
  /// Whether it responds and its data is current.
  package let isWell: Bool
  package let words: String
  /// Why it does not respond, if known.
  package let reason: String?

  package init(_ cluster: ShownCluster, _ glyphs: Glyphs) {
    guard let observation = cluster.observation else {
      (mark, role, isWell, words, reason) = (glyphs.starting, .dim, false, "asking", nil)
      return
    }
    let state = observation.cluster
    switch state {
    case .ready:
      // Polling instead of watching is also current, with a delay of some seconds.
      let trouble = observation.trouble
      isWell = cluster.isCurrent
      (mark, role) = (isWell ? glyphs.idle : glyphs.failing, trouble == nil && isWell ? .good : .warning)
      words = observation.isSilent ? "no answer yet" : state.words
      reason = observation.isSilent ? nil : trouble?.sentence ?? (isWell ? nil : "its watches do not answer")
    case .absent, .stopped, .paused:
      (mark, role, isWell, words, reason) = (glyphs.off, .dim, false, state.words, state.reason)
    case .starting, .halfCreated, .toolMissing, .dockerUnavailable, .contextMissing, .unreachable:
      (mark, role, isWell, words, reason) = (glyphs.failing, .bad, false, state.words, state.reason)
    }
  }
}
