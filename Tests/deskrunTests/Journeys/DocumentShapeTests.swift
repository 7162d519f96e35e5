import Engine
import Foundation
import TestSupport
import Testing

@testable import CommandOutput
@testable import deskrun

/// The documents for scripts match docs/output.schema.json and docs/output.md.
@Suite(.ownThreads) struct DocumentShapeTests {
  private static func page(_ name: String) throws -> String {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
    return try String(contentsOf: package.appendingPathComponent("docs/" + name).standardizedFileURL, encoding: .utf8)
  }

  private static func validator() throws -> SchemaValidator {
    SchemaValidator(try JSONValue(parsing: page("output.schema.json")))
  }

  /// Properties without a value in this test, or only at times: they need an adoption, a running job with earlier runs,
  /// or the like.
  private static let rare: Set<String> = [
    "version.newestVersion", "jobRecord.estimate", "setup.tools.version", "setup.tools.path", "setup.tools.inPlaceOf",
    "setup.tools.problem",
    "setup.docker.commands", "setup.docker.notes",
    "plan.valueChanges.scaleSet", "plan.valueChanges.path", "plan.valueChanges.old", "plan.valueChanges.new",
    "plan.documents.files", "jobRecord.note", "cacheList.caches.installation", "cacheList.caches.target",
    "configuredInstallation.importedValues", "status.clusters.reason", "configuredInstallation.kubeconfig",
    "installation.kubeconfig", "finding.kubeconfig", "jobRecord.kubeconfig",
  ]

  @Test func `every document is as the schema says, and has all that it describes`() async throws {
    let demo = DemoFolder(speed: 60)
    var validator = try Self.validator()
    func hold(_ document: JSONValue, _ definition: String, _ source: String) {
      #expect(validator.problems(document, definition) == [], "\(source)")
    }
    func hold(_ arguments: [String], _ definition: String) async throws {
      let outcome = try await demo.run(arguments + ["-o", "json"])
      hold(try JSONValue(parsing: outcome.output), definition, "\(arguments) \(outcome.errors)")
    }
    try await hold(["version"], "version")
    try await hold(["info"], "info")
    try await hold(["list"], "list")
    let setup = try DeskrunBinary.run(
      ["setup", "--dry-run", "-o", "json"],
      environment: ["PATH": "/nowhere", "HOME": demo.path, "DESKRUN_HOME": demo.path + "/setup"])
    hold(try JSONValue(parsing: setup.output), "setup", "setup \(setup.errors)")
    try await hold(["cluster", "status"], "clusterStatus")
    try await hold(["cluster", "list"], "clusterList")
    var gone = ClusterSummary(
      target: .existing(context: "prod", kubeconfig: "/home/me/prod.yaml"), server: "https://prod:6443",
      state: .contextMissing(EngineError(.unreachable, "The kubeconfig has no context prod")), installations: 1)
    gone.sameAs = "lab"
    hold(
      ClusterCommand.ClusterList.listing([gone], standard: .kind(cluster: "deskrun"), Invocation()).document,
      "clusterList", "a context that was deleted")
    var same = StatusReport(context: "prod", cluster: .absent, snapshot: nil, installations: [])
    (same.kubeconfig, same.sameAs) = ("/home/me/prod.yaml", "lab")
    hold(StatusReport.document([same]), "status", "a cluster that was shown before")
    try await hold(["events"], "events")
    try await hold(["doctor"], "doctor")
    try await hold(["jobs"], "jobs")
    try await hold(["why"], "why")
    try FileManager.default.createDirectory(
      atPath: demo.path + "/home/cache/gone/cache-0", withIntermediateDirectories: true)
    try await hold(["cache", "list"], "cacheList")
    try await hold(["up", "--dry-run"], "plan")
    // There is also a document if there is nothing to do or to show.
    try await hold(["adopt", "web-ci", "--dry-run"], "plan")
    try await hold(["setup"], "setup")
    try await hold(["setup", "--remove"], "setup")
    // Job pods and busy runners do not always exist.
    let ofMoments = ["runner.jobPods.name", "runner.estimate"]
    _ = try await eventually {
      try await hold(["status"], "status")
      return validator.seen.isSuperset(of: ofMoments)
    }
    _ = try await eventually {
      try await hold(["remove", "web-ci", "--dry-run"], "plan")
      return validator.seen.contains("plan.busyRunners.job")
    }
    try await hold(["--demo-trouble", "drift", "status"], "status")
    try await hold(["--demo-others", "status"], "status")
    try await hold(["--demo-trouble", "listener-failing", "why", "web-ci"], "why")
    let stopped = try await demo.run(["--demo-trouble", "cluster-stopped", "status", "-o", "json"])
    #expect(stopped.status == 6)
    hold(try JSONValue(parsing: stopped.output), "status", "a cluster that is stopped")
    let silent = try await demo.run(["events", "-o", "json"])
    #expect(silent.status == 6)
    hold(try JSONValue(parsing: silent.output), "events", "events of a cluster that is stopped")
    let empty = DemoFolder(speed: 60)
    for (arguments, definition) in [
      (["events"], "events"), (["jobs"], "jobs"), (["why"], "why"), (["down", "--dry-run"], "plan"),
      (["cluster", "delete", "--dry-run"], "plan"), (["uninstall", "--dry-run"], "plan"),
      (["cache", "list"], "cacheList"),
    ] {
      let outcome = try await empty.run(["--demo-empty"] + arguments + ["-o", "json"])
      hold(try JSONValue(parsing: outcome.output), definition, "\(arguments) of nothing: \(outcome.errors)")
    }
    for authentication in [
      Authentication.app(id: "1", installationID: "2", key: .literal(Secret("never shown"))),
      .token(.environment("CI_TOKEN")),
    ] {
      var configuration = Configuration()
      configuration.set(try full(authentication))
      hold(ListReport.listing(configuration).document, "list", "list")
    }
    // The lines of `status --watch` and `record` have their own tests.
    let expected = validator.described.filter { !$0.hasPrefix("statusChange") && !$0.hasPrefix("recordEvent") }
    #expect(expected.subtracting(validator.seen).subtracting(Self.rare) == [])
    #expect(try await demo.run(["cache", "prune", "--yes"]).status == 0)
    #expect(!FileManager.default.fileExists(atPath: demo.path + "/home/cache/gone"))
  }

