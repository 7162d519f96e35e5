import Engine
import TerminalKit

/// Limits that are changed by keys: several presses add up and are carried out as one plan, once no further one follows.
extension Model {
  /// A change of limits that is still being typed, or waits for the plan before it.
  package struct PendingScaling: Sendable, Equatable {
    package var from: RunnerCounts
    package var to: RunnerCounts
    /// The key press that changed it last.
    var press: Int
    /// Whether only the plan that runs is waited for.
    var isDue = false
  }

  /// Allows so many runners more, or fewer.
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

  /// The counts that a plan which runs gives an installation.
  private func runningScaling(of name: String) -> RunnerCounts? {
    guard case .scale(_, let scaling)? = activity(of: name, in: cluster(of: name))?.request, let base = scaling.base
    else { return nil }
    return try? scaling.counts(from: base, of: name)
  }

  /// No key has followed: what was pressed is done, after the plan that works on the installation now.
  mutating func carryOutScaling(of name: String, press: Int) {
    guard pendingScalings[name]?.press == press else { return }
    pendingScalings[name]?.isDue = true
    startDueScaling(of: name)
  }

  /// The place among the clusters of the one that an installation of the configuration lives on.
  func cluster(of name: String) -> Int { configured(name)?.cluster ?? 0 }

  mutating func startDueScaling(of name: String) {
    guard let pending = pendingScalings[name], pending.isDue, activity(of: name, in: cluster(of: name)) == nil else {
      return
    }
    pendingScalings[name] = nil
    start(.scale(name, Scaling(to: pending.to, from: pending.from)), on: cluster(of: name))
  }

  /// Does at once what was pressed.
  mutating func startAllScalings() {
    for name in pendingScalings.keys.sorted() {
      pendingScalings[name]?.isDue = true
      startDueScaling(of: name)
    }
  }
}
