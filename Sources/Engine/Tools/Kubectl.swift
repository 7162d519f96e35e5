import Basics

/// The Kubernetes client. Every call names the context, so the user's current one neither matters nor changes.
package struct Kubectl: Sendable {
  package let program: Program
  package let target: ClusterTarget

  private func located(_ arguments: [String], requestTimeout: Duration? = nil) -> [String] {
    var all = arguments + ["--context", target.context]
    if let kubeconfig = target.kubeconfig { all += ["--kubeconfig", kubeconfig] }
    if let requestTimeout { all.append("--request-timeout=\(max(1, requestTimeout.components.seconds))s") }
    return all
  }

  /// Time kubectl itself is given beyond the request's.
  private static let margin: Duration = .seconds(10)

  /// The client's own version.
  package func clientVersion() async throws -> ToolVersion {
    let answer = try await program.json(["version", "--client", "-o", "json"], timeout: .seconds(20))
    return ToolVersion(text: answer["clientVersion"]?["gitVersion"]?.stringValue ?? "unknown")
  }

  // MARK: The API as a pipe

  /// The answer to a GET, as the server sent it.
  package func get(_ path: String, timeout: Duration) async throws -> [UInt8] {
    try await program.run(
      located(["get", "--raw", path], requestTimeout: timeout), timeout: timeout + Self.margin,
      outputLimit: Program.listLimit
    ).output
  }

  /// The answer to a GET as a document.
  ///
  /// - Throws: `EngineError`, also when the answer is not JSON; `CancellationError`.
  package func json(_ path: String, timeout: Duration) async throws -> JSONValue {
    try program.decode(try await get(path, timeout: timeout), of: located(["get", "--raw", path]))
  }

  /// A GET that goes on; see `KubernetesAPI`.
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
    // Half a line of a stream that broke is no line.
    guard result.exit.isSuccess else { throw program.failure(arguments, result) }
    if let last = lines.finish() { try await onLines([last]) }
  }

  /// The most of an answer that is taken, in bytes.
  package static let answerLimit = Program.listLimit

  /// The call that serves the API at a socket until it is ended. It reads alone, and of the API only these paths.
  ///
  /// - Parameters:
  ///   - acceptedPaths: regular expressions, without commas.
  ///   - appendsServerPath: for a server behind a path of its own. kubectl knows the option since 1.24.
  package func proxy(socket: String, acceptedPaths: [String], appendsServerPath: Bool) -> ToolCall {
    var arguments = [
      "proxy", "--unix-socket=\(socket)", "--reject-methods=POST,PUT,PATCH,DELETE",
      "--accept-paths=\(acceptedPaths.joined(separator: ","))",
    ]
    if appendsServerPath { arguments.append("--append-server-path=true") }
    var call = ToolCall(
      program.path, located(arguments),
      environment: program.environment.merging(Self.frugality) { users, _ in users })
    call.gracePeriod = .seconds(1)
    return call
  }

  /// A proxy lives as long as the dashboard and has little to do: its memory is collected earlier, by one thread, for the
  /// same processor time. Measured in docs/decisions/013-one-pipe.md.
  private static let frugality = ["GOGC": "25", "GOMAXPROCS": "1"]

  /// Runs a call until it ends by itself or the task is cancelled.
  ///
  /// - Parameter onOutput: hears what it writes to standard output.
  package func serve(_ call: ToolCall, onOutput: @Sendable ([UInt8]) -> Void) async throws -> ToolResult {
    program.onCall?(call)
    return try await program.runner.stream(call) { onOutput($0) }
  }

  /// The error of a call that ended.
  package func failure(of call: ToolCall, _ result: ToolResult) -> EngineError {
    program.failure(call.arguments, result)
  }

  /// The error for a GET that failed, as kubectl would have said it.
  ///
  /// - Parameter said: what kubectl writes to standard error then.
  package func failure(getting path: String, said: String) -> EngineError {
    program.failure(
      located(["get", "--raw", path]), ToolResult(exit: .code(1), errorOutput: Array(said.utf8)))
  }

  /// An answer as a document.
  package func document(_ answer: [UInt8], of path: String) throws(EngineError) -> JSONValue {
    try program.decode(answer, of: located(["get", "--raw", path]))
  }

  /// The files kubectl reads contexts and credentials from.
  package var configurationFiles: [String] {
    if let kubeconfig = target.kubeconfig { return [kubeconfig] }
    let named = (program.environment["KUBECONFIG"] ?? "").split(separator: ":").map(String.init)
    return named.isEmpty ? [(program.environment["HOME"] ?? "") + "/.kube/config"] : named
  }

  // MARK: Objects

  /// One object, or nil when there is none of that name.
  package func get(kind: String, name: String, namespace: String?) async throws -> JSONValue? {
    let arguments = located(
      ["get", kind, name] + Self.namespace(namespace) + ["-o", "json", "--ignore-not-found"],
      requestTimeout: .seconds(30))
    let result = try await program.run(arguments, timeout: .seconds(40))
    return result.output.isEmpty ? nil : try program.decode(result.output, of: arguments)
  }

  /// The objects of a kind, in all namespaces when none is named.
  package func list(kind: String, namespace: String?, selector: String? = nil) async throws -> [JSONValue] {
    var arguments = ["get", kind] + (namespace == nil ? ["--all-namespaces"] : Self.namespace(namespace))
    if let selector { arguments += ["-l", selector] }
    let answer = try await program.json(
      located(arguments + ["-o", "json"], requestTimeout: .seconds(60)), timeout: .seconds(70),
      outputLimit: Program.listLimit)
    return answer["items"]?.arrayValue ?? []
  }

  /// Makes objects so. They travel over standard input, the only way a secret takes.
  ///
  /// Server-side: the classic apply would store a copy of a Secret in an annotation.
  package func apply(_ manifests: [JSONValue]) async throws {
    let document: JSONValue = ["apiVersion": "v1", "kind": "List", "items": .array(manifests)]
    try await apply(document: Array(document.encoded().utf8))
  }

  /// The same with documents as a tool wrote them, JSON or YAML.
  package func apply(document: [UInt8]) async throws {
    _ = try await program.run(
      located(
        ["apply", "--server-side", "--force-conflicts", "--field-manager=deskrun", "-f", "-"],
        requestTimeout: .seconds(30)),
      input: document, timeout: .seconds(50), tellsLines: true)
  }

  /// Deletes an object; one that is not there is fine.
  package func delete(kind: String, name: String, namespace: String?, wait: Bool) async throws {
    _ = try await program.run(
      located(
        ["delete", kind, name] + Self.namespace(namespace) + ["--ignore-not-found", "--wait=\(wait)"]),
      timeout: .seconds(60), tellsLines: true)
  }

  /// Merges a patch into an object; one that is not there is fine. It travels over standard input, as all that may hold a
  /// secret does: a pod template has variables.
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

  /// The end of a container's log.
  package func logs(pod: String, container: String, namespace: String, tail: Int) async throws -> [UInt8] {
    try await program.run(
      located(
        ["logs", pod, "-c", container, "--tail=\(tail)"] + Self.namespace(namespace), requestTimeout: .seconds(20)),
      timeout: .seconds(30)
    ).output
  }

  private static func namespace(_ name: String?) -> [String] { name.map { ["-n", $0] } ?? [] }

  /// The call that opens a shell in a container, bash where there is one. It is to be given a terminal.
  package func shell(pod: String, container: String, namespace: String) -> ToolCall {
    var call = ToolCall(
      program.path,
      located(["exec", "-it", pod, "-n", namespace, "-c", container])
        + ["--", "sh", "-c", "command -v bash >/dev/null 2>&1 && exec bash; exec sh"],
      environment: program.environment)
    // Who ends deskrun waits at the terminal for the shell to go.
    call.gracePeriod = .seconds(1)
    return call
  }

  /// Whether the cluster says that the credentials may do something; what it forbids in fact counts more.
  ///
  /// - Throws: `EngineError` when it does not say.
  package func may(_ verb: String, _ resource: String, namespace: String) async throws -> Bool {
    let arguments = located(["auth", "can-i", verb, resource, "-n", namespace], requestTimeout: .seconds(10))
    let result = try await program.attempt(arguments, timeout: .seconds(20))
    // It answers by its output, and with "no" by its exit status too.
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

  /// The contexts of the kubeconfig.
  package func contexts() async throws -> [String] {
    let result = try await program.run(configuration(["get-contexts", "-o", "name"]), timeout: .seconds(20))
    return result.outputText.split(whereSeparator: \.isNewline).map(String.init)
  }

  /// The namespace that the kubeconfig names for the context; nil where it names none.
  ///
  /// - Throws: as every call of kubectl.
  package func contextNamespace() async throws -> String? {
    let result = try await program.run(
      configuration([
        "view", "--minify", "--context", target.context, "-o", "jsonpath={.contexts[0].context.namespace}",
      ]), timeout: .seconds(20))
    return result.outputText.split(whereSeparator: \.isWhitespace).first.map(String.init)
  }

  /// The user's current context, or nil when none is set.
  package func currentContext() async throws -> String? {
    let arguments = configuration(["current-context"])
    let result = try await program.attempt(arguments, timeout: .seconds(20))
    if result.exit.isSuccess { return result.outputText.split(whereSeparator: \.isNewline).first.map(String.init) }
    // Only this sentence means that there is none; anything else must not be taken for it.
    guard result.errorText.contains("current-context is not set") else { throw program.failure(arguments, result) }
    return nil
  }

  /// Sets the user's current context: only to set back what another program changed.
  package func useContext(_ name: String) async throws {
    _ = try await program.run(configuration(["use-context", name]), timeout: .seconds(20))
  }

  /// Unsets the user's current context: only to set back what another program changed.
  package func unsetCurrentContext() async throws {
    _ = try await program.run(configuration(["unset", "current-context"]), timeout: .seconds(20))
  }
}
