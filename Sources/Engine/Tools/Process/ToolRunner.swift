/// One run of an external program.
///
/// Only `input` may contain secrets, never `arguments` or `environment`.
package struct ToolCall: Sendable {
  /// Absolute path of the program.
  package var executable: String
  /// The arguments after the program's name. They are shown to users, so they must not contain secrets.
  package var arguments: [String]
  /// The environment of the child. Variables with secrets (`SecretVariables`) are removed when it starts.
  package var environment: [String: String]
  /// Names of variables to pass to the child although they contain secrets.
  package var keptSecrets: Set<String> = []
  /// Standard input of the child; nil means `/dev/null`.
  package var input: [UInt8]?
  /// The time limit after which the child and its group are stopped; nil for none.
  package var timeout: Duration?
  /// Time between TERM and KILL when the child is stopped.
  package var gracePeriod: Duration
  /// Maximum number of bytes of standard output that `run` keeps. A program that writes more is stopped.
  package var outputLimit: Int

  package init(
    _ executable: String,
    _ arguments: [String],
    environment: [String: String],
    input: [UInt8]? = nil,
    timeout: Duration? = nil,
    gracePeriod: Duration = .seconds(3),
    outputLimit: Int = 16 << 20
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.input = input
    self.timeout = timeout
    self.gracePeriod = gracePeriod
    self.outputLimit = outputLimit
  }
}

/// How a program ended.
package enum ToolExit: Sendable, Equatable {
  /// It exited with this status.
  case code(Int32)
  /// A signal ended it.
  case signal(Int32)
  /// It was stopped at its time limit.
  case timedOut

  /// Whether the status is 0.
  package var isSuccess: Bool { self == .code(0) }
}

/// The result of running a program.
package struct ToolResult: Sendable {
  /// How it ended.
  package var exit: ToolExit
  /// Its standard output, up to `ToolCall.outputLimit` bytes; empty for a streamed call.
  package var output: [UInt8]
  /// Whether standard output exceeded the limit. The program was then stopped.
  package var outputWasCut: Bool
  /// The end of its standard error, up to some 16 kB.
  package var errorOutput: [UInt8]
  /// The time limit of the call, if any.
  package var timeout: Duration?

  /// Creates a result, for runners and tests.
  package init(
    exit: ToolExit, output: [UInt8] = [], outputWasCut: Bool = false, errorOutput: [UInt8] = [],
    timeout: Duration? = nil
  ) {
    self.exit = exit
    self.output = output
    self.outputWasCut = outputWasCut
    self.errorOutput = errorOutput
    self.timeout = timeout
  }

  /// Standard output as text; invalid UTF-8 becomes U+FFFD.
  package var outputText: String { String(decoding: output, as: UTF8.self) }
  /// Standard error as text; invalid UTF-8 becomes U+FFFD.
  package var errorText: String { String(decoding: errorOutput, as: UTF8.self) }
}

/// A line written by a running program.
package struct ToolLine: Sendable, Equatable {
  /// The stream that a line was written to.
  package enum Stream: Sendable, Equatable {
    /// Standard output.
    case output
    /// Standard error.
    case error
  }

  /// The stream it was written to.
  package var stream: Stream
  /// The line without its line end, not sanitized for a terminal.
  package var text: String

  package init(_ stream: Stream, _ text: String) {
    self.stream = stream
    self.text = text
  }
}

/// Runs programs. The only seam between the Engine and the operating system's processes.
///
/// Both calls throw `CancellationError` when their task is canceled, after the child and its whole process group have
/// ended, and `EngineError` if the program cannot be started.
package protocol ToolRunner: Sendable {
  /// Runs a program until it ends and collects its output. `onLine` receives each line when it is written.
  func run(_ call: ToolCall, onLine: (@Sendable (ToolLine) -> Void)?) async throws -> ToolResult

  /// Runs a program and passes on its standard output as it arrives. The output is not read while `onChunk` runs, so a
  /// slow consumer slows down the program and memory use stays bounded. If `onChunk` throws, the program is stopped and
  /// the error is rethrown.
  func stream(_ call: ToolCall, onChunk: @Sendable ([UInt8]) async throws -> Void) async throws -> ToolResult
}

extension ToolRunner {
  /// Runs a program until it ends and collects its output.
  package func run(_ call: ToolCall) async throws -> ToolResult { try await run(call, onLine: nil) }
}
