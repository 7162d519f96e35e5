import Basics

/// The programs that deskrun calls, with their environment and the cluster to use.
package struct Toolbox: Sendable {
  package var runner: any ToolRunner
  /// The log file for calls and decisions; nil if not requested.
  package private(set) var log: LogFile?
  /// The environment for finding and running programs. Variables with secrets are passed only to gh.
  package var environment: [String: String]
  package var target: ClusterTarget
  /// The only namespace to observe; nil for all that can be read. Operations that change something ignore it.
  package var narrowedTo: String?
  /// Namespaces of a cluster to try if not all can be read, besides deskrun's own and the context's. Called each time,
  /// because the configuration may change while the dashboard is running.
  package var knownNamespaces: @Sendable (ClusterTarget) -> [String] = { _ in [] }
  /// Accesses the cluster's API without a process per request; nil if not available.
  package var pipe: (any KubernetesPipe)?
  /// Called before each call.
  private var onCall: (@Sendable (ToolCall) -> Void)?
  /// Called with each line that programs write while they are running.
  private var onLine: (@Sendable (ToolLine) -> Void)?

  package init(runner: any ToolRunner, environment: [String: String], target: ClusterTarget) {
    self.runner = runner
    self.environment = environment
    self.target = target
  }

  /// A copy that logs each call to a file, and each request through the current pipe.
  package func logged(to log: LogFile?) -> Toolbox {
    guard let log else { return self }
    var copy = self
    copy.log = log
    if !(runner is LoggingRunner) { copy.runner = LoggingRunner(runner: runner, log: log) }
    copy.pipe = pipe.map { $0 is LoggingPipe ? $0 : LoggingPipe(pipe: $0, log: log) }
    return copy
  }

  /// A copy with observers: of every call, and of the output lines of those programs that report progress.
  package func observed(
    onCall: @escaping @Sendable (ToolCall) -> Void, onLine: @escaping @Sendable (ToolLine) -> Void
  ) -> Toolbox {
    var copy = self
    copy.onCall = onCall
    copy.onLine = onLine
    return copy
  }

  package var locator: ToolLocator { ToolLocator(environment: environment) }

  package func kubectl() throws(EngineError) -> Kubectl { Kubectl(program: try program(.kubectl), target: target) }
  /// The cluster's API, through the pipe if there is one, otherwise through kubectl.
  package func api() throws(EngineError) -> any KubernetesAPI { if let pipe { pipe } else { try kubectl() } }
  package func helm() throws(EngineError) -> Helm { Helm(program: try program(.helm), target: target) }
  package func kind() throws(EngineError) -> Kind {
    Kind(program: try program(.kind), kubeconfig: target.kubeconfig)
  }
  package func docker() throws(EngineError) -> Docker { Docker(program: try program(.docker)) }
  package func gh() throws(EngineError) -> Gh { Gh(program: try program(.gh)) }
  /// The page with deskrun's own releases.
  package func releases(of repository: String) throws(EngineError) -> ReleasePage {
    ReleasePage(program: try program(.curl), repository: repository)
  }

  /// Checks that all of these programs are installed, before any is called.
  ///
  /// - Throws: `EngineError` of kind `toolMissing` with all missing programs and how to install each.
  package func require(_ tools: [ToolName]) throws(EngineError) {
    var missing: [(tool: ToolName, error: EngineError)] = []
    for tool in tools {
      do throws(EngineError) { _ = try locator.locate(tool) } catch { missing.append((tool, error)) }
    }
    guard let first = missing.first else { return }
    guard missing.count > 1 else {
      var error = first.error
      error.fix = (error.fix.map { "\($0). " } ?? "") + "`deskrun doctor` checks everything deskrun needs"
      throw error
    }
    let names = missing.map(\.tool.rawValue)
    throw EngineError(
      .toolMissing, "\(names.dropLast().joined(separator: ", ")) and \(names[names.count - 1]) are not installed",
      why: "They were not found in PATH",
      fix: "`deskrun setup` installs them or shows how; `deskrun doctor` checks everything deskrun needs",
      details: missing.map { "\($0.tool.rawValue): \($0.error.fix ?? $0.error.what)" })
  }

  private func program(_ tool: ToolName) throws(EngineError) -> Program {
    Program(
      tool: tool, path: try locator.locate(tool), runner: runner, environment: environment, onCall: onCall,
      onLine: onLine)
  }

  /// The version that a program reports.
  ///
  /// - Throws: `EngineError` of kind `toolMissing` if it is missing or does not work.
  package func version(of tool: ToolName) async throws -> ToolVersion {
    switch tool {
    case .kubectl: try await kubectl().clientVersion()
    case .helm: try await helm().version()
    case .kind: try await kind().version()
    case .docker: try await docker().clientVersion()
    case .gh, .openssl, .curl: ToolVersion(text: try locator.locate(tool))
    }
  }

  /// The version that a program reports, as in its own output: `28.2.2`, `v1.32.4`.
  ///
  /// - Throws: `EngineError` of kind `toolMissing` if it is missing, too old or does not work.
  package func versionText(of tool: ToolName) async throws -> String {
    let version = try await version(of: tool)
    if let oldest = ToolVersion.oldest(of: tool), let found = version.numbers, found.lexicographicallyPrecedes(oldest) {
      throw EngineError(
        .toolMissing, "\(tool.rawValue) \(version.text) is too old",
        why: "deskrun needs \(oldest.map(String.init).joined(separator: ".")) or newer",
        fix: ToolInstallation.hint(for: tool))
    }
    return version.text
  }
}

