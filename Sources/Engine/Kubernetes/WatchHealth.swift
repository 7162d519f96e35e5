/// How the watches do.
package struct WatchHealth {

  package init() {
  }
  private var troubles: [String: (what: WatchTrouble, since: ContinuousClock.Instant)] = [:]
  private var current: [String: ContinuousClock.Instant] = [:]

  /// Watching starts again.
  package mutating func begin() { (troubles, current) = ([:], [:]) }

  /// The watch of a path has ended for good: nothing is missing because it tells nothing.
  package mutating func forget(_ path: String) { (troubles[path], current[path]) = (nil, nil) }

  /// Takes in what the watch of a path says of itself.
  ///
  /// - Returns: whether it is worth telling.
  package mutating func take(_ report: WatchReport, of path: String) -> Bool {
    switch report {
    case .current:
      current[path] = .now
      return false
    case .works: return troubles.removeValue(forKey: path) != nil
    case .trouble(let trouble):
      troubles[path] = (trouble, .now)
      return true
    }
  }

  /// The worst trouble: one in which what is known gets older, before one in which it does not.
  package var trouble: WatchTrouble? { worst?.what }

  /// When the watch of the worst trouble is tried again.
  package var retry: ContinuousClock.Instant? {
    guard let worst, let wait = worst.what.wait else { return nil }
    return worst.since + .seconds(wait)
  }

  private var worst: (what: WatchTrouble, since: ContinuousClock.Instant)? {
    troubles.values.min { a, b in
      (a.what.isCurrent ? 1 : 0, a.what.resource) < (b.what.isCurrent ? 1 : 0, b.what.resource)
    }
  }

  /// Since when something may be missing, when that is longer than a watch that is silent needs to prove itself, or when
  /// a watch is known not to work.
  package func staleSince(_ patience: WatchPatience) -> ContinuousClock.Instant? {
    guard let oldest = current.values.min() else { return nil }
    let isOld = oldest.duration(to: .now) >= patience.silence + .seconds(20)
    guard isOld || troubles.values.contains(where: { !$0.what.isCurrent }) else { return nil }
    return troubles.filter { !$0.value.what.isCurrent }.keys.compactMap { current[$0] }.min() ?? oldest
  }
}
