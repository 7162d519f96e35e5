/// The change of a runner between two snapshots.
package struct RunnerChange: Sendable {
  /// The earlier state; nil if the runner is new.
  package var before: Runner?
  /// The later state; nil if the runner was deleted.
  package var after: Runner?

  package init(before: Runner?, after: Runner?) {
    self.before = before
    self.after = after
  }
}

extension Snapshot {
  /// The changed runners, sorted by name. Both lists are sorted by name, and an unchanged runner is the same object in
  /// both, so this compares two references for each.
  package func changes(since before: Snapshot?) -> [RunnerChange] {
    let old = before?.runners ?? []
    var changes: [RunnerChange] = []
    var (i, j) = (0, 0)
    while i < old.count || j < runners.count {
      if i < old.count, j < runners.count {
        let (was, now) = (old[i], runners[j])
        if was === now {
          (i, j) = (i + 1, j + 1)
          continue
        }
        if was.key == now.key {
          if was != now { changes.append(RunnerChange(before: was, after: now)) }
          (i, j) = (i + 1, j + 1)
        } else if was.key < now.key {
          changes.append(RunnerChange(before: was, after: nil))
          i += 1
        } else {
          changes.append(RunnerChange(before: nil, after: now))
          j += 1
        }
      } else if i < old.count {
        changes.append(RunnerChange(before: old[i], after: nil))
        i += 1
      } else {
        changes.append(RunnerChange(before: nil, after: runners[j]))
        j += 1
      }
    }
    return changes
  }
}