  private func full(_ authentication: Authentication) throws -> Installation {
    var settings = PodSettings()
    try settings.set(.environment, ["A=b"])
    try settings.set(.secretEnvironment, ["npm:TOKEN"])
    try settings.set(.cpus, ["2"])
    try settings.set(.memory, ["4Gi"])
    try settings.set(.workSize, ["10Gi"])
    try settings.set(.storageClass, ["standard"])
    try settings.set(.runnerGroup, ["builders"])
    try settings.set(.serviceAccount, ["builder"])
    try settings.set(.pullPolicy, ["Always"])
    try settings.set(.pullSecrets, ["registry"])
    try settings.set(.nodeSelector, ["disk=ssd"])
    try settings.set(.tolerations, ["gpu"])
    try settings.set(.proxy, ["http://proxy:3128"])
    try settings.set(.proxySecret, ["proxy-login"])
    try settings.set(.proxyExceptions, [".acme.com"])
    try settings.set(.certificates, ["/etc/acme.pem"])
    try settings.set(.cacheClaims, ["build:/home/runner/.npm"])
    var installation = try Installation(
      name: InstallationName("web-ci"), target: GitHubTarget("https://github.com/acme"),
      caches: [CachePath("/host:/data", home: nil)],
      mounts: [Mount(source: "/srv/data", target: "/srv", kind: .directory)], image: "runner:1", labels: ["gpu"],
      authentication: authentication, settings: settings)
    if case .app = authentication { return installation }
    installation = try Installation(
      name: InstallationName("dind"), target: GitHubTarget("https://github.com/acme"), mode: .dind,
      authentication: authentication,
      settings: {
        var settings = PodSettings()
        try settings.set(.dindImage, ["docker:dind"])
        try settings.set(.dindArguments, ["--debug"])
        return settings
      }(), valuesFiles: ["/home/me/values.yaml"])
    return installation
  }

  @Test func `every line of a watch is as the schema says`() async throws {
    let demo = DemoFolder(speed: 30)
    _ = try await demo.run(["--demo-trouble", "none", "list"])
    let session = try demo.onTerminal(["status", "--watch", "-o", "json"])
    for event in ["runner", "runnerGone"] { try session.wait(for: "\"event\":\"\(event)\"") }
    _ = try await demo.run(["--demo-trouble", "controller-missing", "list"])
    try session.wait(for: "\"event\":\"findingStarted\"")
    try session.wait(for: "\"event\":\"installation\"")
    _ = try await demo.run(["--demo-trouble", "none", "list"])
    try session.wait(for: "\"event\":\"findingGone\"")
    _ = try await demo.run(["--demo-trouble", "cluster-stopped", "list"])
    try session.wait(for: "\"event\":\"cluster\"")
    session.send("\u{03}")
    let lines = session.finish().output.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("{") }
    var validator = try Self.validator()
    for (at, line) in lines.enumerated() where line.hasSuffix("}") {
      #expect(
        validator.problems(try JSONValue(parsing: String(line)), at == 0 ? "status" : "statusChange") == [], "\(line)")
    }
    #expect(lines.count > 5)
  }

  @Test func `the page names every key and every command`() throws {
    let document = try Self.page("output.md")
    for command in [
      "version", "info", "list", "status", "why", "jobs", "record", "doctor", "events", "cache list", "cluster list",
    ] {
      #expect(document.contains("`deskrun \(command) -o json`"), "\(command)")
    }
    for path in try Self.validator().described {
      let key = path.split(separator: ".").last ?? ""
      #expect(
        document.contains("`\(key)`") || document.contains("\"\(key)\":") || document.contains(".\(key)`")
          || document.contains("[].\(key)") || document.contains("`\(key)["), "\(path)")
    }
  }

  @Test func `a document that is not as described is noticed`() throws {
    var validator = try Self.validator()
    let event: JSONObject = [
      "context": "c", "namespace": "n", "time": "2026-11-24T12:08:58Z", "type": "Normal", "reason": "r", "kind": "Pod",
      "object": "p",
      "count": 1, "message": "m",
    ]
    func problems(_ change: (inout JSONObject) -> Void) -> [String] {
      var changed = event
      change(&changed)
      return validator.problems(.object(changed), "event")
    }
    #expect(problems { _ in } == [])
    #expect(problems { $0["count"] = "1" } != [])
    #expect(problems { $0["time"] = "yesterday" } != [])
    #expect(problems { $0["more"] = true } != [])
    #expect(problems { $0["reason"] = nil } != [])
    #expect(
      validator.problems(["time": "2026-11-24T12:08:58Z", "event": "nothing", "context": "c"], "statusChange") != [])
  }
}
