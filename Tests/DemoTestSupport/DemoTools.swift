import Basics

@testable import Demo
@testable import Tools

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The demo's tools in this process instead of as programs, each call in its own thread.
package struct DemoTools: Sendable {
  /// The frozen time in seconds since 1970, so that consecutive reads are consistent; nil if time passes.
  private let moment: Double?

  /// - Parameter isFrozen: whether to freeze the time.
  package init(isFrozen: Bool = false) { moment = isFrozen ? DemoStore.wallClock() : nil }

  /// Runs a tool with these streams.
  ///
  /// - Returns: the exit status.
  fileprivate func call(_ call: ToolCall, _ streams: DemoStreams) -> Int32 {
    let name = String(call.executable.split(separator: "/").last ?? "")
    return demoToolMain(
      name: name, arguments: call.arguments, environment: call.environment, streams: streams,
      wall: { moment ?? DemoStore.wallClock() })
  }
}

extension DemoTools: ToolRunner {
  package func run(_ call: ToolCall, onLine: (@Sendable (ToolLine) -> Void)?) async throws -> ToolResult {
    try Task.checkCancellation()
    let result = await OwnThread.value {
      let written = Written(onLine)
      let streams = DemoStreams(put: written.take, input: { call.input ?? [] }, reader: -1)
      let status = self.call(call, streams)
      return ToolResult(exit: .code(status), output: written.output, errorOutput: written.errors)
    }
    try Task.checkCancellation()
    return result
  }

  package func stream(_ call: ToolCall, onChunk: @Sendable ([UInt8]) async throws -> Void) async throws -> ToolResult {
    try Task.checkCancellation()
    // A pipe that is never written to: closing it signals to the tool that its reader is gone.
    let pipe = try FilePipe.make()
    defer { close(pipe.reader) }
    let (chunks, sink) = AsyncStream.makeStream(of: [UInt8].self)
    let ended = AsyncStream.makeStream(of: ToolResult.self)
    OwnThread.run {
      let written = Written(nil)
      let streams = DemoStreams(
        put: { bytes, descriptor in if descriptor == 1 { sink.yield(bytes) } else { written.take(bytes, descriptor) } },
        input: { call.input ?? [] }, reader: pipe.writer)
      let status = self.call(call, streams)
      close(pipe.writer)
      sink.finish()
      ended.continuation.yield(ToolResult(exit: .code(status), errorOutput: written.errors))
      ended.continuation.finish()
    }
    for await chunk in chunks { try await onChunk(chunk) }
    try Task.checkCancellation()
    for await result in ended.stream { return result }
    throw CancellationError()
  }
}

/// The output of a tool, used only in the tool's thread.
private final class Written {
  private(set) var output: [UInt8] = []
  private(set) var errors: [UInt8] = []
  private let onLine: (@Sendable (ToolLine) -> Void)?

  init(_ onLine: (@Sendable (ToolLine) -> Void)?) { self.onLine = onLine }

  /// The demo's tools write complete lines.
  func take(_ bytes: [UInt8], _ descriptor: Int32) {
    if descriptor == 1 { output += bytes } else { errors += bytes }
    for line in bytes.split(separator: 0x0A) {
      onLine?(ToolLine(descriptor == 1 ? .output : .error, String(decoding: line, as: UTF8.self)))
    }
  }
}
