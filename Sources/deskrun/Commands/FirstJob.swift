import CommandOutput
import CommandSession
import Engine

/// "Try it": shows a workflow for new runners, and waits for their first job.
struct FirstJob {
  let session: Session
  let installation: Installation

  /// A workflow for the installation's runners, started manually.
  static func workflow(_ installation: Installation) -> String {
    let label = installation.scaleSets.first?.name ?? installation.name.description
    // Without a container, steps would run in the runner image in this mode, which few workflows expect.
    let container = installation.mode == .kubernetes ? "\n    container: ubuntu:24.04" : ""
    return """
      on: workflow_dispatch
      jobs:
        hello:
          runs-on: \(label)\(container)
          steps:
            - run: echo "Hello from $(hostname)"
      """
  }

  /// Shows the workflow and waits until a job runs. Interrupting it only ends the wait.
  func callAsFunction() async {
    let console = session.console
    console.tell(
      "\nTry it: save this as .github/workflows/deskrun.yml in the default branch, then Actions → deskrun → Run workflow:\n"
    )
    for line in Self.workflow(installation).split(separator: "\n") { console.tell("    \(line)") }
    console.tell("\nWaiting for the first job. ctrl-C stops the waiting; \(installation.name) stays.")
    do {
      let session = session
      let names = Set(installation.scaleSets.map { ScaleSetID.text($0.name, in: installation.namespace) })
      let found = try await session.waiting(for: "waiting for the first job") {
        try await Self.first(of: names, session)
      }
      console.tell(
        "\(console.errorStyle.paint(.done)) \(found.job.name) of \(found.job.repository) runs on \(found.runner). "
          + "`deskrun` shows it live.")
    } catch is CancellationError {
      console.tell("Not waiting any more. `deskrun status \(installation.name)` shows its runners.")
    } catch let error as EngineError {
      console.tell(ErrorReport.text(error, style: console.errorStyle))
    } catch {}
  }

  /// Waits for the first job on one of these scale sets.
  ///
  /// - Throws: `CancellationError`; `EngineError` if the cluster does not respond.
  private static func first(of scaleSets: Set<String>, _ session: Session) async throws -> (job: Job, runner: String) {
    let toolbox = session.watching
    let interval = max(.milliseconds(100), .seconds(2) / session.speed)
    var failures = 0
    while true {
      do {
        let snapshot = try await SnapshotReader(toolbox: toolbox).read(now: SystemTime.secondsSince1970())
        failures = 0
        for runner in snapshot.runners where scaleSets.contains(runner.scaleSet) {
          if let job = runner.assignedJob { return (job, runner.name) }
        }
      } catch let error as EngineError {
        failures += 1
        guard failures < 5 else { throw error }
      }
      try await Task.sleep(for: interval)
    }
  }
}
