import ArgumentParser
import Basics
import DemoTestSupport
import Engine
import Foundation

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Runs commands, and the tools that they call, in the process of the tests. This tests the behavior of a command
/// without the cost of starting debug builds. A few tests of each kind check that the built program behaves the same.
enum InProcess {
  /// - Parameter runner: runs kubectl, helm, kind and docker.
  static func run(
    _ arguments: [String], environment: [String: String], input: String = "", runner: any ToolRunner = DemoTools()
  ) async throws -> DeskrunBinary.Outcome {
    let recorded = RecordedConsole(live: false)
    let pipe = try FilePipe.make()
    defer { close(pipe.reader) }
    let bytes = Array(input.utf8)
    guard bytes.count < 1 << 16, write(pipe.writer, bytes, bytes.count) == bytes.count, close(pipe.writer) == 0 else {
      throw Session.Failure(description: "the input does not fit into a pipe")
    }
    let around = Surroundings(
      environment: DeskrunBinary.environment(environment), input: pipe.reader, output: recorded.output,
      errors: recorded.errors, runner: runner, executable: DeskrunBinary.path)
    let status = await Surroundings.$current.withValue(around) { await perform(arguments) }
    return DeskrunBinary.Outcome(status: status, output: recorded.output.text, errors: recorded.errors.text)
  }

  /// A parsed command. Unchecked because commands and the parser's property wrappers are structs without shared state
  /// but are not declared `Sendable`; `parsed` only hands out copies.
  private struct Parsed: @unchecked Sendable { let command: any ParsableCommand }

  private static let parsed = Lock<[[String]: Parsed]>([:])

  /// Parses a command line. The result depends only on its words, so each is parsed once: in a debug build, the parser's
  /// checks take longer than most commands.
  private static func parse(_ arguments: [String]) throws -> any ParsableCommand {
    if let known = parsed.withLock({ $0[arguments] }) { return known.command }
    let command = try Main.parse(try ArgumentOrder.arrange(arguments, whenEmpty: ["--help"]))
    parsed.withLock { $0[arguments] = Parsed(command: command) }
    return command
  }

  private static func perform(_ arguments: [String]) async -> Int32 {
    let console = EarlyOptions(arguments).console(environment: ProcessEnvironment.read())
    do {
      var command = try parse(arguments)
      if var waiting = command as? any AsyncParsableCommand {
        try await waiting.run()
      } else {
        try command.run()
      }
      return ExitStatus.ok.rawValue
    } catch {
      return Main.status(of: error, console, columns: 80)
    }
  }
}
