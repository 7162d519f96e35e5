import Synchronization
import TestSupport
import Testing

@testable import Basics
@testable import Tools

/// Recorded errors of the real programs, and the errors shown to the user.
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
  func `kubectl, kind and Docker`(file: String, kind: EngineError.Kind) throws {
    let error = try explain(file)
    #expect(error.kind == kind)
    #expect(!error.what.isEmpty)
  }

  @Test(arguments: [
    #"error: error loading config file "/k/dir": read /k/dir: is a directory"#,
    #"error: error loading config file "/k/text": yaml: line 1: did not find expected node content"#,
    #"error: error loading config file "/k/text": couldn't get version/kind; json parse error: json: cannot unmarshal"#,
    #"Error: kubernetes cluster unreachable: error loading config file "/k/dir": read /k/dir: is a directory"#,
  ])
  func `a kubeconfig that cannot be read is one that reaches no cluster`(said: String) {
    let tool: ToolName = said.hasPrefix("Error") ? .helm : .kubectl
    let error = ToolFailure.explain(
      tool, arguments: ["get", "pods"], result: ToolResult(exit: .code(1), errorOutput: Array(said.utf8)))
    #expect(error.kind == .unreachable && error.what.hasPrefix("The kubeconfig /k/"), "\(error.what)")
    // The reason without kubectl's introduction, and without what Go says of its own types.
    #expect(error.why?.contains("error loading") == false && error.why?.contains("json") == false)
    #expect(error.fix?.contains("KUBECONFIG") == true)
  }

  @Test(
    arguments: ["helm-error", "helm4-error"],
    [
      ("unreachable", EngineError.Kind.unreachable), ("unauthorized", .unauthorized), ("not-found", .notFound),
      ("uninstall-absent", .notFound), ("offline", .unreachable), ("max-lt-min", .invalid), ("long-name", .invalid),
      ("no-secret", .invalid), ("bad-yaml", .invalid), ("exists", .failed),
    ])
  func `Helm three and four`(prefix: String, sample: (String, EngineError.Kind)) throws {
    let error = try explain("\(prefix)-\(sample.0).txt", ["upgrade", "--install", "x"])
    #expect(error.kind == sample.1)
  }

  @Test(arguments: ["W0312 10:22:41.000000    4711 warnings.go:70] ", "I1231 23:59:59.000000 1 round_trippers.go:1] "])
  func `a remark of the clients own log is no reason`(remark: String) {
    let error = ToolFailure.explain(
      .kubectl, arguments: ["get", "pods"],
      result: ToolResult(exit: .code(1), errorOutput: Array("\(remark)unknown field x\nthe matter itself\n".utf8)))
    #expect(error.why == "the matter itself")
    // A word that only starts like a prefix.
    let other = ToolFailure.explain(
      .kubectl, arguments: ["get", "pods"],
      result: ToolResult(exit: .code(1), errorOutput: Array("W1 is missing\nsee above\n".utf8)))
    #expect(other.why == "W1 is missing")
  }

  @Test func `every failure that can be mended says how`() throws {
    for file in ["error-refused.txt", "docker-down-info.txt", "helm-error-offline.txt", "error-no-context.txt"] {
      let error = try explain(file)
      #expect(error.fix != nil, "\(file)")
    }
  }

  @Test func `the noise of the clients cache is left out`() throws {
    let error = try explain("error-refused.txt")
    #expect(!error.details.contains { $0.contains("memcache.go") })
  }

  @Test func `control characters never get through`() {
    let result = ToolResult(
      exit: .code(1), errorOutput: Array("boom \u{1B}[31mred\u{07}\u{1B}]0;title\u{07} end\n".utf8))
    let error = ToolFailure.explain(.kubectl, arguments: ["get"], result: result)
    for text in [error.what, error.why ?? ""] + error.details {
      #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 })
    }
    #expect(error.why == "boom red end")
  }

  private func failed(_ tool: ToolName, output: String = "", errors: String = "") -> EngineError {
    ToolFailure.explain(
      tool, arguments: ["start", "x"],
      result: ToolResult(exit: .code(1), output: Array(output.utf8), errorOutput: Array(errors.utf8)))
  }

  @Test func `what a program says on its output counts where it says nothing else`() {
    let wsl = "The command 'docker' could not be found in this WSL 2 distro.\r\nWe recommend to activate it.\r\n"
    #expect(failed(.docker, output: wsl).why?.contains("could not be found in this WSL 2 distro") == true)
  }

  @Test func `a credential plugin that fails is no cluster that does not answer`() {
    let said = """
      session expired: run `corp login`
      Unable to connect to the server: getting credentials: exec: executable corp failed with exit code 1

      """
    let error = ToolFailure.explain(
      .kubectl, arguments: ["get", "--raw", "/version", "--context", "work"],
      result: ToolResult(exit: .code(1), errorOutput: Array(said.utf8)))
    #expect(error.kind == .failed)
    #expect(error.what == "The program that gives this kubeconfig's credentials failed")
    #expect(error.why?.contains("executable corp failed") == true)
    #expect(error.fix?.contains("kubectl version --context work") == true)
  }

  @Test func `the first telling line is the reason`() {
    let errors =
      "WARNING: an old client\nError response from daemon: no such image\nError: failed to start containers: x\n"
    #expect(failed(.docker, errors: errors).why == "Error response from daemon: no such image")
    #expect(failed(.docker, errors: "warning: x\nsomething broke\nsee the manual\n").why == "something broke")
  }

  @Test(arguments: [
    (
      "Error: GET \"https://ghcr.io/v2/actions/x\": GET \"https://ghcr.io/token\": response status code 403: denied: denied",
      "helm registry logout ghcr.io"
    ),
    (
      "Error: error getting credentials - err: exec: \"docker-credential-desktop.exe\": executable file not found in $PATH",
      "credsStore"
    ),
    (
      "Error: failed to do request: Head \"https://ghcr.io/v2/403\": x509: certificate signed by unknown authority",
      "certificate"
    ),
    (
      "Error: GET \"https://ghcr.io/v2/actions/x\": response status code 429: toomanyrequests: denied",
      "wait some minutes"
    ),
    ("Error: Get \"https://ghcr.io/v2/denied/403\": dial tcp: lookup ghcr.io: no such host", "HTTPS_PROXY"),
  ]) func `why a chart cannot be downloaded is told apart`(said: String, fix: String) {
    let error = failed(.helm, errors: said)
    #expect(error.fix?.contains(fix) == true, "\(error)")
    #expect(error.why == ToolFailure.withoutPrefix(said))
  }

  @Test func `a file that helm does not find is none of the values files, which it gets over standard input`() {
    let error = failed(.helm, errors: "Error: stat /nowhere/config: no such file or directory")
    #expect(error.kind == .invalid && error.why?.contains("/nowhere/config") == true)
    #expect(error.fix?.contains("KUBECONFIG") == true && !error.what.contains("values"))
  }

  @Test func `a program that fails is heard in full where somebody listens`() async throws {
    let heard = Lock<[String]>([])
    let program = Program(
      tool: .docker, path: "/bin/sh", runner: SystemToolRunner(), environment: ["PATH": "/usr/bin:/bin"],
      onCall: nil, onLine: { line in heard.withLock { $0.append(line.text) } })
    _ = try await program.attempt(["-c", "echo on output; echo on error >&2; exit 1"], timeout: .seconds(60))
    #expect(Set(heard.withLock { $0 }) == ["on output", "on error"])
  }

  @Test func `a run that took too long says so`() {
    let error = ToolFailure.explain(.helm, arguments: ["list"], result: ToolResult(exit: .timedOut))
    #expect(error.kind == .timedOut)
  }
}

