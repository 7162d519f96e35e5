import Engine
import Foundation
import TestSupport
import Testing

/// The whole path with the real kubectl, helm, kind and docker on this machine. It creates and deletes its own kind
/// cluster, so it only runs on request: `DESKRUN_LIVE_TESTS=1 make test`. It does not need GitHub: the token is fake,
/// so registration is only expected with a stand-in for GitHub (`DESKRUN_LIVE_REGISTERS=1`).
@Suite(
  .serialized,
  .enabled("set DESKRUN_LIVE_TESTS=1, with kubectl, helm, kind and docker installed, to run against a real cluster") {
    ProcessInfo.processInfo.environment["DESKRUN_LIVE_TESTS"] == "1"
      && ["kubectl", "helm", "kind", "docker"].allSatisfy { DeskrunBinary.find($0) != nil }
  })
struct LiveClusterTests {
  private let place: TemporaryFolder
  var home: String { place.path }
  let environment: [String: String]
  private static let token = "ghp_livelivelivelivelive"

  init() throws {
    let outer = ProcessInfo.processInfo.environment
    place = try TemporaryFolder()
    let home = place.path
    try Data(#"{"cluster_name": "deskrun-live", "installations": {}}"#.utf8)
      .write(to: URL(fileURLWithPath: home + "/config.json"))
    environment = outer.merging(["DESKRUN_HOME": home]) { $1 }
  }

  func run(_ arguments: String..., fault: [String: String] = [:], input: String = token) throws -> DeskrunBinary.Outcome
  {
    try DeskrunBinary.run(arguments, environment: environment.merging(fault) { $1 }, input: input)
  }

  func context() throws -> String {
    try DeskrunBinary.tool(
      try #require(DeskrunBinary.find("kubectl")), ["config", "current-context"], environment: environment
    )
    .output
  }

  @Test(
    .enabled("set DESKRUN_LIVE_REGISTERS=1 where something stands in for GitHub") {
      ProcessInfo.processInfo.environment["DESKRUN_LIVE_REGISTERS"] == "1"
    })
  func `from nothing to runners and away again`() throws {
    defer { _ = try? run("cluster", "delete", "--yes") }
    let key = home + "/key.pem"
    let openssl = try #require(DeskrunBinary.find("openssl"))
    #expect(try DeskrunBinary.tool(openssl, ["genrsa", "-traditional", "-out", key, "2048"]).status == 0)

    for arguments in [
      ["add", "live-k", "-r", "acme/web", "--cache", "/root/.cache", "--auth-value", "-"],
      [
        "add", "live-p", "-r", "acme/infra", "-m", "cached-privileged-kubernetes", "--cache", "/nix/store",
        "--auth-type", "github-app", "--app-id", "12345", "--app-installation-id", "678", "--auth-value", "@" + key,
      ],
      [
        "add", "live-d", "-r", "acme/tools", "-m", "dind", "--cache", "/var/lib/docker", "--max-runners", "1",
        "--auth-value", "-",
      ],
    ] {
      let outcome = try DeskrunBinary.run(arguments, environment: environment, input: Self.token)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let status = try JSONValue(parsing: run("status", "-o", "json").output)
    #expect(status["controller"]?["version"] == .string(SupportedARC.newest.description))
    for installation in status["installations"]?.arrayValue ?? [] {
      #expect(installation["registered"] == true)
      #expect(installation["listener"] == "running")
    }
    #expect(try run("scale", "live-k", "--max", "2").status == 0)
    #expect(try run("logs", "--controller", "--tail", "5").status == 0)
    let refused = try run("add", "live-bad", "-r", "acme/web", "--auth-value", "-", input: "bad_token_bad_token")
    #expect(refused.status == 4, "\(refused.errors)")
    #expect(try run("add", "live-bad", "-r", "acme/web", "--auth-value", "-").status == 0)
    for name in ["live-bad", "live-p"] {
      let removed = try run("remove", name, "--yes", "--now")
      #expect(removed.status == 0, "\(removed.errors)")
    }
    #expect(try run("list", "-o", "name").output == "live-d\nlive-k\n")
    #expect(try run("down", "--yes", "--now").status == 0)
    #expect(try run("status").status == 6)
    #expect(try run("up").status == 0)
    let again = try JSONValue(parsing: run("status", "-o", "json").output)
    #expect(again["installations"]?.arrayValue?.map { $0["registered"] } == [true, true])
    #expect(try run("down", "--yes", "--now").status == 0)
  }

  @Test func `the user's current context stays as it was`() throws {
    defer { _ = try? run("cluster", "delete", "--yes") }
    let before = try context()
    #expect(try run("cluster", "create").status == 0)
    #expect(try context() == before)
    #expect(try run("cluster", "status").status == 0)
    #expect(try run("cluster", "delete", "--yes").status == 0)
    #expect(try context() == before)
  }
}
