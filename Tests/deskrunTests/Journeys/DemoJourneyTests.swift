import DemoTestSupport
import Engine
import Foundation
import TestSupport
import Testing

/// The built program on the embedded cluster, from an empty demo to runners and back.
@Suite(.ownThreads) struct DemoJourneyTests {
  private static let token = "ghp_journeyjourneyjourney"

  @Test func `a newcomer sees something at once`() throws {
    let demo = DemoFolder()
    let outcome = try demo.runProgram(["status"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("web-ci"))
    #expect(outcome.output.contains("image not found: ghcr.io/acme/runner:missing"))
    #expect(outcome.output.contains("deskrun --demo edit tools-dind"))
    #expect(outcome.errors == "")
  }

  /// The first of each starts on an empty computer, the others on the existing cluster.
  @Test(arguments: [
    [["-m", "kubernetes"], ["-m", "dind"]],
    [
      ["-m", "kubernetes", "--cache", "/root/.cache"],
      ["-m", "cached-privileged-kubernetes", "--cache", "/nix/store"],
      ["-m", "dind", "--cache", "/var/lib/docker", "--max-runners", "1"], ["--instances", "2", "--cache", "/data"],
    ],
  ]) func `from nothing to runners and away again`(variants: [[String]]) async throws {
    let demo = DemoFolder(speed: 200)
    // The shorter one runs the built program.
    let isProgram = variants.count == 2
    func run(_ arguments: [String], input: String = "") async throws -> DeskrunBinary.Outcome {
      try await isProgram ? demo.runProgram(arguments, input: input) : demo.run(arguments, input: input)
    }
    func add(_ name: String, _ options: [String]) async throws -> DeskrunBinary.Outcome {
      try await run(
        ["--demo-empty", "add", name, "-r", "https://github.com/acme/web", "--auth-value", "-"] + options,
        input: Self.token)
    }
    let names = variants.indices.map { "ci\($0)" }
    for (name, options) in zip(names, variants) {
      let added = try await add(name, options)
      #expect(added.status == 0, "\(added.errors)")
      #expect(added.errors.contains("runs-on: \(name)"))
    }
    let status = try await demo.status()
    #expect(status["cluster"]?["state"] == "ready")
    #expect(
      status["controller"]
        == ["context": "kind-deskrun", "version": .string(SupportedARC.newest.description), "ready": true])
    let installations = try #require(status["installations"]?.arrayValue)
    #expect(installations.map { $0["name"]?.stringValue } == names)
    for installation in installations {
      #expect(installation["registered"] == true, "\(installation.encoded())")
      #expect(installation["listener"] == "running", "\(installation.encoded())")
      #expect(installation["finding"] == .null, "\(installation.encoded())")
    }
    // The same command again changes nothing and succeeds.
    let again = try await add(names[variants.count - 1], variants[variants.count - 1])
    #expect(again.status == 0, "\(again.errors)")
    for name in names { #expect(try await run(["remove", name, "--yes", "--now"]).status == 0) }
    #expect(try await run(["list", "-o", "name"]).output == "")
    #expect(try await demo.status()["installations"] == [])
  }

  @Test func `runners take jobs and what they say can be read`() async throws {
    let demo = DemoFolder()
    var busy: JSONValue?
    _ = try await eventually {
      let installations = try await demo.status()["installations"]?.arrayValue ?? []
      busy = installations.lazy.flatMap { $0["runners"]?["items"]?.arrayValue ?? [] }.first { $0["state"] == "busy" }
      return busy != nil
    }
    let job = try #require(busy?["job"])
    #expect(job["repository"]?.stringValue?.hasPrefix("acme/") == true)
    #expect(job["htmlUrl"]?.stringValue?.hasPrefix("https://github.com/acme/") == true)
    let logs = try await demo.run(["logs", "web-ci"])
    #expect(logs.status == 0)
    #expect(logs.output.contains("Listening for Jobs"))
    #expect(try await demo.run(["logs", "web-ci", "--listener"]).output.contains("Calculated target runner count"))
    #expect(try await demo.run(["logs", "--controller"]).output.contains("Created/Reused a runner scale set"))
    #expect(try await demo.run(["events", "tools-dind"]).output.contains("ErrImagePull"))
  }

  @Test func `one runner's log is shown by its name, while it runs and afterwards, and that of its job pod`()
    async throws
  {
    let demo = DemoFolder(speed: 10)
    // A job with a job pod may take minutes to start, and may end before its log is requested.
    var (log, ofJob): (DeskrunBinary.Outcome?, DeskrunBinary.Outcome?)
    let isShown = try await eventually {
      let items = (try await demo.status()["installations"]?.arrayValue ?? []).flatMap {
        $0["runners"]?["items"]?.arrayValue ?? []
      }
      guard let item = items.first(where: { $0["jobPods"]?[0] != nil }), let name = item["name"]?.stringValue,
        let pod = item["jobPods"]?[0]?["name"]?.stringValue
      else { return false }
      (log, ofJob) = (try await demo.run(["logs", name]), try await demo.run(["logs", pod]))
      return log?.status == 0 && log?.output.contains("\(name)  ") == false && ofJob?.status == 0
    }
    #expect(isShown, "\(log?.errors ?? "no job with a pod") \(ofJob?.errors ?? "")")
    #expect(log?.output.contains("Listening for Jobs") == true)
    let jobs = try await JSONValue(parsing: demo.run(["jobs", "-o", "json"]).output)["jobs"]?.arrayValue ?? []
    let ended = try #require(jobs.first { $0["result"] == "succeeded" }?["runner"]?.stringValue)
    #expect(try await demo.run(["logs", ended]).output.contains("completed with result: Succeeded"))
    #expect(try await demo.run(["logs", ended, "--tail", "1"]).output.split(separator: "\n").count == 1)
  }

  @Test(arguments: ["nobody", "Not A Name"]) func `a name that nothing has ends with 3, whatever the command`(
    name: String
  ) async throws {
    let demo = DemoFolder()
    for command in [
      ["status"], ["why"], ["logs"], ["logs", "--listener"], ["events"], ["jobs"], ["up"], ["remove", "--yes"],
      ["scale", "--max-runners", "3"], ["edit", "--max-runners", "3"], ["cache", "prune", "--yes"],
    ] {
      let outcome = try await demo.run(command + [name])
      #expect(outcome.status == 3, "\(command): \(outcome.errors)")
      #expect(outcome.errors.contains(name) && outcome.errors.contains("web-ci"), "\(command): \(outcome.errors)")
    }
  }

  @Test func `a followed log goes on and ends with ctrl-C`() throws {
    let demo = DemoFolder()
    let session = try demo.onTerminal(["logs", "web-ci", "-f", "--tail", "1"])
    try session.wait(for: "web-ci-")
    session.send("\u{03}")
    #expect(session.finish().status == 130)
  }

  @Test func `what is watched changes line by line`() throws {
    let demo = DemoFolder(speed: 60)
    let session = try demo.onTerminal(["status", "--watch"])
    try session.wait(for: ": gone")
    session.send("\u{03}")
    #expect(session.finish().status == 130)
  }

  @Test func `a second add of the same name says what differs`() async throws {
    let demo = DemoFolder()
    let outcome = try await demo.run(["add", "web-ci", "-r", "acme/other", "--auth-value", "-"], input: Self.token)
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("repository: https://github.com/acme/web, not https://github.com/acme/other"))
    #expect(outcome.errors.contains("deskrun --demo edit web-ci"))
  }

