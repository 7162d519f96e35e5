import Basics

/// Runs programs and logs each call, how it ended and how long it took. Standard input and output are not logged: they
/// contain secrets and documents.
struct LoggingRunner: ToolRunner {
  let runner: any ToolRunner
  let log: LogFile

  func run(_ call: ToolCall, onLine: (@Sendable (ToolLine) -> Void)?) async throws -> ToolResult {
    try await noting(call) { try await runner.run(call, onLine: onLine) }
  }

  func stream(_ call: ToolCall, onChunk: @Sendable ([UInt8]) async throws -> Void) async throws -> ToolResult {
    try await noting(call) { try await runner.stream(call, onChunk: onChunk) }
  }

  private func noting(_ call: ToolCall, _ body: () async throws -> ToolResult) async throws -> ToolResult {
    try await log.noting(.call, ToolCall.quoted([call.executable] + call.arguments), body) { result in
      let said = result.exit.isSuccess ? [] : result.errorText.split(whereSeparator: \.isNewline).suffix(20)
      return (Self.words(result.exit), said.map(String.init))
    }
  }

  private static func words(_ exit: ToolExit) -> String {
    switch exit {
    case .code(let code): "exited with status \(code)"
    case .signal(let signal): "ended by signal \(signal)"
    case .timedOut: "timed out"
    }
  }
}
