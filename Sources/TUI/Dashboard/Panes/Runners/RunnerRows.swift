import DashboardCore
import Engine
import TerminalKit

/// A row of the runners' table: a runner, or one of its job pods.
package struct RunnerRow: Equatable, Sendable {
  /// The index of the runner among those of all clusters.
  package var runner: Int
  /// The index of the pod among the runner's job pods.
  package var pod: Int?

  package init(runner: Int, pod: Int?) { (self.runner, self.pod) = (runner, pod) }
}

package enum RunnerColumn: Int, CaseIterable, Sendable {
  case state, runner, job, repository, workflow, ref, node, age, progress, cluster

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
    case .cluster: "CLUSTER"
    }
  }
}

/// Selects and sorts the rows of the runners' table.
package enum RunnerRows {
  package static func rows(_ model: Model, table: TableState) -> [RunnerRow] {
    let (runners, test) = (model.runners, model.scopeTest)
    let filter = RowFilter(table.filter)
    if table.sort == RunnerColumn.state.rawValue, test == nil, filter.isEmpty {
      return rowsByState(runners, isAscending: table.isAscending)
    }
    var chosen: [Int] = []
    chosen.reserveCapacity(runners.count)
    for (index, runner) in runners.enumerated() {
      if let test, !test.contains(model.joined.cluster(ofRunner: index), runner.scaleSet) { continue }
      if !filter.isEmpty {
        let place =
          model.hasSeveralClusters ? [model.clusters[model.joined.cluster(ofRunner: index)].label] : []
        if !filter.matches(texts(of: runner) + place) { continue }
      }
      chosen.append(index)
    }
    sort(&chosen, model, by: RunnerColumn(rawValue: table.sort) ?? .state, table.isAscending)
    var rows: [RunnerRow] = []
    rows.reserveCapacity(chosen.count)
    for index in chosen {
      rows.append(RunnerRow(runner: index, pod: nil))
      for pod in runners[index].jobPods.indices { rows.append(RunnerRow(runner: index, pod: pod)) }
    }
    return rows
  }

  /// All runners sorted by state, the default. Uses a counting sort, because this runs for every change in clusters
  /// with thousands of runners.
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

  /// The position of a runner's state among the five: failing first, then busy.
  private static func place(_ runner: Runner, _ isAscending: Bool) -> Int {
    let place = (Int(runner.rank) + 1) % 5
    return isAscending ? place : 4 - place
  }

  /// The texts that a filter matches.
  static func texts(of runner: Runner) -> [String] {
    let texts = [runner.state.word, runner.name, runner.scaleSet, runner.node ?? ""]
    return switch runner.state {
    case .busy(let job): texts + [job.name, job.repository, job.workflow, job.ref]
    case .failing(let why, let code): texts + [why, code]
    case .starting(let step): texts + [step]
    case .idle, .finishing: texts
    }
  }

  /// Equal rows keep their order by name.
  private static func sort(
    _ chosen: inout [Int], _ model: Model, by column: RunnerColumn, _ isAscending: Bool
  ) {
    let runners = model.runners
    func order<Key: Comparable>(_ key: (Runner) -> Key) { orderPlaces { key(runners[$0]) } }
    func orderPlaces<Key: Comparable>(_ key: (Int) -> Key) {
      let keys = chosen.map { (key($0), $0) }
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
    case .runner where model.hasSeveralClusters: order(\.name)
    case .runner: if !isAscending { chosen.reverse() }
    case .cluster: orderPlaces { model.joined.cluster(ofRunner: $0) }
    case .job: order { $0.state.job?.name ?? "\u{10FFFF}" }
    case .repository: order { $0.state.job?.repository ?? "\u{10FFFF}" }
    case .workflow: order { $0.state.job?.workflow ?? "\u{10FFFF}" }
    case .ref: order { $0.state.job?.ref ?? "\u{10FFFF}" }
    case .node: order { $0.node ?? "" }
    case .age: orderPlaces { -(since(runners[$0], model.job(ofRunner: $0)) ?? 0) }
    case .progress: orderPlaces { expectedEnd($0, model) ?? .max }
    }
  }

  /// When a runner's job reaches the median duration of its last runs, if both are known.
  private static func expectedEnd(_ index: Int, _ model: Model) -> Int64? {
    guard let job = model.runners[index].state.job, let started = model.job(ofRunner: index)?.started else {
      return nil
    }
    let durations = model.clusters[model.joined.cluster(ofRunner: index)].knowledge.durations
    return durations.usual(job).map { started + $0.median }
  }

  /// When a runner entered its current state, if known.
  ///
  /// - Parameter job: the runner's job, if observed.
  package static func since(_ runner: Runner, _ job: @autoclosure () -> JobRecord?) -> Int64? {
    switch runner.state {
    case .busy: job()?.started
    case .finishing: job()?.finished
    case .idle, .starting, .failing: runner.created
    }
  }
}

extension Model {
  /// The job of a runner, by the runner's index.
  func job(ofRunner index: Int) -> JobRecord? {
    job(of: runners[index].name, in: joined.cluster(ofRunner: index))
  }

  /// The estimated progress of a runner's job, by the runner's index.
  func estimate(ofRunner index: Int) -> JobEstimate? {
    clusters[joined.cluster(ofRunner: index)].knowledge.estimate(of: runners[index], now: now)
  }

  /// The width in cells of a column with clusters' names; 0 if there is only one cluster, or not enough room.
  ///
  /// - Parameter width: the width of the whole table.
  func clusterWidth(in width: Int) -> Int {
    guard hasSeveralClusters, width >= 44 else { return 0 }
    let longest = shownClusters.map { CellText.width(clusters[$0].label) }.max() ?? 0
    return min(max(longest, 7), width >= 110 ? 20 : width >= 60 ? 12 : 8)
  }
}