  @Test func `a wrong token is explained and the same command with a right one succeeds`() async throws {
    let demo = DemoFolder(speed: 60)
    let add = ["--demo-empty", "add", "ci", "-r", "acme/web", "--auth-value", "-"]
    let refused = try await demo.run(add, input: "ghp_badbadbadbadbad")
    #expect(refused.status == 4)
    #expect(refused.errors.contains("401"))
    #expect(refused.errors.contains("scope repo"))
    #expect(!refused.errors.contains("ghp_badbadbadbadbad"))
    #expect(try await demo.run(["list", "-o", "name"]).output == "ci\n")
    #expect(try await demo.run(add, input: Self.token).status == 0)
  }

  @Test(arguments: [
    (["DEMO_DOCKER": "down"], Int32(6), "Docker is not running"),
    (["DEMO_DOCKER": "denied"], 6, "usermod -aG docker"), (["DEMO_KIND_FAIL": "1"], 1, "kind could not create"),
    (["DEMO_HELM_NONET": "1"], 6, "cannot be downloaded from ghcr.io"), (["DEMO_API": "refused"], 6, "does not answer"),
  ]) func `what is in the way is named and the same command succeeds later`(
    fault: [String: String], status: Int32, words: String
  ) async throws {
    let demo = DemoFolder(speed: 200)
    let add = ["--demo-empty", "add", "ci", "-r", "acme/web", "--auth-value", "-"]
    // `add` waits for an API that keeps refusing, so this case runs `status` on an existing cluster.
    if fault["DEMO_API"] != nil { #expect(try await demo.run(add, input: Self.token).status == 0) }
    let failed =
      fault["DEMO_API"] == nil
      ? try await demo.run(add, environment: fault, input: Self.token)
      : try await demo.run(["status"], environment: fault)
    #expect(failed.status == status, "\(failed.errors)")
    #expect(failed.errors.contains(words), "\(failed.errors)")
    #expect(failed.errors.contains("fix: "))
    #expect(try await demo.run(add, input: Self.token).status == 0)
  }

  @Test func `a program that is missing is named with the line that installs it`() async throws {
    let demo = DemoFolder()
    _ = try await demo.run(["--demo-empty", "list"])
    try FileManager.default.removeItem(atPath: demo.path + "/bin/helm")
    // Without --demo the links are not recreated, and the rest of the demo is unchanged.
    let outcome = try await InProcess.run(
      ["add", "ci", "-r", "acme/web", "--auth-value", "-"],
      environment: [
        "PATH": demo.path + "/bin", "DESKRUN_HOME": demo.path + "/home", "DESKRUN_DEMO_STATE": demo.path + "/state",
      ], input: Self.token)
    #expect(outcome.status == 5)
    #expect(outcome.errors.contains("helm is not installed"))
    #expect(outcome.errors.contains("Install it: "))
  }

  @Test func `a stopped node is started again`() async throws {
    let demo = DemoFolder()
    _ = try await demo.run(["list"])
    let docker = try await DemoTools().run(
      ToolCall("/docker", ["stop", "deskrun-control-plane"], environment: ["DESKRUN_DEMO_STATE": demo.path + "/state"]))
    #expect(docker.exit.isSuccess, "\(docker.errorText)")
    let status = try await demo.run(["status"])
    #expect(status.status == 6)
    #expect(status.errors.contains("deskrun --demo up` starts it"), "\(status.errors)")
    #expect(try await demo.run(["up", "web-ci"]).status == 0)
    #expect(try await demo.status()["cluster"]?["state"] == "ready")
  }

  @Test func `down and up bring the same back and keep the configuration`() async throws {
    let demo = DemoFolder()
    let before = try demo.runProgram(["list", "-o", "json"]).output
    #expect(try demo.runProgram(["down", "--yes", "--now"]).status == 0)
    #expect(try await demo.run(["status"]).status == 6)
    #expect(try await demo.run(["list", "-o", "json"]).output == before)
    // One of the demo's installations has an image that does not exist; the others are deployed anyway.
    let up = try demo.runProgram(["up"])
    #expect(up.status == 1)
    #expect(up.errors.contains("No runner of tools-dind becomes ready"), "\(up.errors)")
    #expect(up.errors.contains("wait until web-ci is ready: ready"), "\(up.errors)")
    #expect(try await demo.status()["installations"]?.arrayValue?.count == 3)
  }

  @Test func `scale and edit change what is deployed`() async throws {
    let demo = DemoFolder()
    #expect(try await demo.run(["scale", "web-ci", "--max", "9"]).status == 0)
    #expect(try await demo.run(["edit", "web-ci", "--mode", "dind"]).status == 0)
    let web = try #require(try await demo.status()["installations"]?.arrayValue?.first { $0["name"] == "web-ci" })
    #expect(web["mode"] == "dind")
    #expect(web["scaleSets"]?[0]?["maxRunners"] == 9)
    let scaled = try await demo.run(["scale", "web-ci", "7"])
    #expect(scaled.status == 0)
    #expect(scaled.errors.contains("max 9 → 7: at most 7 runners"), "\(scaled.errors)")
    #expect(
      try await demo.status()["installations"]?.arrayValue?.first { $0["name"] == "web-ci" }?["scaleSets"]?[0]?[
        "maxRunners"]
        == 7)
    // In a pipe each step has one line, and its start is not printed.
    let steps = scaled.errors.split(separator: "\n").filter { $0.contains("/") && $0.contains("] ") }
    let numbers = steps.compactMap { $0.split(separator: "]").first?.split(separator: "[").last }
    #expect(numbers.count > 3 && Set(numbers).count == numbers.count, "\(scaled.errors)")
    #expect(try await demo.run(["scale", "web-ci", "2-9", "--quiet"]).errors == "")
    let below = try await demo.run(["scale", "web-ci", "1"])
    #expect(below.status == 65)
    #expect(below.errors.contains("below the minimum (2)"), "\(below.errors)")
    #expect(below.errors.contains("deskrun --demo scale web-ci --min-runners 1 --max-runners 1"), "\(below.errors)")
    let refused = try await demo.run(["scale", "web-ci", "--min", "10"])
    #expect(refused.status == 65)
    #expect(refused.errors.contains("above the maximum (9)"))
  }

