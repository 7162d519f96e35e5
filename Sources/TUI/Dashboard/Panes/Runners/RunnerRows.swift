import DashboardCore
import Engine
import TerminalKit

/// A row of the runners' table: a runner, or a pod of its job.
package struct RunnerRow: Equatable, Sendable {
  /// The runner's place in the snapshot.
  package var runner: Int
  /// The pod's place among the runner's.
  package var pod: Int?

  package init(runner: Int, pod: Int?) { (self.runner, self.pod) = (runner, pod) }
}

/// The columns of the runners' table.
package enum RunnerColumn: Int, CaseIterable, Sendable {
  case state, runner, job, repository, workflow, ref, node, age, progress

  package var title: String {
    switch self {
    case .state: "STATE"
    case .runner: "RUNNER"
    case .job: "JOB"
    case .repository: "REPOSITORY"
    case .workflow: "WORKFLOW"
    case .ref: "REF"
    case .node: "NODE"
    case .age: "FOR"
    case .progress: "PROGRESS"
    }
  }
}

/// Chooses and orders the rows of the runners' table.
package enum RunnerRows {
  package static func rows(
    _ snapshot: Snapshot?, scaleSets: Set<String>?, table: TableState, jobs: JobLog,
    durations: JobDurations = JobDurations()
  ) -> [RunnerRow] {
    guard let snapshot else { return [] }
    let filter = RowFilter(table.filter)
    if table.sort == RunnerColumn.state.rawValue, scaleSets == nil, filter.isEmpty {
      return rowsByState(snapshot.runners, isAscending: table.isAscending)
    }
    var chosen: [Int] = []
    chosen.reserveCapacity(snapshot.runners.count)
    for (index, runner) in snapshot.runners.enumerated() {
      if let scaleSets, !scaleSets.contains(runner.scaleSet) { continue }
      if !filter.isEmpty, !filter.matches(texts(of: runner)) { continue }
      chosen.append(index)
    }
    sort(
      &chosen, snapshot.runners, by: RunnerColumn(rawValue: table.sort) ?? .state, table.isAscending, jobs,
      durations)
    var rows: [RunnerRow] = []
    rows.reserveCapacity(chosen.count)
    for index in chosen {
      rows.append(RunnerRow(runner: index, pod: nil))
      for pod in snapshot.runners[index].jobPods.indices { rows.append(RunnerRow(runner: index, pod: pod)) }
    }
    return rows
  }

  /// All runners by their state, as they are shown most of the time: counted, then put in place, since it is done for
  /// every change in a cluster of thousands.
  private static func rowsByState(_ runners: [Runner], isAscending: Bool) -> [RunnerRow] {
    var starts = [Int](repeating: 0, count: 6)
    var total = 0
    for runner in runners {
      let count = 1 + runner.jobPods.count
      starts[place(runner, isAscending) + 1] += count
      total += count
    }
    for rank in 1..<6 { starts[rank] += starts[rank - 1] }
    var rows = [RunnerRow](repeating: RunnerRow(runner: 0, pod: nil), count: total)
    for (index, runner) in runners.enumerated() {
      let rank = place(runner, isAscending)
      rows[starts[rank]] = RunnerRow(runner: index, pod: nil)
      starts[rank] += 1
      for pod in runner.jobPods.indices {
        rows[starts[rank]] = RunnerRow(runner: index, pod: pod)
        starts[rank] += 1
      }
    }
    return rows
  }

  /// Where a runner's state comes among the five: what fails first, then what is busy.
  private static func place(_ runner: Runner, _ isAscending: Bool) -> Int {
    let place = (Int(runner.rank) + 1) % 5
    return isAscending ? place : 4 - place
  }

  /// What a filter looks at.
  static func texts(of runner: Runner) -> [String] {
    let texts = [runner.state.word, runner.name, runner.scaleSet, runner.node ?? ""]
    return switch runner.state {
    case .busy(let job): texts + [job.name, job.repository, job.workflow, job.ref]
    case .failing(let why, let code): texts + [why, code]
    case .starting(let step): texts + [step]
    case .idle, .finishing: texts
    }
  }

  /// Rows that are equal stay in the order of their names, in which they come.
  private static func sort(
    _ chosen: inout [Int], _ runners: [Runner], by column: RunnerColumn, _ isAscending: Bool, _ jobs: JobLog,
    _ durations: JobDurations
  ) {
    func order<Key: Comparable>(_ key: (Runner) -> Key) {
      let keys = chosen.map { (key(runners[$0]), $0) }
      chosen = keys.sorted { a, b in
        if a.0 == b.0 { return a.1 < b.1 }
        return isAscending ? a.0 < b.0 : a.0 > b.0
      }.map(\.1)
    }
    switch column {
    case .state:
      // Few states and many runners: one pass instead of a sort.
      var ranks: [[Int]] = Array(repeating: [], count: 5)
      for index in chosen { ranks[place(runners[index], isAscending)].append(index) }
      chosen = Array(ranks.joined())
    case .runner: if !isAscending { chosen.reverse() }
    case .job: order { $0.state.job?.name ?? "\u{10FFFF}" }
    case .repository: order { $0.state.job?.repository ?? "\u{10FFFF}" }
    case .workflow: order { $0.state.job?.workflow ?? "\u{10FFFF}" }
    case .ref: order { $0.state.job?.ref ?? "\u{10FFFF}" }
    case .node: order { $0.node ?? "" }
    case .age: order { -(since($0, jobs) ?? 0) }
    case .progress: order { expectedEnd($0, jobs, durations) ?? .max }
    }
  }

  /// When the job of a runner reaches the median of its last runs, where both are known.
  private static func expectedEnd(_ runner: Runner, _ jobs: JobLog, _ durations: JobDurations) -> Int64? {
    guard let job = runner.state.job, let started = jobs[runner.name]?.started else { return nil }
    return durations.usual(job).map { started + $0.median }
  }

  /// Since when a runner is in its state, as far as that is known.
  package static func since(_ runner: Runner, _ jobs: JobLog) -> Int64? {
    switch runner.state {
    case .busy: jobs[runner.name]?.started
    case .finishing: jobs[runner.name]?.finished
    case .idle, .starting, .failing: runner.created
    }
  }
}
