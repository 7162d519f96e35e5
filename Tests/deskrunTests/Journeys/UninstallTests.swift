import Engine
import Foundation
import TestSupport
import Testing

@Suite(.ownThreads) struct UninstallTests {
  @Test func `it removes scale sets, cluster and configuration, and the second time finds nothing`() async throws {
    let demo = DemoFolder(speed: 1000)
    let shown = try await demo.run(["uninstall", "--dry-run"])
    #expect(shown.status == 0)
    let order = ["uninstall scale set web-ci", "delete cluster kind-deskrun", "delete configuration, history and logs"]
    let places = order.compactMap { shown.output.range(of: $0)?.lowerBound }
    #expect(places.count == 3 && places == places.sorted(), "\(shown.output)")
    #expect(shown.errors.contains("Keeps:   the program "))
    #expect(try await demo.run(["list", "-o", "name"]).output.contains("web-ci"), "a dry run changes nothing")
    let outcome = try await demo.run(["uninstall", "--yes", "--now"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: demo.path + "/home/config.json"))
    #expect(try await demo.status()["cluster"]?["state"] == "absent")
    let again = try await demo.run(["uninstall", "--yes"])
    #expect(again.status == 0)
    #expect(again.errors.contains("Nothing to uninstall"), "\(again.errors)")
  }

