import Engine
import Foundation
import TestSupport
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

/// The built program, from outside.
@Suite(.ownThreads) struct CommandLineTests {
  @Test(arguments: [
    (["--version"], ""), (["add", "--version"], ""), (["version"], " (built from source)"),
    (["version", "-v"], " (built from source)"),
  ])
  func `the version is one line`(arguments: [String], package: String) throws {
    let outcome = try DeskrunBinary.run(arguments)
    #expect(outcome.output == "deskrun \(DeskrunVersion.current)\(package)\n")
    #expect(outcome.errors == "")
    #expect(outcome.status == 0)
  }

  @Test func `the version is JSON and YAML where that is asked for`() async throws {
    let json = try await InProcess.run(["version", "-o", "json"], environment: [:]).output
    let document = try JSONValue(parsing: json)
    #expect(
      document == [
        "version": .string(DeskrunVersion.current), "arcVersion": .string(SupportedARC.newest.description),
        "supportedArcVersions": .array(SupportedARC.releases.map { .string($0.description) }),
        "installedFrom": "source", "executable": document["executable"] ?? .null, "newestVersion": .null,
      ])
    #expect(document["executable"]?.stringValue?.hasSuffix("/deskrun") == true)
    let yaml = try await InProcess.run(["version", "--output=yaml"], environment: [:]).output
    #expect(
      yaml.hasPrefix(
        "version: \"\(DeskrunVersion.current)\"\narcVersion: \"\(SupportedARC.newest.description)\"\n"
          + "supportedArcVersions:\n" + SupportedARC.releases.map { "- \"\($0)\"\n" }.joined()
          + "installedFrom: source\n"))
  }

  @Test(arguments: [
    (["statsu"], "did you mean `deskrun status`?"), (["cluster", "creat"], "did you mean `deskrun cluster create`?"),
    (["help", "ad"], "did you mean `deskrun add`?"), (["add", "x", "--repo", "y"], "did you mean --repository?"),
    (["--demoo", "list"], "did you mean --demo?"), (["--contex"], "did you mean --context?"),
    (["add", "x", "-r", "y", "--mode", "dindd"], "'kubernetes', 'cached-privileged-kubernetes' or 'dind'"),
    (["add", "x"], "--repository"), (["add", "x", "-r", "y", "--auth-value"], "Missing value for '--auth-value"),
    (["add", "x", "-r", "y", "--auth-value", "--mode", "dind"], "Missing value for '--auth-value"),
    (["add", "x", "-r", "y", "--min-runners", "many"], "--min-runners"), (["edit", "x"], "Nothing to change"),
    (["edit", "x", "--no-image", "--image", "i"], "contradict"), (["scale", "x"], "deskrun scale NAME 7"),
    (["scale", "x", "7", "--max-runners", "8"], "contradict"),
    (["scale", "x", "--min", "1", "--min-runners", "2"], "same"),
    (["logs"], "Name an installation"), (["logs", "x", "--controller"], "leave out the name"),
    (["cluster", "use"], "Name a context"), (["remove", "x", "--now", "--wait-for-jobs"], "--wait-for-jobs"),
    (["list", "--demo-speed", "0"], "greater than 0"), (["list", "-q", "-v"], "contradict"),
    (["scale", "x", "-3"], "-3 is below 0"), (["logs", "x", "--tail", "-2"], "--tail must be 0 or more"),
    (["jobs", "--limit", "-1"], "--limit must be 1 or more"), (["list", "--demo-runners", "-1"], "0 or more"),
    (["list", "--context", ""], "--context is empty"), (["list", "--kubeconfig", ""], "--kubeconfig is empty"),
    (["info", "-x"], "has no option -x"), (["completion", "tcsh"], "'bash', 'zsh' or 'fish'"),
  ]) func `wrong usage says what was meant and ends with 64`(arguments: [String], hint: String) throws {
    let outcome = CommandLineAnswer.to(arguments)
    #expect(outcome.status == 64)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix("error: "))
    #expect(outcome.errors.contains(hint), "\(outcome.errors)")
  }

  @Test(arguments: [
    (["statsu"], "did you mean `deskrun status`?"), (["scale", "x", "--maxx", "2"], "did you mean --max?"),
    (["edit", "x"], "Nothing to change"), (["__complete", "secrets"], "only"),
  ]) func `the program ends with 64 and says it on standard error`(arguments: [String], hint: String) throws {
    let outcome = try DeskrunBinary.run(arguments)
    #expect(outcome.status == 64)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix("error: "))
    #expect(outcome.errors.contains(hint), "\(outcome.errors)")
  }

  /// Most tests run commands in their own process; the program behaves the same.
  @Test(arguments: [
    ["list", "-o", "json"], ["edit", "web-ci", "--max-runners", "9", "--dry-run"], ["scale", "nosuch", "--max", "3"],
    ["remove", "web-ci"], ["why", "nix-builder"],
  ]) func `the program says what the same command says in the process of the tests`(arguments: [String]) async throws {
    let demo = DemoFolder(speed: 1)
    // A runner may start or end a job meanwhile: if the output before and after is equal, nothing changed in between.
    var (inProcess, outcome) = (try await demo.run(arguments), try demo.runProgram(arguments))
    let isStill = try await eventually {
      let before = inProcess
      outcome = try demo.runProgram(arguments)
      inProcess = try await demo.run(arguments)
      return (before.output, before.errors, before.status) == (inProcess.output, inProcess.errors, inProcess.status)
    }
    #expect(isStill)
    #expect(outcome.output == inProcess.output)
    #expect(outcome.errors == inProcess.errors)
    #expect(outcome.status == inProcess.status)
  }

  @Test(arguments: [
    ["add", "x", "-r", "y", "ghp_0123456789abcdef"], ["ghp_0123456789abcdef"],
    ["add", "x", "-----BEGIN RSA PRIVATE KEY-----\n0123456789abcdef\n-----END RSA PRIVATE KEY-----"],
    ["add", "x", "-m", "none", "--auth-value", "-----BEGIN KEY-----\n0123456789abcdef"],
  ]) func `a secret in the wrong place is not repeated`(arguments: [String]) throws {
    let outcome = CommandLineAnswer.to(arguments)
    #expect(outcome.status == 64)
    #expect(!(outcome.output + outcome.errors).contains("0123456789abcdef"))
  }

  @Test func `an empty name is refused wherever one is taken, and acts on nothing`() async throws {
    let demo = DemoFolder()
    let before = try await demo.run(["list", "-o", "json"]).output
    for arguments in [
      ["status", ""], ["why", " "], ["logs", ""], ["events", ""], ["jobs", ""], ["jobs", "--log", ""], ["up", ""],
      ["remove", "", "--yes"], ["edit", "", "--image", "x"], ["scale", "", "3"], ["cache", "prune", "", "--yes"],
      ["adopt", ""], ["add", "", "-r", "acme/web"], ["cluster", "use", ""],
    ] {
      let outcome = try await demo.run(arguments)
      #expect(outcome.status == 64, "\(arguments)")
      #expect(outcome.output == "" && outcome.errors.contains("is empty"), "\(arguments): \(outcome.errors)")
    }
    #expect(try await demo.run(["list", "-o", "json"]).output == before)
  }

  @Test(arguments: [
    (["--min-runners", "-1"], "Give 0 or more (--min-runners)"), (["--max", "-3"], "Give 1 or more (--max-runners)"),
    (["--max-runners", "-5"], "Give 1 or more (--max-runners)"),
  ]) func `a negative number of runners is refused with the reason`(options: [String], fix: String) async throws {
    let outcome = try await DemoFolder().run(["scale", "web-ci"] + options)
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains(fix), "\(outcome.errors)")
  }

  @Test func `options of the dashboard go with deskrun alone, and a group of commands alone shows its help`()
    async throws
  {
    let demo = DemoFolder()
    let frame = try await demo.run(["--theme", "light", "--snapshot", "80x24"])
    #expect(frame.status == 0 && frame.output.contains("1 Installations"), "\(frame.errors)")
    let group = try await demo.run(["--color", "never", "cluster"])
    #expect(group.status == 0 && group.output.contains("deskrun cluster <subcommand>"), "\(group.errors)")
  }

  @Test func `the demo asks no gh for a token, and keeps its own`() async throws {
    let demo = DemoFolder(speed: 60)
    let added = try await demo.run(["add", "fresh", "--repository", "acme/fresh", "--auth-value", "gh"])
    #expect(added.status == 0, "\(added.errors)")
    #expect(added.errors.contains("using the demo's own token"))
  }

  @Test func `a path is whole on a narrow terminal`() async throws {
    let demo = DemoFolder()
    let whole = try await demo.run(["info"]).output
    let path = try #require(whole.split(separator: "\n").first { $0.hasPrefix("configuration") }).split(separator: " ")
      .last
    let shown = try demo.onTerminal(["--color", "never", "info"]).finish().output
    let joined = shown.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } }.joined()
    #expect(joined.contains(try #require(path)))
  }

  @Test func `a job whose runner died is lost, not running, and among those that failed`() async throws {
    let demo = DemoFolder(speed: 1)
    let why = try await demo.run(["--demo-trouble", "out-of-memory", "why", "web-ci"])
    #expect(why.output.contains("out of memory"))
    let all = try JSONValue(parsing: try await demo.run(["jobs", "-o", "json"]).output)["jobs"]?.arrayValue ?? []
    let dead = all.filter { $0["note"]?.stringValue?.contains("memory") == true }
    #expect(!dead.isEmpty && dead.allSatisfy { $0["result"] == "lost" })
    let failed = try JSONValue(parsing: try await demo.run(["jobs", "--failed", "-o", "json"]).output)["jobs"]
    let names = Set((failed?.arrayValue ?? []).compactMap { $0["runner"]?.stringValue })
    #expect(dead.allSatisfy { names.contains($0["runner"]?.stringValue ?? "") })
  }

  @Test func `no line of a table is wider than the terminal, and the runner that --log needs is whole`() async throws {
    let demo = DemoFolder()
    for arguments in [
      ["jobs"], ["status"], ["doctor"], ["events"], ["list"], ["info"], ["cluster", "status"], ["cluster", "list"],
    ] {
      // Text next to the tables is prose, and may contain a command to copy.
      let lines = try demo.onTerminal(["--color", "never"] + arguments).finish().output.split(
        whereSeparator: \.isNewline
      )
      .filter { !$0.contains("`") && !$0.contains(": ") && !$0.contains(" an hour, ") }
      #expect(lines.count > 1)
      for line in lines { #expect(DisplayWidth.of(line) <= 80, "\(arguments): \(line)") }
    }
    let shown = try demo.onTerminal(["jobs", "--failed"]).finish().output
    let jobs =
      try await JSONValue(parsing: demo.run(["jobs", "--failed", "-o", "json"]).output)["jobs"]?.arrayValue ?? []
    let runners = jobs.dropFirst().compactMap { $0["runner"]?.stringValue }
    #expect(runners.count > 3)
    for runner in runners.prefix(3) { #expect(shown.contains(runner), "\(runner)") }
  }

  @Test func `a job that runs has a start, in jobs as in status`() async throws {
    let demo = DemoFolder(speed: 5)
    var started: JSONValue?
    _ = try await eventually {
      let jobs = try await JSONValue(parsing: demo.run(["jobs", "-o", "json"]).output)["jobs"]?.arrayValue ?? []
      started = jobs.first { $0["result"] == "running" }
      return started != nil
    }
    let job = try #require(started)
    #expect(job["startedAt"]?.stringValue != nil, "\(job)")
    if let estimate = job["estimate"], estimate != .null { #expect(estimate["remainingSeconds"] != .null) }
  }

  @Test(arguments: [
    ["--ascii", "info"], ["info", "--ascii"], ["--color", "never", "info"], ["--demo-seed=7", "info"],
    ["--quiet", "--context", "info", "info"],
  ]) func `options may stand before the command`(arguments: [String]) async throws {
    let demo = DemoFolder()
    let outcome = try await InProcess.run(arguments, environment: ["DESKRUN_DEMO_HOME": demo.path])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains(DeskrunVersion.current))
  }

  @Test func `without arguments and without a terminal there is help`() throws {
    #expect(try DeskrunBinary.run([]).output == CommandLineAnswer.to(["--help"]).output)
    #expect(try DeskrunBinary.run(["--ascii", "--demo"]).status == 0)
  }

  @Test func `without arguments on a terminal there is the dashboard`() throws {
    let session = try DeskrunBinary.onTerminal([])
    try session.wait(for: "This computer can run your GitHub Actions jobs.")
    session.send("q")
    let outcome = session.finish()
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("\u{1B}[?1049l"), "the screen that was there comes back")
  }

  @Test func `colours appear where they are wanted`() throws {
    let forced = try DeskrunBinary.run(["nonsense"], environment: ["CLICOLOR_FORCE": "1"]).errors
    #expect(forced.hasPrefix("\u{1B}[31merror:\u{1B}[0m"))
    let refused = try DeskrunBinary.run(["nonsense", "--color=never"], environment: ["CLICOLOR_FORCE": "1"]).errors
    #expect(!refused.contains("\u{1B}"))
    let shown = try DeskrunBinary.onTerminal(["nonsense"]).finish().output
    #expect(shown.contains("\u{1B}[31merror:"))
    let plain = try DeskrunBinary.onTerminal(["nonsense"], environment: ["NO_COLOR": "1"]).finish().output
    #expect(!plain.contains("\u{1B}"))
  }

  @Test func `what was typed cannot steer the terminal`() throws {
    let outcome = CommandLineAnswer.to(["evil\u{1B}[2J\u{07}word"])
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("evilword"))
    #expect(!outcome.errors.contains("\u{1B}"))
  }

  @Test func `info tells where the configuration is`() async throws {
    let document = try JSONValue(
      parsing: await InProcess.run(["info", "-o", "json"], environment: ["DESKRUN_HOME": "/somewhere"]).output)
    #expect(document["configFile"] == "/somewhere/config.json")
    #expect(document["version"] == .string(DeskrunVersion.current))
    let table = try await InProcess.run(["info", "--no-headers"], environment: ["HOME": "/home/me/"]).output
    let words = table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(words.contains(["configuration", "/home/me/.deskrun/config.json"]))
    #expect(!table.contains("WHAT"))
  }
}
