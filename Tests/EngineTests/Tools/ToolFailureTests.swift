import Testing

@testable import Engine

/// What the real programs said when something was wrong, recorded, and what a user is told.
@Suite struct ToolFailureTests {
  static let recorded: [String: (tool: ToolName, stderr: String)] = {
    var recorded: [String: (tool: ToolName, stderr: String)] = [:]
    guard let bytes = try? fixture("tools/failures.json"), let document = try? JSONValue(parsing: bytes) else {
      return [:]
    }
    for entry in document.arrayValue ?? [] {
      guard let file = entry["file"]?.stringValue, let stderr = entry["stderr"]?.stringValue,
        let tool = entry["tool"]?.stringValue.flatMap(ToolName.init(rawValue:))
      else { continue }
      recorded[file] = (tool, stderr)
    }
    return recorded
  }()

  private func explain(_ file: String, _ arguments: [String] = ["get", "pods"]) throws -> EngineError {
    let (tool, stderr) = try #require(Self.recorded[file])
    return ToolFailure.explain(
      tool, arguments: arguments, result: ToolResult(exit: .code(1), errorOutput: Array(stderr.utf8)))
  }

  @Test(arguments: [
    ("error-refused.txt", EngineError.Kind.unreachable), ("error-hanging-server.txt", .unreachable),
    ("error-unauthorized.txt", .unauthorized), ("error-forbidden.txt", .unauthorized),
    ("error-no-context.txt", .unreachable), ("error-not-found.txt", .notFound), ("error-logs-gone.txt", .notFound),
    ("error-no-resource-type.txt", .notFound), ("docker-down-info.txt", .unreachable),
    ("docker-inspect-absent.txt", .notFound), ("kind-docker-down-get.txt", .unreachable),
    ("kind-docker-down-create.txt", .unreachable), ("kind-create-exists.txt", .failed),
    ("kind-kubeconfig-absent.txt", .notFound),
  ])
  func kubectlKindAndDocker(file: String, kind: EngineError.Kind) throws {
    let error = try explain(file)
    #expect(error.kind == kind)
    #expect(!error.what.isEmpty)
  }

  @Test(
    arguments: ["helm-error", "helm4-error"],
    [
      ("unreachable", EngineError.Kind.unreachable), ("unauthorized", .unauthorized), ("not-found", .notFound),
      ("uninstall-absent", .notFound), ("offline", .unreachable), ("max-lt-min", .invalid), ("long-name", .invalid),
      ("no-secret", .invalid), ("bad-yaml", .invalid), ("exists", .failed),
    ])
  func helmThreeAndFour(prefix: String, sample: (String, EngineError.Kind)) throws {
    let error = try explain("\(prefix)-\(sample.0).txt", ["upgrade", "--install", "x"])
    #expect(error.kind == sample.1)
  }

  @Test func everyFailureThatCanBeMendedSaysHow() throws {
    for file in ["error-refused.txt", "docker-down-info.txt", "helm-error-offline.txt", "error-no-context.txt"] {
      let error = try explain(file)
      #expect(error.fix != nil, "\(file)")
    }
  }

  @Test func theNoiseOfTheClientsCacheIsLeftOut() throws {
    let error = try explain("error-refused.txt")
    #expect(!error.details.contains { $0.contains("memcache.go") })
  }

  @Test func controlCharactersNeverGetThrough() {
    let result = ToolResult(
      exit: .code(1), errorOutput: Array("boom \u{1B}[31mred\u{07}\u{1B}]0;title\u{07} end\n".utf8))
    let error = ToolFailure.explain(.kubectl, arguments: ["get"], result: result)
    for text in [error.what, error.why ?? ""] + error.details {
      #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 })
    }
    #expect(error.why == "boom red end")
  }

  @Test func aRunThatTookTooLongSaysSo() {
    let error = ToolFailure.explain(.helm, arguments: ["list"], result: ToolResult(exit: .timedOut))
    #expect(error.kind == .timedOut)
  }
}
