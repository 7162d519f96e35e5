import Engine
import Testing

@testable import CommandOutput
@testable import deskrun

/// A scale set that has another name than the installation: somebody's Helm release gave it one.
@Suite struct RenamedScaleSetTests {
  /// A cluster in which web-ci's scale set, its runners and its listener are called arc-x64.
  private static let renaming = """
    case "$0 $*" in
    *kubectl*--raw*)
      for word; do shift; set -- "$@" "$(printf %s "$word" | sed 's/arc-x64/web-ci/g')"; done
      "${DESKRUN_DEMO_STATE%/state}/bin/kubectl" "$@" | sed -e 's/web-ci/arc-x64/g' \\
        -e 's/\\("meta.helm.sh\\/release-name": *"\\)arc-x64"/\\1web-ci"/g' \\
        -e 's/\\("deskrun\\/installation": *"\\)arc-x64"/\\1web-ci"/g'
      exit ;;
    esac
    """

  @Test func `logs, events and jobs find the runners under the installation's name`() throws {
    let tools = try StandInTools(speed: 30, Self.renaming)
    func run(_ arguments: String...) throws -> DeskrunBinary.Outcome {
      try DeskrunBinary.run(arguments, environment: tools.environment)
    }
    let logs = try run("logs", "web-ci")
    #expect(logs.status == 0, "\(logs.errors)")
    #expect(logs.output.contains("Listening for Jobs"))
    #expect(logs.output.split(separator: "\n").allSatisfy { $0.hasPrefix("arc-x64-") })
    let listener = try run("logs", "web-ci", "--listener")
    #expect(listener.output.contains("Calculated target runner count"), "\(listener.errors)")
    let events = try run("events", "web-ci", "-o", "name")
    #expect(events.status == 0, "\(events.errors)")
    let objects = events.output.split(separator: "\n")
    #expect(!objects.isEmpty && objects.allSatisfy { $0.hasPrefix("arc-x64") })
    var jobs: [JSONValue] = []
    for _ in 0..<100 where jobs.isEmpty {
      jobs = try JSONValue(parsing: run("jobs", "web-ci", "-o", "json").output)["jobs"]?.arrayValue ?? []
    }
    #expect(jobs.first?["scaleSet"] == "arc-x64")
    for command in ["logs", "events", "jobs", "status"] {
      let other = try run(command, "arc-x64")
      #expect(other.status == ExitStatus.notFound.rawValue)
      #expect(other.errors.contains("The scale set arc-x64 belongs to the installation web-ci"), "\(other.errors)")
    }
  }

  @Test(arguments: [
    ["logs"], ["logs", "--follow"], ["logs", "--listener"], ["events"], ["jobs"], ["status"], ["why"],
  ])
  func `a name that nothing has is not found`(command: [String]) throws {
    let demo = DemoFolder()
    let outcome = try demo.run(command + ["nosuch"])
    #expect(outcome.status == ExitStatus.notFound.rawValue, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.errors.contains("No installation nosuch found"))
    #expect(outcome.output == "")
  }

  @Test(arguments: ["logs", "events"]) func `a name is looked for before the cluster is`(command: String) throws {
    let demo = DemoFolder()
    _ = try demo.run(["--demo-empty", "--demo-reset", "list"])
    let outcome = try demo.run([command, "nosuch"])
    #expect(outcome.status == ExitStatus.notFound.rawValue, "\(outcome.errors)")
  }
}
