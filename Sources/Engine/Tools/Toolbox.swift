import Basics

/// The programs deskrun drives, the environment they run in and the cluster they are to work on.
package struct Toolbox: Sendable {
  /// Runs them.
  package var runner: any ToolRunner
  /// Where calls and decisions are noted; nil where nobody asked for it.
  package private(set) var log: LogFile?
  /// The environment programs are found and run in. Variables with secrets reach none of them but gh.
  package var environment: [String: String]
  /// The cluster.
  package var target: ClusterTarget
  /// The one namespace that observing is narrowed to; nil for all that may be read. What changes something ignores it.
  package var narrowedTo: String?
  /// Namespaces of a cluster that are worth a try where not all may be read, besides deskrun's own and that of the
  /// context. Asked for each time, because the configuration changes while the dashboard runs.
  package var knownNamespaces: @Sendable (ClusterTarget) -> [String] = { _ in [] }
  /// Asks the cluster's API without a process for each question; nil where there is none.
  package var pipe: (any KubernetesPipe)?
  /// Hears of each call before it is made.
  private var onCall: (@Sendable (ToolCall) -> Void)?
  /// Hears each line the programs write while they run.
  private var onLine: (@Sendable (ToolLine) -> Void)?

  /// Collects what is needed to call programs.
  package init(runner: any ToolRunner, environment: [String: String], target: ClusterTarget) {
    self.runner = runner
    self.environment = environment
    self.target = target
  }

  /// The same with each call noted in a log file, and each question through the pipe that it has by then.
  package func logged(to log: LogFile?) -> Toolbox {
    guard let log else { return self }
    var copy = self
    copy.log = log
    if !(runner is LoggingRunner) { copy.runner = LoggingRunner(runner: runner, log: log) }
    copy.pipe = pipe.map { $0 is LoggingPipe ? $0 : LoggingPipe(pipe: $0, log: log) }
    return copy
  }

  /// The same with somebody listening: to every call, and to the lines of those programs whose output says what they
  /// are doing.
  package func observed(
    onCall: @escaping @Sendable (ToolCall) -> Void, onLine: @escaping @Sendable (ToolLine) -> Void
  ) -> Toolbox {
    var copy = self
    copy.onCall = onCall
    copy.onLine = onLine
    return copy
  }

  /// Finds programs.
  package var locator: ToolLocator { ToolLocator(environment: environment) }

  /// The Kubernetes client.
  package func kubectl() throws(EngineError) -> Kubectl { Kubectl(program: try program(.kubectl), target: target) }
  /// The cluster's API: the pipe, or kubectl where there is none.
  package func api() throws(EngineError) -> any KubernetesAPI { if let pipe { pipe } else { try kubectl() } }
  /// The package manager.
  package func helm() throws(EngineError) -> Helm { Helm(program: try program(.helm), target: target) }
  /// Kubernetes in Docker.
  package func kind() throws(EngineError) -> Kind {
    Kind(program: try program(.kind), kubeconfig: target.kubeconfig)
  }
  /// The container engine's client.
  package func docker() throws(EngineError) -> Docker { Docker(program: try program(.docker)) }
  /// The GitHub command line.
  package func gh() throws(EngineError) -> Gh { Gh(program: try program(.gh)) }
  /// Where deskrun's own releases are.
  package func releases(of repository: String) throws(EngineError) -> ReleasePage {
    ReleasePage(program: try program(.curl), repository: repository)
  }

  /// Makes sure that all of these programs are installed, before anything is asked of one of them.
  ///
  /// - Throws: `EngineError` of kind `toolMissing` that names every one that is missing, with how each is installed.
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

  /// What a program says its version is.
  ///
  /// - Throws: `EngineError` of kind `toolMissing` when it is missing or does not work.
  package func version(of tool: ToolName) async throws -> ToolVersion {
    switch tool {
    case .kubectl: try await kubectl().clientVersion()
    case .helm: try await helm().version()
    case .kind: try await kind().version()
    case .docker: try await docker().clientVersion()
    case .gh, .openssl, .curl: ToolVersion(text: try locator.locate(tool))
    }
  }

  /// What a program says its version is, in its own words: `28.2.2`, `v1.32.4`.
  ///
  /// - Throws: `EngineError` of kind `toolMissing` when it is missing, too old or does not work.
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

/// One program and how it is called.
package struct Program: Sendable {
  package let tool: ToolName
  package let path: String
  package let runner: any ToolRunner
  package let environment: [String: String]
  package let onCall: (@Sendable (ToolCall) -> Void)?
  package let onLine: (@Sendable (ToolLine) -> Void)?

  /// Runs it and gives what it left behind, however it ended.
  ///
  /// - Parameter tellsLines: whether its lines tell a user what it is doing. Documents it prints do not.
  /// - Throws: `EngineError` when it writes more than the limit.
  package func attempt(
    _ arguments: [String], input: [UInt8]? = nil, timeout: Duration, tellsLines: Bool = false,
    outputLimit: Int = Self.outputLimit
  ) async throws -> ToolResult {
    var call = ToolCall(
      path, arguments, environment: environment, input: input, timeout: timeout, outputLimit: outputLimit)
    if tool == .gh { call.keptSecrets = SecretVariables.ofGh }
    onCall?(call)
    let result = try await runner.run(call, onLine: lines(ofOutput: tellsLines))
    // A document is not told, but what a program that failed says in place of one is.
    if !tellsLines, !result.exit.isSuccess, tool != .gh, let onLine {
      for line in result.outputText.split(whereSeparator: \.isNewline).suffix(20) {
        onLine(ToolLine(.output, SecretMask.masked(String(line))))
      }
    }
    guard !result.outputWasCut else { throw ToolFailure.tooLong(tool, arguments: arguments, limit: outputLimit) }
    return result
  }

  /// Bytes of output that are collected of most calls. What a healthy program answers is a tenth of it at most.
  package static let outputLimit = 16 << 20
  /// The same for lists of objects: some 8,000 pods.
  static let listLimit = 64 << 20

  /// Passes on what the program says, without secrets. Of documents that is only what it says beside them.
  private func lines(ofOutput: Bool) -> (@Sendable (ToolLine) -> Void)? {
    guard let onLine else { return nil }
    return { if ofOutput || $0.stream == .error { onLine(ToolLine($0.stream, SecretMask.masked($0.text))) } }
  }

  /// Runs it and gives its output.
  ///
  /// - Throws: `EngineError` when it fails, `CancellationError`.
  package func run(
    _ arguments: [String], input: [UInt8]? = nil, timeout: Duration, tellsLines: Bool = false,
    outputLimit: Int = Self.outputLimit
  ) async throws -> ToolResult {
    let result = try await attempt(
      arguments, input: input, timeout: timeout, tellsLines: tellsLines, outputLimit: outputLimit)
    guard result.exit.isSuccess else { throw failure(arguments, result) }
    return result
  }

  /// Runs it and reads its output as JSON.
  package func json(
    _ arguments: [String], timeout: Duration, outputLimit: Int = Self.outputLimit
  ) async throws -> JSONValue {
    let result = try await run(arguments, timeout: timeout, outputLimit: outputLimit)
    return try decode(result.output, of: arguments)
  }

  package func decode(_ output: [UInt8], of arguments: [String]) throws(EngineError) -> JSONValue {
    try Self.decode(output, of: tool, arguments)
  }

  /// What a program answered, as a document.
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

  /// The first words of an answer, where they are text.
  private static func quoted(_ output: [UInt8]) -> String {
    let words = SecretMask.masked(SafeText.line(String(decoding: output.prefix(120), as: UTF8.self)))
    return words.allSatisfy(\.isWhitespace) ? "; the answer is empty" : "; it starts with: \(words)"
  }

  package func failure(_ arguments: [String], _ result: ToolResult) -> EngineError {
    ToolFailure.explain(tool, arguments: arguments, result: result)
  }
}
