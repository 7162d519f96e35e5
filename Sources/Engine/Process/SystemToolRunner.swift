/// Runs programs as child processes. One thread serves all children of this program; see `ChildReactor`.
public final class SystemToolRunner: ToolRunner {
  /// Makes a runner. All runners share one thread.
  public init() {}

  /// Runs a program to its end; see `ToolRunner`.
  public func run(_ call: ToolCall, onLine: (@Sendable (ToolLine) -> Void)?) async throws -> ToolResult {
    var onErrorLine: (@Sendable (String) -> Void)?
    if let onLine { onErrorLine = { onLine(ToolLine(.error, $0)) } }
    let child = try ChildProcess.spawn(call, onErrorLine: onErrorLine)
    var lines = LineAssembler()
    var output: [UInt8] = []
    var wasCut = false
    return try await Self.supervise(child) {
      while let chunk = await child.nextChunk() {
        if let onLine { for line in lines.append(chunk) { onLine(ToolLine(.output, line)) } }
        guard !wasCut else { continue }
        output.append(contentsOf: chunk)
        if output.count > call.outputLimit {
          output.removeLast(output.count - call.outputLimit)
          wasCut = true
          child.stop()
        }
      }
      if let onLine, let last = lines.finish() { onLine(ToolLine(.output, last)) }
      let (exit, errorOutput) = await child.end()
      return ToolResult(exit: exit, output: output, outputWasCut: wasCut, errorOutput: errorOutput)
    }
  }

  /// Runs a program and hands on its output as it comes; see `ToolRunner`.
  public func stream(_ call: ToolCall, onChunk: @Sendable ([UInt8]) async throws -> Void) async throws -> ToolResult {
    let child = try ChildProcess.spawn(call, onErrorLine: nil)
    return try await Self.supervise(child) {
      do {
        while let chunk = await child.nextChunk() { try await onChunk(chunk) }
      } catch {
        child.stop()
        while await child.nextChunk() != nil {}
        _ = await child.end()
        throw error
      }
      let (exit, errorOutput) = await child.end()
      return ToolResult(exit: exit, errorOutput: errorOutput)
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
