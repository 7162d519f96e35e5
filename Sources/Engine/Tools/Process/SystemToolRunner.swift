import Basics

/// Runs programs as child processes. One thread serves all children of this program; see `ChildReactor`.
package final class SystemToolRunner: ToolRunner {
  /// Makes a runner. All runners share one thread.
  package init() {}

  /// Runs a program to its end; see `ToolRunner`. `onLine` is called by one thread at a time, and has heard every line
  /// when this returns. While it works the program is not read from.
  package func run(_ call: ToolCall, onLine: (@Sendable (ToolLine) -> Void)?) async throws -> ToolResult {
    // What is cancelled already must not be begun.
    try Task.checkCancellation()
    let child = try await ChildProcess.spawn(call, hearsErrors: onLine != nil)
    return try await Self.supervise(child) {
      var lines = onLine.map(LineReporter.init)
      var output: [UInt8] = []
      var wasCut = false
      while let piece = await child.next() {
        lines?.append(piece)
        guard !wasCut else { continue }
        output.append(contentsOf: piece.output)
        if output.count > call.outputLimit {
          output = Array(output.prefix(call.outputLimit))
          wasCut = true
          // What it writes until it is gone is of no use to anybody.
          lines = nil
          child.stop()
        }
      }
      lines?.finish()
      let (exit, errorOutput) = await child.end()
      return ToolResult(
        exit: exit, output: output, outputWasCut: wasCut, errorOutput: errorOutput, timeout: call.timeout)
    }
  }

  /// Runs a program and hands on its output as it comes; see `ToolRunner`.
  package func stream(_ call: ToolCall, onChunk: @Sendable ([UInt8]) async throws -> Void) async throws -> ToolResult {
    try Task.checkCancellation()
    let child = try await ChildProcess.spawn(call, hearsErrors: false)
    return try await Self.supervise(child) {
      do {
        while let piece = await child.next() { try await onChunk(piece.output) }
      } catch {
        child.stop()
        while await child.next() != nil {}
        _ = await child.end()
        throw error
      }
      let (exit, errorOutput) = await child.end()
      return ToolResult(exit: exit, errorOutput: errorOutput, timeout: call.timeout)
    }
  }

  /// Sees to it that the child is gone when the call returns, in whichever way.
  private static func supervise<R>(_ child: ChildProcess, _ body: () async throws -> R) async throws -> R {
    let result = try await withTaskCancellationHandler {
      try await body()
    } onCancel: {
      child.stop()
    }
    try Task.checkCancellation()
    return result
  }
}

/// Cuts what comes into lines and tells of them.
private struct LineReporter {
  package let onLine: @Sendable (ToolLine) -> Void
  private var output = LineAssembler()
  private var error = LineAssembler()

  package init(_ onLine: @escaping @Sendable (ToolLine) -> Void) { self.onLine = onLine }

  package mutating func append(_ piece: ChildProcess.Piece) {
    for line in error.append(piece.error) { onLine(ToolLine(.error, line)) }
    for line in output.append(piece.output) { onLine(ToolLine(.output, line)) }
  }

  package mutating func finish() {
    if let last = error.finish() { onLine(ToolLine(.error, last)) }
    if let last = output.finish() { onLine(ToolLine(.output, last)) }
  }
}
