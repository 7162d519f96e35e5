import DemoTestSupport
import Engine
import Foundation

/// The demo's tools with a further context of one of its clusters.
struct SecondContext: ToolRunner {
  static let name = "second"
  /// The context of the same cluster.
  let of: String
  /// The contexts whose cluster does not answer.
  var silent: Set<String> = []
  /// The contexts that the kubeconfig does not have any more.
  var missing: Set<String> = []
  /// A kubeconfig file that does not exist any more.
  var gone: String?
  /// The contexts that mean another cluster by now, and the context of that one.
  var repointed: [String: String] = [:]
  private let tools = DemoTools()

  /// - Parameter demo: with several clusters, since only then it has a kubeconfig.
  init(of context: String, in demo: DemoFolder) throws {
    of = context
    let path = demo.path + "/kubeconfig"
    var document = try JSONValue(parsing: Array(try String(contentsOfFile: path, encoding: .utf8).utf8)).objectValue
    let contexts = document?["contexts"]?.arrayValue ?? []
    document?["contexts"] = .array(
      contexts + [["name": .string(Self.name), "context": ["cluster": .string(context), "user": .string(context)]]])
    try JSONValue.object(document ?? [:]).encoded(pretty: true).write(toFile: path, atomically: true, encoding: .utf8)
  }

  func run(_ call: ToolCall, onLine: (@Sendable (ToolLine) -> Void)?) async throws -> ToolResult {
    if let failure = failure(of: call) { return failure }
    var result = try await tools.run(meant(call), onLine: onLine)
    // The simulated kubectl lists the clusters of the demo.
    if call.arguments.contains("get-contexts") { result.output += Array("\(Self.name)\n".utf8) }
    return result
  }

  func stream(_ call: ToolCall, onChunk: @Sendable ([UInt8]) async throws -> Void) async throws -> ToolResult {
    if let failure = failure(of: call) { return failure }
    return try await tools.stream(meant(call), onChunk: onChunk)
  }

  private func failure(of call: ToolCall) -> ToolResult? {
    if call.arguments.contains("get-contexts") {
      let isGone = gone.map(call.arguments.contains) ?? false
      guard isGone || !missing.isEmpty else { return nil }
      let names = isGone ? [] : ["kind-deskrun", of, Self.name, "lab"].filter { !missing.contains($0) }
      return ToolResult(exit: .code(0), output: Array(names.map { "\($0)\n" }.joined().utf8), errorOutput: [])
    }
    if let gone, call.arguments.contains(gone) {
      let text = "error: stat \(gone): no such file or directory\n"
      return ToolResult(exit: .code(1), output: [], errorOutput: Array(text.utf8))
    }
    if let context = call.arguments.first(where: missing.contains) {
      let text = "error: context \"\(context)\" does not exist\n"
      return ToolResult(exit: .code(1), output: [], errorOutput: Array(text.utf8))
    }
    guard call.arguments.contains(where: silent.contains), !call.arguments.contains("config") else { return nil }
    let text = "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?\n"
    return ToolResult(exit: .code(1), output: [], errorOutput: Array(text.utf8))
  }

  private func meant(_ call: ToolCall) -> ToolCall {
    var call = call
    call.arguments = call.arguments.map { $0 == Self.name ? of : repointed[$0] ?? $0 }
    return call
  }
}
