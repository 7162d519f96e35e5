/// The steps of a demo job, with their output.
struct DemoSteps {
  struct Step {
    var title: String
    var lines: [String]
    /// The error that ends the step, if it fails.
    var error: String?
  }

  private let runner: DemoRunner
  /// The message of a trouble that makes the job fail; nil if there is none.
  private let failing: String?
  /// Hexadecimal digits of the checked-out commit.
  private let revision: String

  init(_ runner: DemoRunner, failing: String?, revision: String) {
    (self.runner, self.failing, self.revision) = (runner, failing, revision)
  }

  var all: [Step] {
    let job = runner.job
    let repository = "\(job.owner)/\(job.repository)"
    let key = "\(job.repository)-linux-x64-\(revision)"
    return [
      Step(
        title: "Set up job",
        lines: [
          "Runner name: '\(runner.name)'", "Runner group name: 'Default'", "GITHUB_TOKEN permissions: contents: read",
          "Prepare workflow directory", "Download action repository 'actions/checkout@v5'",
          "Download action repository 'actions/cache@v4'", "Complete job name: \(job.name)",
        ]),
      Step(
        title: "Run actions/checkout@v5",
        lines: [
          "Syncing repository: \(repository)", "##[command]git version", "git version 2.51.0",
          "##[command]git fetch --depth=1 origin +\(job.ref)", "From https://github.com/\(repository)",
          "##[command]git checkout --progress --force \(job.ref)", "HEAD is now at \(revision)",
        ]),
      Step(
        title: "Restore cache",
        lines: [
          "Cache hit for: \(key)", "Received 43281408 of 43281408 (100.0%), 41.2 MBs/sec", "Cache Size: ~41 MB",
          "Cache restored from key: \(key)",
        ]),
      Step(
        title: "Install dependencies",
        lines: ["##[command]make deps", "resolved 184 packages", "172 from the cache, 12 downloaded", "installed"]),
      Step(
        title: "Build",
        lines: ["##[command]make build"] + (1...7).map { "[\($0)/7] \(Self.work[$0 % Self.work.count])" }),
      test,
      Step(
        title: "Post Run actions/checkout@v5",
        lines: ["##[command]git config --local --unset-all core.sshCommand", "Cleaning up orphan processes"]),
    ]
  }

  private var test: Step {
    let suites = ["api", "session", "storage", "render"]
    var step = Step(title: "Test", lines: ["##[command]make test"])
    guard runner.end == .failed else {
      step.lines += suites.map { "ok    \($0)" }
      // A canceled job does not get to the end of this step.
      if runner.end == .succeeded { step.lines.append("212 tests passed") }
      return step
    }
    if let failing {
      step.lines += ["ok    api", failing]
    } else {
      step.lines += suites.prefix(2).map { "ok    \($0)" }
      step.lines += ["FAIL  storage: reopened store has 3 items, expected 4", "211 tests passed, 1 failed"]
    }
    step.error = "Process completed with exit code \(failing == nil ? 2 : 1)."
    return step
  }

  static let work = [
    "compiling core", "compiling net", "linking web", "checking", "bundling assets", "packing",
  ]
}