  @Test func `what would be lost is not done without a yes`() async throws {
    let demo = DemoFolder()
    let outcome = try await demo.run(["remove", "web-ci"])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("--yes"))
    #expect(try await demo.run(["list", "-o", "name"]).output.contains("web-ci"))
  }

  @Test func `a dry run shows everything and changes nothing`() async throws {
    let demo = DemoFolder()
    let outcome = try await demo.run(
      ["--demo-empty", "add", "ci", "-r", "acme/web", "--cache", "/data", "--auth-value", "-", "--dry-run"],
      input: Self.token)
    #expect(outcome.status == 0)
    for words in [
      "cluster kind-deskrun", "extraMounts", "githubConfigSecret: ci-credentials", "github_token: \"••••••\"",
    ] {
      #expect(outcome.output.contains(words), "\(words)")
    }
    #expect(!outcome.output.contains(Self.token))
    #expect(try await demo.run(["list", "-o", "name"]).output == "")
    #expect(try await demo.run(["status"]).errors.contains("not created"))
    let json = try await demo.run(["up", "--dry-run", "-o", "json"]).output
    #expect(try JSONValue(parsing: json)["steps"]?.arrayValue?.isEmpty == false)
  }

  @Test func `ctrl-C in the middle leaves a state from which the same command succeeds`() async throws {
    let demo = DemoFolder(speed: 2)
    #expect(try await demo.run(["--demo-empty", "list"]).status == 0)
    let slow = try DeskrunBinary.onTerminal(
      ["--demo-speed", "2", "add", "ci", "-r", "acme/web", "--auth-value", Self.token],
      environment: ["DESKRUN_DEMO_HOME": demo.path])
    try slow.wait(for: "Preparing nodes")
    slow.send("\u{03}")
    let stopped = slow.finish()
    #expect(stopped.status == 130)
    #expect(stopped.output.contains("Run the same command again"))
    let again = try await demo.run(
      ["--demo-speed", "60", "add", "ci", "-r", "acme/web", "--auth-value", "-"], input: Self.token)
    #expect(again.status == 0, "\(again.errors)")
  }

  /// The n-th call of any program fails; then the same command runs again.
  @Test(arguments: Rounds.some(3, of: [8, 2, 14, 17, 20, 23, 26, 29, 32, 35, 38]))
  func `a call that fails anywhere can be run again`(number: Int) async throws {
    let demo = DemoFolder(speed: 200)
    let add = ["--demo-empty", "add", "ci", "-r", "acme/web", "--cache", "/data", "--auth-value", "-"]
    _ = try await demo.run(add, environment: ["DEMO_FAIL": String(number)], input: Self.token)
    let again = try await demo.run(add, input: Self.token)
    #expect(again.status == 0, "after call \(number): \(again.errors)")
    let installation = try #require(try await demo.status()["installations"]?[0])
    #expect(installation["registered"] == true)
  }

  @Test func `no secret is kept, shown or passed where others can see it`() async throws {
    let demo = DemoFolder(speed: 60)
    let secret = "ghp_watchmewatchmewatchme"
    let outcome = try await demo.run(
      [
        "--verbose", "--demo-empty", "add", "ci", "-r", "acme/web", "--auth-value", "env:MY_TOKEN", "--store",
        "reference",
      ],
      environment: ["MY_TOKEN": secret])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(!(outcome.output + outcome.errors).contains(secret))
    for file in try demo.files() { #expect(!file.text.contains(secret), "\(file.path)") }
    // Base64 does not hide it.
    let encoded = Data(secret.utf8).base64EncodedString()
    for file in try demo.files() { #expect(!file.text.contains(encoded), "\(file.path)") }
    #expect(try await !demo.run(["list", "-o", "json"]).output.contains(secret))
  }
}
