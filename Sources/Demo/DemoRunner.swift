/// A runner of the demo, in one turn of a place of a scale set.
struct DemoRunner {
  /// How it ends.
  enum End: String {
    case succeeded = "Succeeded"
    case failed = "Failed"
    case cancelled = "Canceled"

    /// - Parameter luck: from 0 up to, but not including, 1.
    init(luck: Double) { self = luck < 0.08 ? .failed : luck < 0.11 ? .cancelled : .succeeded }
  }

  /// Its state at some moment.
  package enum Phase {
    case scheduling, pulling, creating, idle, busy, finishing
  }

  var name: String
  var scaleSet: String
  var random: DemoRandom
  /// The demo's second at which it was created; all times below are in these seconds too.
  var created: Double
  var pulling: Double
  var creating: Double
  var ready: Double
  var busy: Double
  var over: Double
  var gone: Double
  /// When its job was assigned to the scale set.
  var assigned: Double
  var job: DemoJob
  var end: End
  /// Set if its image cannot be pulled: it never gets further.
  var badImage: String?
  /// Set if its container has no command: it exits immediately, with status 0.
  var hasNoCommand = false

  /// When a container without a command ends: as soon as it is started.
  var exited: Double { created + 2.5 }
  /// When a runner without a command is deleted.
  var removed: Double { created + 4 }

  func phase(at time: Double) -> Phase {
    if hasNoCommand, time >= exited { return .finishing }
    if badImage != nil || hasNoCommand { return time < creating ? .pulling : .creating }
    if time < pulling { return .scheduling }
    if time < creating { return .pulling }
    if time < ready { return .creating }
    if time < busy { return .idle }
    return time < over ? .busy : .finishing
  }
}

/// A job of the demo.
struct DemoJob {
  var name: String
  var id: String
  var requestID: Int
  var owner: String
  var repository: String
  var workflow: String
  var ref: String
  var runID: Int
  /// The image of its job container, if it has one.
  var container: String?

  private static let names = [
    "build", "test (3.12)", "test (3.11)", "lint", "unit-tests", "e2e (chrome)", "docker / build-and-push", "codeql",
    "build (x86_64-linux)", "deploy-staging", "docs", "integration-tests (ubuntu, 1.22)", "release / publish",
  ]
  /// The workflows of jobs that are not in `ci.yml`.
  private static let workflows = [
    "e2e (chrome)": "e2e.yml", "docker / build-and-push": "release.yml", "codeql": "codeql.yml",
    "build (x86_64-linux)": "nix.yml", "deploy-staging": "release.yml", "docs": "docs.yml",
    "integration-tests (ubuntu, 1.22)": "e2e.yml", "release / publish": "release.yml",
  ]
  private static let refs = [
    "refs/heads/main", "refs/heads/main", "refs/pull/88/merge", "refs/pull/91/merge", "refs/heads/feature/cache",
    "refs/tags/v2.4.0",
  ]
  private static let repositories = ["web", "api", "infra", "tools", "docs"]

  init(_ random: inout DemoRandom, path: String, mode: String) {
    name = random.pick(Self.names)
    id = random.uuid()
    requestID = Int(random.next() % 900_000) + 100_000
    workflow = Self.workflows[name] ?? "ci.yml"
    ref = random.pick(Self.refs)
    runID = 17_000_000_000 + Int(random.next() % 900_000_000)
    let parts = path.split(separator: "/").map(String.init)
    owner = parts.first == "enterprises" ? "acme" : parts.first ?? "acme"
    repository = parts.count > 1 && parts.first != "enterprises" ? parts[1] : random.pick(Self.repositories)
    let usesContainer = mode.hasPrefix("kubernetes") && random.fraction() < 0.4
    container = usesContainer ? random.pick(["node:22-bookworm", "golang:1.24", "python:3.12-slim"]) : nil
  }
}
