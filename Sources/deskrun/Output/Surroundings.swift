import Tools

/// The environment of a command that runs inside another process: it does not use the process's own streams and
/// environment, and only starts programs through the given runner.
package struct Surroundings: Sendable {
  /// The environment of this task; nil if the process's own environment, streams and terminal are used.
  @TaskLocal package static var current: Surroundings?

  package var environment: [String: String]
  /// Standard input, which is not a terminal.
  package var input: Int32
  package var output: any TextSink
  package var errors: any TextSink
  /// Runs kubectl, helm, kind and docker.
  package var runner: any ToolRunner
  /// The path of deskrun's file without symbolic links, to which the demo's tools link.
  package var executable: String

  package init(
    environment: [String: String], input: Int32, output: any TextSink, errors: any TextSink, runner: any ToolRunner,
    executable: String
  ) {
    (self.environment, self.input, self.output, self.errors) = (environment, input, output, errors)
    (self.runner, self.executable) = (runner, executable)
  }
}
