import Basics

/// Runs programs and notes each call, how it ended and how long it took. What programs read and write on standard input
/// and output is not noted: it holds secrets and documents.
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
    let number = log.number()
    let start = ContinuousClock.now
    // Noted before it runs, too: the last line tells what a program that hangs was doing.
    log.note(.call, "#\(number) \(ToolCall.quoted([call.executable] + call.arguments))")
    do {
      let result = try await body()
      log.note(.call, "#\(number) \(Self.words(result.exit)) after \(LogFile.span(since: start))")
      if !result.exit.isSuccess {
        for line in result.errorText.split(whereSeparator: \.isNewline).suffix(20) {
          log.note(.call, "#\(number) says: \(line)")
        }
      }
      return result
    } catch {
      log.note(.call, "#\(number) \(LogFile.words(error)) after \(LogFile.span(since: start))")
      throw error
    }
  }

  private static func words(_ exit: ToolExit) -> String {
    switch exit {
    case .code(let code): "exited with status \(code)"
    case .signal(let signal): "ended by signal \(signal)"
    case .timedOut: "stopped, its time was over,"
    }
  }
}
