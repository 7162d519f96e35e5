/// The state of all watches.
package struct WatchHealth {

  package init() {
  }
  private var troubles: [String: (what: WatchTrouble, since: ContinuousClock.Instant)] = [:]
  private var current: [String: ContinuousClock.Instant] = [:]

  /// Watching restarts.
  package mutating func begin() { (troubles, current) = ([:], [:]) }

  /// The watch of a path has ended for good, so its silence does not mean that anything is missing.
  package mutating func forget(_ path: String) { (troubles[path], current[path]) = (nil, nil) }

  /// Records a report of the watch of a path.
  ///
  /// - Returns: whether it should be passed on.
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

  /// The worst problem: first those that leave data out of date, then the others.
  package var trouble: WatchTrouble? { worst?.what }

  /// When the watch with the worst problem is retried.
  package var retry: ContinuousClock.Instant? {
    guard let worst, let wait = worst.what.wait else { return nil }
    return worst.since + .seconds(wait)
  }

  private var worst: (what: WatchTrouble, since: ContinuousClock.Instant)? {
    troubles.values.min { a, b in
      (a.what.isCurrent ? 1 : 0, a.what.resource) < (b.what.isCurrent ? 1 : 0, b.what.resource)
    }
  }

  /// Since when changes may be missing, if that is longer than a silent watch needs to prove itself, or if a watch is
  /// known not to work.
  package func staleSince(_ patience: WatchPatience) -> ContinuousClock.Instant? {
    guard let oldest = current.values.min() else { return nil }
    let isOld = oldest.duration(to: .now) >= patience.silence + .seconds(20)
    guard isOld || troubles.values.contains(where: { !$0.what.isCurrent }) else { return nil }
    return troubles.filter { !$0.value.what.isCurrent }.keys.compactMap { current[$0] }.min() ?? oldest
  }
}
