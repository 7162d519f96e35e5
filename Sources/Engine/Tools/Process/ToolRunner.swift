/// One run of an external program.
///
/// Secrets may stand in `input` alone, never in `arguments` or `environment`.
package struct ToolCall: Sendable {
  /// Absolute path of the program.
  package var executable: String
  /// The arguments after the program's name. They are shown to users, so no secret may be among them.
  package var arguments: [String]
  /// The environment of the child. Variables that hold secrets (`SecretVariables`) are taken out when it starts.
  package var environment: [String: String]
  /// Names of variables that the child gets although they hold secrets.
  package var keptSecrets: Set<String> = []
  /// What the child reads on standard input; nil gives it `/dev/null`.
  package var input: [UInt8]?
  /// After this long the child and its group are told to stop; nil waits for ever.
  package var timeout: Duration?
  /// Time between TERM and KILL when the child is told to stop.
  package var gracePeriod: Duration
  /// Bytes of standard output that `run` keeps at most. A program that writes more is stopped.
  package var outputLimit: Int

  /// Describes one run of a program.
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
  /// It ended by itself with this status.
  case code(Int32)
  /// A signal ended it.
  case signal(Int32)
  /// It was stopped because its time was over.
  case timedOut

  /// Whether it ended with status 0.
  package var isSuccess: Bool { self == .code(0) }
}

/// What a program left behind.
package struct ToolResult: Sendable {
  /// How it ended.
  package var exit: ToolExit
  /// Its standard output, at most `ToolCall.outputLimit` bytes; empty for a streamed call.
  package var output: [UInt8]
  /// Whether standard output was longer than the limit. The program was stopped then.
  package var outputWasCut: Bool
  /// The end of its standard error, at most some 16 kB.
  package var errorOutput: [UInt8]
  /// The time the program was given, where it was limited.
  package var timeout: Duration?

  /// Makes a result, as a runner or a test does.
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

/// A line a running program wrote.
package struct ToolLine: Sendable, Equatable {
  /// Where it was written.
  package enum Stream: Sendable, Equatable {
    /// Standard output.
    case output
    /// Standard error.
    case error
  }

  /// Where it was written.
  package var stream: Stream
  /// The line without its end, not yet made safe for a terminal.
  package var text: String

  /// Makes a line.
  package init(_ stream: Stream, _ text: String) {
    self.stream = stream
    self.text = text
  }
}

/// Runs programs. The one seam between the Engine and the operating system's processes.
///
/// Both calls throw `CancellationError` when their task is cancelled, after the child and its whole process group
/// are gone, and an `EngineError` when the program cannot be started.
package protocol ToolRunner: Sendable {
  /// Runs a program to its end and collects what it wrote. `onLine` hears each line of both streams as it is written.
  func run(_ call: ToolCall, onLine: (@Sendable (ToolLine) -> Void)?) async throws -> ToolResult

  /// Runs a program and hands on its standard output as it comes. While `onChunk` works the program is not read from,
  /// so a slow consumer slows the program down and memory stays bounded. If `onChunk` throws, the program is stopped
  /// and the error is thrown on.
  func stream(_ call: ToolCall, onChunk: @Sendable ([UInt8]) async throws -> Void) async throws -> ToolResult
}

extension ToolRunner {
  /// Runs a program to its end and collects what it wrote.
  package func run(_ call: ToolCall) async throws -> ToolResult { try await run(call, onLine: nil) }
}