/// A program and how to call it.
package struct Program: Sendable {
  package let tool: ToolName
  package let path: String
  package let runner: any ToolRunner
  package let environment: [String: String]
  package let onCall: (@Sendable (ToolCall) -> Void)?
  package let onLine: (@Sendable (ToolLine) -> Void)?

  /// Runs the program and returns its result, whatever the exit status.
  ///
  /// - Parameter tellsLines: whether its output lines report progress to the user. Documents do not.
  /// - Throws: `EngineError` if the output exceeds the limit.
  package func attempt(
    _ arguments: [String], input: [UInt8]? = nil, timeout: Duration, tellsLines: Bool = false,
    outputLimit: Int = Self.outputLimit
  ) async throws -> ToolResult {
    var call = ToolCall(
      path, arguments, environment: environment, input: input, timeout: timeout, outputLimit: outputLimit)
    if tool == .gh { call.keptSecrets = SecretVariables.ofGh }
    onCall?(call)
    let result = try await runner.run(call, onLine: lines(ofOutput: tellsLines))
    // Documents are not shown, but the output of a failed program in place of one is.
    if !tellsLines, !result.exit.isSuccess, tool != .gh, let onLine {
      for line in result.outputText.split(whereSeparator: \.isNewline).suffix(20) {
        onLine(ToolLine(.output, SecretMask.masked(String(line))))
      }
    }
    guard !result.outputWasCut else { throw ToolFailure.tooLong(tool, arguments: arguments, limit: outputLimit) }
    return result
  }

  /// The maximum size of the output of most calls, in bytes. Normal output is at most a tenth of it.
  package static let outputLimit = 16 << 20
  /// The maximum size of object lists, in bytes: about 8,000 pods.
  static let listLimit = 64 << 20

  /// Passes on the program's output without secrets. If it prints a document, only its standard error.
  private func lines(ofOutput: Bool) -> (@Sendable (ToolLine) -> Void)? {
    guard let onLine else { return nil }
    return { if ofOutput || $0.stream == .error { onLine(ToolLine($0.stream, SecretMask.masked($0.text))) } }
  }

  /// Runs the program and returns its output.
  ///
  /// - Throws: `EngineError` if it fails, `CancellationError`.
  package func run(
    _ arguments: [String], input: [UInt8]? = nil, timeout: Duration, tellsLines: Bool = false,
    outputLimit: Int = Self.outputLimit
  ) async throws -> ToolResult {
    let result = try await attempt(
      arguments, input: input, timeout: timeout, tellsLines: tellsLines, outputLimit: outputLimit)
    guard result.exit.isSuccess else { throw failure(arguments, result) }
    return result
  }

  /// Runs the program and parses its output as JSON.
  package func json(
    _ arguments: [String], timeout: Duration, outputLimit: Int = Self.outputLimit
  ) async throws -> JSONValue {
    let result = try await run(arguments, timeout: timeout, outputLimit: outputLimit)
    return try decode(result.output, of: arguments)
  }

  package func decode(_ output: [UInt8], of arguments: [String]) throws(EngineError) -> JSONValue {
    try Self.decode(output, of: tool, arguments)
  }

  /// Parses a program's output as JSON.
  static func decode(
    _ output: [UInt8], of tool: ToolName, _ arguments: [String]
  ) throws(EngineError) -> JSONValue {
    do {
      return try JSONValue(parsing: output)
    } catch {
      throw EngineError(
        .failed, "\(tool.rawValue) answered something that is not JSON",
        why: "line \(error.line), column \(error.column): \(error.message)" + quoted(output),
        fix: "Run it by hand to see: \(ToolCall.quoted([tool.rawValue] + arguments))")
    }
  }

  /// The start of an output, if it is text.
  private static func quoted(_ output: [UInt8]) -> String {
    let words = SecretMask.masked(SafeText.line(String(decoding: output.prefix(120), as: UTF8.self)))
    return words.allSatisfy(\.isWhitespace) ? "; the answer is empty" : "; it starts with: \(words)"
  }

  package func failure(_ arguments: [String], _ result: ToolResult) -> EngineError {
    ToolFailure.explain(tool, arguments: arguments, result: result)
  }
}
