import DashboardCore
import Engine
import TerminalKit

/// The columns of the runners' table. State, runner and time are always shown; if width is limited, node, ref, workflow
/// and repository are dropped first, and the job's name is shortened only after them.
struct RunnerColumns {
  /// By index of the column.
  private var places: [(start: Int, width: Int)] = Array(repeating: (0, 0), count: RunnerColumn.allCases.count)

  init(model: Model, width: Int) {
    let runners = model.runners
    var names = 8
    // Widths are determined from a limited number of rows, not from thousands.
    var (repository, workflow, ref, node, longestJob) = (10, 8, 3, 4, 16)
    // The longest text in the place of jobs.
    var longestText = 16
    var hasEstimate = false
    for row in model.rows(of: RunnersPane.self)[model[table: RunnersPane.id].offset...].prefix(model.size.rows)
    where row.pod == nil {
      guard runners.indices.contains(row.runner) else { continue }
      names = max(names, runners[row.runner].name.utf8.count)
      node = max(node, runners[row.runner].node?.utf8.count ?? 0)
      guard case .busy(let job) = runners[row.runner].state else {
        // The reason has the job's place.
        if case .idle = runners[row.runner].state {} else { longestText = 26 }
        continue
      }
      hasEstimate = hasEstimate || model.estimate(ofRunner: row.runner) != nil
      repository = max(repository, job.repository.utf8.count)
      workflow = max(workflow, job.workflow.utf8.count)
      longestJob = max(longestJob, job.name.utf8.count)
      ref = max(ref, job.ref.utf8.count)
    }
    let state = 9
    let age = 6
    let fixed = 3 + state + 1 + age + 1
    let cluster = model.clusterWidth(in: width)
    // The cluster must be visible, so long names are shortened for it.
    let longest = cluster > 0 ? 20 : 26
    var name = min(names, width >= 120 ? 40 : width >= 70 ? longest : max(8, width - fixed - 1))
    var rest = width - fixed - name - 2 - (cluster > 0 ? cluster + 2 : 0)
    // A job's progress is more important than its source, and less than its name.
    var progress = hasEstimate ? RunnerProgress.width(of: width) : 0
    if rest - progress - 4 < min(longestJob, 18) { progress = 0 }
    if progress > 0 {
      // The previous column may end where this one starts: two spaces before it and two after it.
      rest -= progress + 4
      places[RunnerColumn.progress.rawValue] = (width - 1 - age - 2 - progress, progress)
    }
    var chosen: [(RunnerColumn, Int)] = []
    var job = min(max(rest, 0), 26)
    rest -= job + 2
    for (column, longest) in [
      (RunnerColumn.repository, repository), (.workflow, workflow), (.ref, ref), (.node, node),
    ] {
      let wanted = min(longest, column == .repository ? 24 : 18)
      if rest >= wanted, wanted > 0 {
        chosen.append((column, wanted))
        rest -= wanted + 2
      } else if column == .repository, rest + max(0, job - longestJob) >= wanted {
        job -= wanted - rest
        chosen.append((column, wanted))
        rest = -2
      } else {
        break
      }
    }
    // Room that nothing else needs is for names that were shortened, and then for jobs.
    if rest > 0 { job += rest }
    let lent = max(0, min(names, 40) - name)
    // Reasons continue into the columns behind.
    let behind = chosen.reduce(progress > 0 ? progress + 4 : 0) { $0 + $1.1 + 2 }
    let given = min(lent, max(0, job - max(longestJob, longestText - behind)))
    name += given
    job -= given
    var x = 3
    places[RunnerColumn.state.rawValue] = (x, state)
    x += state + 1
    places[RunnerColumn.runner.rawValue] = (x, name)
    x += name + 2
    if cluster > 0 {
      places[RunnerColumn.cluster.rawValue] = (x, cluster)
      x += cluster + 2
    }
    places[RunnerColumn.job.rawValue] = (x, max(0, job))
    x += max(0, job) + 2
    for (column, width) in chosen {
      places[column.rawValue] = (x, width)
      x += width + 2
    }
    places[RunnerColumn.age.rawValue] = (width - 1 - age, age)
  }

  func start(_ column: RunnerColumn) -> Int { places[column.rawValue].start }
  func width(_ column: RunnerColumn) -> Int { places[column.rawValue].width }

  func drawHeads(_ painter: inout Painter, _ rect: Rect, table: TableState) {
    guard rect.height > 0 else { return }
    for column in RunnerColumn.allCases where width(column) > 0 {
      let role: Role = table.sort == column.rawValue ? .strong : .dim
      let hit: Rect
      if column == .age {
        painter.putRight(column.title, role, right: rect.right - 1, y: rect.y, width: width(column))
        hit = Rect(x: rect.right - 1 - width(column), y: rect.y, width: width(column), height: 1)
      } else {
        painter.put(column.title, role, x: rect.x + start(column), y: rect.y, width: width(column))
        hit = Rect(x: rect.x + start(column), y: rect.y, width: width(column), height: 1)
      }
      painter.hit(hit, .column(RunnersPane.id, column.rawValue))
    }
  }
}
