import Engine
import TerminalKit

/// Changes of limits by keys: several presses are combined into one plan, which starts when no further press follows.
extension Model {
  /// A change of limits that is still being entered, or is waiting for the previous plan.
  package struct PendingScaling: Sendable, Equatable {
    package var from: RunnerCounts
    package var to: RunnerCounts
    /// The number of the latest key press.
    var press: Int
    /// Whether it only waits for the running plan.
    var isDue = false
  }

  /// Changes the limits by a number of runners.
  package mutating func nudge(_ installation: Installation, by step: Int) {
    let name = installation.name.description
    let pending = pendingScalings[name]
    let from = pending?.from ?? runningScaling(of: name) ?? installation.runners
    let now = pending?.to ?? from
    do throws(EngineError) {
      let counts = try Scaling(maximum: now.maximum + step).counts(from: now, of: name)
      let press = nextNumber()
      pendingScalings[name] = counts == from ? nil : PendingScaling(from: from, to: counts, press: press)
      if counts != from { ask(.awaitScaling(name, press: press)) }
    } catch {
      toast(error.what + (now.minimum == now.maximum ? "; s sets both" : ""), .plain)
    }
  }

  /// The counts that a running plan sets for an installation.
  private func runningScaling(of name: String) -> RunnerCounts? {
    guard case .scale(_, let scaling)? = activity(of: name, in: cluster(of: name))?.request, let base = scaling.base
    else { return nil }
    return try? scaling.counts(from: base, of: name)
  }

  /// Called when no further key press followed: applies the change after the installation's running plan.
  mutating func carryOutScaling(of name: String, press: Int) {
    guard pendingScalings[name]?.press == press else { return }
    pendingScalings[name]?.isDue = true
    startDueScaling(of: name)
  }

  /// The index of an installation's cluster according to the configuration.
  func cluster(of name: String) -> Int { configured(name)?.cluster ?? 0 }

  mutating func startDueScaling(of name: String) {
    guard let pending = pendingScalings[name], pending.isDue, activity(of: name, in: cluster(of: name)) == nil else {
      return
    }
    pendingScalings[name] = nil
    start(.scale(name, Scaling(to: pending.to, from: pending.from)), on: cluster(of: name))
  }

  /// Starts all pending changes immediately.
  mutating func startAllScalings() {
    for name in pendingScalings.keys.sorted() {
      pendingScalings[name]?.isDue = true
      startDueScaling(of: name)
    }
  }
}
