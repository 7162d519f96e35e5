import ArgumentParser
import CommandOutput

extension OutputFormat: ExpressibleByArgument {}

/// How a command writes its data.
package struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: ArgumentHelp("The form of the output.", valueName: "format"))
  package var output: OutputFormat = .table

  @Flag(help: "Leave out the line with the column titles.")
  var noHeaders = false

  /// The options as a plain value.
  package var form: OutputForm { OutputForm(format: output, headers: !noHeaders) }

  package init() {}
}