/// Programs that were killed, by deskrun or by others.
@Suite struct EndedToolTests {
  private func explain(_ exit: ToolExit, timeout: Duration? = nil) -> EngineError {
    ToolFailure.explain(.kubectl, arguments: ["get", "pods"], result: ToolResult(exit: exit, timeout: timeout))
  }

  @Test func `what ended it is named with what to do`() throws {
    let killed = explain(.signal(9))
    #expect(killed.what == "kubectl get pods was ended by SIGKILL")
    #expect(killed.why?.contains("memory") == true)
    #expect(killed.fix?.contains("journalctl") == true)
    let ended = explain(.signal(15))
    #expect(ended.what.hasSuffix("SIGTERM") && ended.why?.contains("Another process") == true && ended.fix != nil)
    let crashed = explain(.signal(11))
    #expect(crashed.what.hasSuffix("SIGSEGV") && crashed.fix?.contains("update kubectl") == true)
    let late = explain(.timedOut, timeout: .seconds(40))
    #expect(late.what == "kubectl get pods did not finish within 40s" && late.fix != nil)
  }

  @Test func `a program that writes without end is stopped with an error`() async throws {
    let program = Program(
      tool: .kubectl, path: "/bin/sh", runner: SystemToolRunner(), environment: ["PATH": "/usr/bin:/bin"],
      onCall: nil, onLine: nil)
    let error = await #expect(throws: EngineError.self) {
      try await program.run(["-c", "while :; do echo more; done"], timeout: .seconds(300), outputLimit: 3 << 20)
    }
    #expect(error?.what == "kubectl wrote more than 3 MiB")
    #expect(error?.fix?.contains("kubectl -c") == true)
  }
}
