import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

@Suite struct ControllerLogTests {
  static let target: GitHubTarget? = try? GitHubTarget("https://github.com/acme/web")

  func line(
    _ error: String, name: String = "web-ci",
    message: String = "Failed to initialize Actions service client for creating a new runner scale set"
  ) -> String {
    let details: JSONValue = [
      "version": "0.14.2", "autoscalingrunnerset": ["name": .string(name)], "error": .string(error),
    ]
    return "2026-11-24T00:00:35Z\tERROR\tAutoscalingRunnerSet\t\(message)\t\(details.encoded())\n"
  }

  func problem(_ log: String) throws -> EngineError? {
    ControllerLog.registrationProblem(log: log, scaleSet: "web-ci", target: try #require(Self.target))
  }

  @Test(arguments: [
    ("github api error: StatusCode 401, body: {\"message\":\"Bad credentials\"}", EngineError.Kind.unauthorized, "401"),
    ("github api error: StatusCode 403, Resource not accessible by integration", .unauthorized, "403"),
    ("github api error: StatusCode 404, Not Found", .unauthorized, "404"),
    ("failed to parse RSA private key from PEM", .unauthorized, "private key"),
    ("both PAT and GitHub App credentials provided. should only provide one", .unauthorized, "at once"),
    ("invalid config URL", .invalid, "address"), ("secrets \"web-ci-credentials\" not found", .failed, "Secret"),
    ("dial tcp: lookup api.github.com: no such host", .unreachable, "github.com"),
    ("something nobody has seen before", .failed, "nobody has seen"),
  ])
  func `causes are told apart`(error: String, kind: EngineError.Kind, words: String) throws {
    let problem = try #require(try problem(line(error)))
    #expect(problem.kind == kind)
    #expect(problem.why?.contains(words) == true, "\(problem.why ?? "")")
    #expect(problem.fix != nil)
  }

  @Test func `what a line quotes decides nothing`() throws {
    // The name of another scale set, and the text of a success, inside an error message.
    let quoting = line("StatusCode 401: {\"name\": \"web-ci\"}", name: "other")
    #expect(try problem(quoting) == nil)
    let success = line("StatusCode 401, Created/Reused a runner scale set")
    #expect(try problem(success)?.kind == .unauthorized)
  }

  @Test(arguments: [
    #"{"severity":"error","ts":"x","logger":"AutoscalingRunnerSet","message":"Failed to get runner scale set from Actions service","autoscalingrunnerset":{"name":"web-ci","namespace":"arc-systems"},"error":"StatusCode 401"}"#,
    "2026-11-24T00:00:35Z\tERROR\tReconciler error\t{\"controllerKind\": \"AutoscalingRunnerSet\", \"name\": \"web-ci\", \"error\": \"StatusCode 401\"}",
    "2026-11-24T00:00:35.5Z 2026-11-24T00:00:35Z\tERROR\tReconciler error\t{\"name\": \"web-ci\", \"error\": \"StatusCode 401\"}",
  ])
  func `every form of the log is read`(line: String) throws { #expect(try problem(line)?.kind == .unauthorized) }

  @Test func `the newest line counts`() throws {
    let success =
      "2026-11-24T00:00:36Z\tINFO\tAutoscalingRunnerSet\tCreated/Reused a runner scale set\t{\"autoscalingrunnerset\": {\"name\": \"web-ci\"}}\n"
    #expect(try problem(line("StatusCode 401") + success) == nil)
    #expect(try problem(success + line("StatusCode 401"))?.kind == .unauthorized)
  }

  @Test func `a refusal from before does not count`() throws {
    let target = try #require(Self.target)
    let at = try #require(Timestamp.parse("2026-11-24T00:00:35Z"))
    let log = line("StatusCode 401")
    #expect(ControllerLog.registrationProblem(log: log, scaleSet: "web-ci", target: target, since: at + 1) == nil)
    #expect(ControllerLog.registrationProblem(log: log, scaleSet: "web-ci", target: target, since: at) != nil)
  }

  @Test func `other people's problems are not ours`() throws {
    #expect(try problem(line("StatusCode 401", name: "web-ci-2")) == nil)
    #expect(try problem("") == nil)
    #expect(try problem("garbage\n\u{1B}[31m{{{\n") == nil)
  }

  @Test func `the recording of a healthy controller has no problem`() throws {
    let log = try fixture("observation/logs-controller.txt")
    #expect(try problem(String(decoding: log, as: UTF8.self)) == nil)
  }

  @Test func `skew is named`() throws {
    let log =
      "2026-11-24T00:00:36Z\tINFO\tAutoscalingRunnerSet\tAutoscaling runner set version doesn't match the build version. Deleting the resource.\t{\"autoscalingrunnerset\": {\"name\": \"web-ci\"}}\n"
    #expect(try problem(log)?.fix?.contains("deskrun upgrade") == true)
  }

  @Test func `the permission fits what is served`() throws {
    #expect(ControllerLog.permission(for: try GitHubTarget("acme/web")).contains("repo"))
    #expect(ControllerLog.permission(for: try GitHubTarget("https://github.com/acme")).contains("admin:org"))
    #expect(
      ControllerLog.permission(for: try GitHubTarget("https://github.com/enterprises/x")).contains(
        "manage_runners:enterprise"))
  }
}
