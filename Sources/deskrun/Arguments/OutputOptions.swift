import ArgumentParser
import Engine

/// The forms data is written in.
enum OutputFormat: String, CaseIterable, Sendable, ExpressibleByArgument {
  /// Columns for people.
  case table
  /// The same with more columns.
  case wide
  case json
  case yaml
  /// Names alone, one a line.
  case name
}

/// How a command writes its data.
struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: ArgumentHelp("The form of the output.", valueName: "format"))
  var output: OutputFormat = .table

  @Flag(help: "Leave out the line with the column titles.")
  var noHeaders = false

  /// The same as a plain value.
  var form: OutputForm { OutputForm(format: output, headers: !noHeaders) }
}

/// The form data is to be written in.
struct OutputForm: Sendable, Equatable {
  var format: OutputFormat = .table
  /// Whether the column titles are written.
  var headers = true
}

/// What a command has to show, in all the forms it can be asked for.
struct Listing: Sendable {
  /// For people.
  var table: Table
  /// For programs. Its shape is documented in docs/output.md.
  var document: JSONValue
  /// For `xargs`.
  var names: [String]
  /// What to say when there is nothing in the table.
  var whenEmpty: PrintableText?

  init(table: Table, document: JSONValue, names: [String], whenEmpty: PrintableText? = nil) {
    self.table = table
    self.document = document
    self.names = names
    self.whenEmpty = whenEmpty
  }

  /// Writes it to standard output in the form asked for.
  ///
  /// - Throws: `StreamClosed`.
  func write(_ form: OutputForm, to console: Console) throws(StreamClosed) {
    switch form.format {
    case .json: try console.write(PrintableText(json: document, pretty: true))
    case .yaml: try console.write(PrintableText(yaml: document))
    case .name: try console.write(names.map { "\($0)\n" }.joined())
    case .table, .wide:
      if table.rows.isEmpty, let whenEmpty {
        console.tell(whenEmpty)
        return
      }
      try console.write(
        table.text(
          style: console.outputStyle, width: console.output.columns, wide: form.format == .wide,
          headers: form.headers))
    }
  }
}
