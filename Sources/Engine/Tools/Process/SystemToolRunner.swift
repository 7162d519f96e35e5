import Basics

/// Runs programs as child processes. A single thread serves all children of this program; see `ChildReactor`.
package final class SystemToolRunner: ToolRunner {
  /// Creates a runner. All runners share a thread.
  package init() {}

  /// Runs a program until it ends; see `ToolRunner`. `onLine` is called by one thread at a time, and has received every
  /// line when this returns. The program's output is not read while it runs.
  package func run(_ call: ToolCall, onLine: (@Sendable (ToolLine) -> Void)?) async throws -> ToolResult {
    // What is already canceled must not start.
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
          // What it writes until it ends is no longer needed.
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

  /// Runs a program and passes on its output as it arrives; see `ToolRunner`.
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

  /// Makes sure that the child has ended when the call returns or throws.
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

/// Splits output into lines and reports them.
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