  @Test func `it is asked for, and a no changes nothing`() async throws {
    let demo = DemoFolder(speed: 1000)
    let outcome = try await demo.run(["uninstall"], input: "n\n")
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("Removes: cluster kind-deskrun"), "\(outcome.errors)")
    #expect(try await demo.run(["list", "-o", "name"]).output.contains("web-ci"))
  }

  @Test func `a cluster that does not answer is told before another is taken down`() async throws {
    let demo = DemoFolder(speed: 1000)
    _ = try await demo.run(["--demo-clusters", "2", "--demo-outage", "refuse", "list"])
    for options in [["--yes", "--now"], ["--dry-run"], ["--yes", "--keep-config"]] {
      let command = ["uninstall"] + options
      let outcome = try await demo.run(command)
      #expect(outcome.status == 6, "\(outcome.errors)")
      #expect(outcome.errors.contains("prod does not answer, so nothing was changed"), "\(outcome.errors)")
      #expect(outcome.errors.contains("Nothing was changed on any cluster."), "\(outcome.errors)")
      #expect(outcome.output.isEmpty, "no plan is shown that cannot be carried out")
    }
    let list = try await demo.run(["list", "-o", "name"]).output
    #expect(list.contains("web-ci") && list.contains("api-ci"))
    #expect(try await demo.status()["clusters"]?[0]?["state"] == "ready")
    // Everything else can be removed all the same.
    let asked = try await demo.run(["uninstall", "--skip-cluster"])
    #expect(asked.errors.contains("Keeps:   the clusters kind-deskrun, prod with what is in them"), "\(asked.errors)")
    let rest = try await demo.run(["uninstall", "--skip-cluster", "--yes"])
    #expect(rest.status == 0, "\(rest.errors)")
  }

  @Test func `all clusters that refuse are told, the default one too`() async throws {
    let demo = DemoFolder(speed: 1000)
    _ = try await demo.run([
      "--demo-clusters", "3", "--demo-outage", "refuse", "--demo-trouble", "context-missing", "list",
    ])
    #expect(try await demo.run(["cluster", "use", "prod"]).status == 0)
    let outcome = try await demo.run(["uninstall", "--yes", "--now"])
    #expect(outcome.errors.contains("prod does not answer"), "\(outcome.errors)")
    #expect(outcome.errors.contains("web-ci was deployed through it"), "\(outcome.errors)")
    #expect(outcome.status != 0 && outcome.errors.contains("Nothing was changed on any cluster."))
    // Neither the kind cluster nor the third one was touched.
    let clusters = try JSONValue(parsing: await demo.run(["cluster", "list", "-o", "json"]).output)["clusters"]
    for context in ["kind-deskrun", "lab"] {
      let cluster = try #require(clusters?.arrayValue?.first { $0["context"]?.stringValue == context })
      #expect(cluster["state"] == "ready", "\(cluster)")
      #expect(cluster["controller"]?["installedBy"] == "deskrun", "\(cluster)")
    }
    #expect(try await demo.run(["list", "-o", "name"]).output.contains("docs-ci"))
  }

  @Test func `several clusters are taken down with the rest`() async throws {
    let demo = DemoFolder(speed: 1000)
    _ = try await demo.run(["--demo-clusters", "3", "list"])
    let outcome = try await demo.run(["uninstall", "--yes", "--now"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    for text in ["docs-ci", "api-ci", "delete cluster kind-deskrun", "Uninstalled."] {
      #expect(outcome.errors.contains(text), "\(outcome.errors)")
    }
  }

  @Test func `the configuration can be kept`() async throws {
    let demo = DemoFolder(speed: 1000)
    let outcome = try await demo.run(["uninstall", "--yes", "--now", "--keep-config"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try await demo.run(["list", "-o", "name"]).output.contains("web-ci"))
    #expect(try await demo.status()["cluster"]?["state"] == "absent")
  }

  @Test func `what an interruption left is removed by the same command`() async throws {
    let tools = try await StandInTools(
      """
      case "$0 $*" in
      *kind*delete*) [ -e "$NOTES" ] || { echo stopped >"$NOTES"; kill -INT $PPID; exec sleep 300; } ;;
      esac
      """)
    let first = try DeskrunBinary.run(["uninstall", "--yes", "--now"], environment: tools.environment)
    #expect(first.status == 130, "\(first.errors)")
    #expect(FileManager.default.fileExists(atPath: tools.demo.path + "/home/config.json"))
    let second = try DeskrunBinary.run(["uninstall", "--yes", "--now"], environment: tools.environment)
    #expect(second.status == 0, "\(second.errors)")
    #expect(!FileManager.default.fileExists(atPath: tools.demo.path + "/home"))
  }

  @Test func `files of others in the folder of the configuration stay`() async throws {
    let demo = DemoFolder(speed: 1000)
    _ = try await demo.run(["status"])
    try Data("mine".utf8).write(to: URL(fileURLWithPath: demo.path + "/home/notes.txt"))
    let outcome = try await demo.run(["uninstall", "--yes", "--now"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: demo.path + "/home") == ["notes.txt"])
    #expect(outcome.errors.contains("it also contains notes.txt"))
  }

  @Test func `without programs and without a cluster there is nothing to ask`() throws {
    let home = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: home.path + "/.deskrun/tools", withIntermediateDirectories: true)
    try home.write("#!/bin/sh\n", to: ".deskrun/tools/helm", mode: 0o755)
    let environment = ["PATH": home.path, "HOME": home.path]
    let outcome = try DeskrunBinary.run(["uninstall", "--yes"], environment: environment)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: home.path) == [])
  }

  #if os(Linux)
  private func folderWithService() throws -> (home: TemporaryFolder, unit: String, environment: [String: String]) {
    let home = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: home.path + "/bin", withIntermediateDirectories: true)
    try home.write("#!/bin/sh\necho \"$@\" >>'\(home.path)/calls'\n", to: "bin/systemctl", mode: 0o755)
    let environment = ["PATH": home.path + "/bin:/usr/bin:/bin", "HOME": home.path]
    let installation = try DeskrunBinary.run(["record", "--install-service"], environment: environment)
    #expect(installation.status == 0, "\(installation.errors)")
    return (home, home.path + "/.config/systemd/user/deskrun-record.service", environment)
  }

  @Test func `the service of record is stopped and removed`() throws {
    let (home, unit, environment) = try folderWithService()
    #expect(FileManager.default.fileExists(atPath: unit))
    let outcome = try DeskrunBinary.run(["uninstall", "--yes", "--skip-cluster"], environment: environment)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("remove the service deskrun-record"), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: unit))
    let calls = try String(contentsOfFile: home.path + "/calls", encoding: .utf8)
    #expect(calls.hasSuffix("--user disable --now deskrun-record.service\n--user daemon-reload\n"), "\(calls)")
  }

  @Test func `to uninstall in the demo leaves the real services alone`() throws {
    let (home, unit, environment) = try folderWithService()
    let demo = environment.merging(["DESKRUN_DEMO_HOME": home.path + "/demo"]) { $1 }
    let outcome = try DeskrunBinary.run(
      ["--demo-speed", "1000", "uninstall", "--yes", "--now"], environment: demo)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(FileManager.default.fileExists(atPath: unit))
  }
  #endif
}
