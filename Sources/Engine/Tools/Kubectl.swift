import Basics

/// The Kubernetes client. Every call specifies the context, so the user's current context is neither used nor changed.
package struct Kubectl: Sendable {
  package let program: Program
  package let target: ClusterTarget

  private func located(_ arguments: [String], requestTimeout: Duration? = nil) -> [String] {
    var all = arguments + ["--context", target.context]
    if let kubeconfig = target.kubeconfig { all += ["--kubeconfig", kubeconfig] }
    if let requestTimeout { all.append("--request-timeout=\(max(1, requestTimeout.components.seconds))s") }
    return all
  }

  /// Added to the request timeout for kubectl itself.
  private static let margin: Duration = .seconds(10)

  package func clientVersion() async throws -> ToolVersion {
    let answer = try await program.json(["version", "--client", "-o", "json"], timeout: .seconds(20))
    return ToolVersion(text: answer["clientVersion"]?["gitVersion"]?.stringValue ?? "unknown")
  }

  // MARK: The API as a pipe

  /// The response to a GET, as sent by the server.
  package func get(_ path: String, timeout: Duration) async throws -> [UInt8] {
    try await program.run(
      located(["get", "--raw", path], requestTimeout: timeout), timeout: timeout + Self.margin,
      outputLimit: Program.listLimit
    ).output
  }

  /// The response to a GET as JSON.
  ///
  /// - Throws: `EngineError`, also if the response is not JSON; `CancellationError`.
  package func json(_ path: String, timeout: Duration) async throws -> JSONValue {
    try program.decode(try await get(path, timeout: timeout), of: located(["get", "--raw", path]))
  }

  /// A streaming GET; see `KubernetesAPI`.
  package func stream(
    _ path: String, onLines: @Sendable ([ArraySlice<UInt8>]) async throws -> Void
  ) async throws {
    let arguments = located(["get", "--raw", path])
    let call = ToolCall(program.path, arguments, environment: program.environment)
    program.onCall?(call)
    let lines = StreamLines(cutsLongLines: path.contains("/log?"))
    let result = try await program.runner.stream(call) { chunk in
      let complete = try lines.append(chunk)
      if !complete.isEmpty { try await onLines(complete) }
    }
    // Discard an incomplete line of an interrupted stream.
    guard result.exit.isSuccess else { throw program.failure(arguments, result) }
    if let last = lines.finish() { try await onLines([last]) }
  }

  /// The maximum size of a response, in bytes.
  package static let answerLimit = Program.listLimit

  /// The call that serves the API at a socket until terminated. Read-only, and limited to the specified paths.
  ///
  /// - Parameters:
  ///   - acceptedPaths: regular expressions, without commas.
  ///   - appendsServerPath: for a server URL with a path. Supported by kubectl 1.24 and later.
  ///   - isFrugal: whether it should use less memory, for which it takes longer to start.
  package func proxy(
    socket: String, acceptedPaths: [String], appendsServerPath: Bool, isFrugal: Bool
  ) -> ToolCall {
    var arguments = [
      "proxy", "--unix-socket=\(socket)", "--reject-methods=POST,PUT,PATCH,DELETE",
      "--accept-paths=\(acceptedPaths.joined(separator: ","))",
    ]
    if appendsServerPath { arguments.append("--append-server-path=true") }
    var call = ToolCall(
      program.path, located(arguments),
      environment: program.environment.merging(isFrugal ? Self.frugality : [:]) { users, _ in users })
    call.gracePeriod = .seconds(1)
    return call
  }

  /// A proxy that runs as long as the dashboard does little work: earlier garbage collection with one thread saves
  /// memory at the same processor time, but it starts later. Measured in docs/decisions/013-one-pipe.md.
  private static let frugality = ["GOGC": "25", "GOMAXPROCS": "1"]

  /// Runs a call until it exits or the task is canceled.
  ///
  /// - Parameter onOutput: called with its standard output.
  package func serve(_ call: ToolCall, onOutput: @Sendable ([UInt8]) -> Void) async throws -> ToolResult {
    program.onCall?(call)
    return try await program.runner.stream(call) { onOutput($0) }
  }

  /// The error of a call that exited.
  package func failure(of call: ToolCall, _ result: ToolResult) -> EngineError {
    program.failure(call.arguments, result)
  }

  /// The error for a failed GET, as if reported by kubectl.
  ///
  /// - Parameter said: what kubectl would write to standard error.
  package func failure(getting path: String, said: String) -> EngineError {
    program.failure(
      located(["get", "--raw", path]), ToolResult(exit: .code(1), errorOutput: Array(said.utf8)))
  }

  /// Parses a response as JSON.
  package func document(_ answer: [UInt8], of path: String) throws(EngineError) -> JSONValue {
    try program.decode(answer, of: located(["get", "--raw", path]))
  }

  /// The kubeconfig files that kubectl reads.
  package var configurationFiles: [String] {
    target.kubeconfig.map { [$0] } ?? KubeconfigFiles.standard(program.environment)
  }

  // MARK: Objects

  /// An object, or nil if it does not exist.
  package func get(kind: String, name: String, namespace: String?) async throws -> JSONValue? {
    let arguments = located(
      ["get", kind, name] + Self.namespace(namespace) + ["-o", "json", "--ignore-not-found"],
      requestTimeout: .seconds(30))
    let result = try await program.run(arguments, timeout: .seconds(40))
    return result.output.isEmpty ? nil : try program.decode(result.output, of: arguments)
  }

  /// The objects of a kind; in all namespaces if none is specified.
  package func list(kind: String, namespace: String?, selector: String? = nil) async throws -> [JSONValue] {
    var arguments = ["get", kind] + (namespace == nil ? ["--all-namespaces"] : Self.namespace(namespace))
    if let selector { arguments += ["-l", selector] }
    let answer = try await program.json(
      located(arguments + ["-o", "json"], requestTimeout: .seconds(60)), timeout: .seconds(70),
      outputLimit: Program.listLimit)
    return answer["items"]?.arrayValue ?? []
  }

  /// Applies objects. They are passed through standard input, the only channel used for secrets.
  ///
  /// Server-side, because client-side apply would store a copy of a Secret in an annotation.
  package func apply(_ manifests: [JSONValue]) async throws {
    let document: JSONValue = ["apiVersion": "v1", "kind": "List", "items": .array(manifests)]
    try await apply(document: Array(document.encoded().utf8))
  }

  /// Applies a document written by a tool, in JSON or YAML.
  package func apply(document: [UInt8]) async throws {
    _ = try await program.run(
      located(
        ["apply", "--server-side", "--force-conflicts", "--field-manager=deskrun", "-f", "-"],
        requestTimeout: .seconds(30)),
      input: document, timeout: .seconds(50), tellsLines: true)
  }

  /// Deletes an object; succeeds if it does not exist.
  package func delete(kind: String, name: String, namespace: String?, wait: Bool) async throws {
    _ = try await program.run(
      located(
        ["delete", kind, name] + Self.namespace(namespace) + ["--ignore-not-found", "--wait=\(wait)"]),
      timeout: .seconds(60), tellsLines: true)
  }

  /// Merges a patch into an object; succeeds if it does not exist. Passed through standard input, like everything that
  /// may contain a secret: pod templates contain environment variables.
  package func patch(kind: String, name: String, namespace: String?, merge: JSONValue) async throws {
    let arguments = located(
      ["patch", kind, name] + Self.namespace(namespace) + ["--type=merge", "--patch-file=/dev/stdin"],
      requestTimeout: .seconds(30))
    let result = try await program.attempt(
      arguments, input: Array(merge.encoded().utf8), timeout: .seconds(40), tellsLines: true)
    guard !result.exit.isSuccess else { return }
    let failure = program.failure(arguments, result)
    if failure.kind != .notFound { throw failure }
  }

  /// The last lines of a container's log.
  package func logs(pod: String, container: String, namespace: String, tail: Int) async throws -> [UInt8] {
    try await program.run(
      located(
        ["logs", pod, "-c", container, "--tail=\(tail)"] + Self.namespace(namespace), requestTimeout: .seconds(20)),
      timeout: .seconds(30)
    ).output
  }

  private static func namespace(_ name: String?) -> [String] { name.map { ["-n", $0] } ?? [] }

  /// The call that opens a shell in a container, bash if available. It must be run with a terminal.
  package func shell(pod: String, container: String, namespace: String) -> ToolCall {
    var call = ToolCall(
      program.path,
      located(["exec", "-it", pod, "-n", namespace, "-c", container])
        + ["--", "sh", "-c", "command -v bash >/dev/null 2>&1 && exec bash; exec sh"],
      environment: program.environment)
    // After terminating deskrun, the user waits at the terminal for the shell to exit.
    call.gracePeriod = .seconds(1)
    return call
  }

  /// Whether the credentials have a permission according to the cluster. An actual denial takes precedence.
  ///
  /// - Throws: `EngineError` if the cluster does not answer.
  package func may(_ verb: String, _ resource: String, namespace: String) async throws -> Bool {
    let arguments = located(["auth", "can-i", verb, resource, "-n", namespace], requestTimeout: .seconds(10))
    let result = try await program.attempt(arguments, timeout: .seconds(20))
    // The answer is on standard output; "no" also sets the exit status.
    switch result.outputText.split(whereSeparator: \.isWhitespace).first {
    case "yes"?: return true
    case "no"?: return false
    default: throw program.failure(arguments, result)
    }
  }

  // MARK: The kubeconfig

  private func configuration(_ arguments: [String]) -> [String] {
    ["config"] + arguments + (target.kubeconfig.map { ["--kubeconfig", $0] } ?? [])
  }

  package func contexts() async throws -> [String] {
    let result = try await program.run(configuration(["get-contexts", "-o", "name"]), timeout: .seconds(20))
    return result.outputText.split(whereSeparator: \.isNewline).map(String.init)
  }

  /// The context's namespace in the kubeconfig; nil if it has none.
  ///
  /// - Throws: as every call of kubectl.
  package func contextNamespace() async throws -> String? {
    let result = try await program.run(
      configuration([
        "view", "--minify", "--context", target.context, "-o", "jsonpath={.contexts[0].context.namespace}",
      ]), timeout: .seconds(20))
    return result.outputText.split(whereSeparator: \.isWhitespace).first.map(String.init)
  }

  /// The user's current context, or nil if it is not set.
  package func currentContext() async throws -> String? {
    let arguments = configuration(["current-context"])
    let result = try await program.attempt(arguments, timeout: .seconds(20))
    if result.exit.isSuccess { return result.outputText.split(whereSeparator: \.isNewline).first.map(String.init) }
    // Only this message means that no context is set; other errors must not be mistaken for it.
    guard result.errorText.contains("current-context is not set") else { throw program.failure(arguments, result) }
    return nil
  }

  /// Sets the user's current context: only to restore it after another program changed it.
  package func useContext(_ name: String) async throws {
    _ = try await program.run(configuration(["use-context", name]), timeout: .seconds(20))
  }

  /// Unsets the user's current context: only to restore it after another program set it.
  package func unsetCurrentContext() async throws {
    _ = try await program.run(configuration(["unset", "current-context"]), timeout: .seconds(20))
  }
}
