import Tools

/// What a command has around it where it runs within another program and not in a process of its own: then it reads and
/// writes nothing of the process, and starts no program but through the runner it is given.
package struct Surroundings: Sendable {
  /// Those of this task; nil in a process of its own, whose environment, streams and terminal are meant.
  @TaskLocal package static var current: Surroundings?

  package var environment: [String: String]
  /// Standard input, which is no terminal.
  package var input: Int32
  package var output: any TextSink
  package var errors: any TextSink
  /// Runs kubectl, helm, kind and docker.
  package var runner: any ToolRunner
  /// The file of deskrun without symbolic links: what it says of itself, and what the tools of the demo lead to.
  package var executable: String

  package init(
    environment: [String: String], input: Int32, output: any TextSink, errors: any TextSink, runner: any ToolRunner,
    executable: String
  ) {
    (self.environment, self.input, self.output, self.errors) = (environment, input, output, errors)
    (self.runner, self.executable) = (runner, executable)
  }
}
