import Engine

/// The forms data is written in.
package enum OutputFormat: String, CaseIterable, Sendable {
  /// Columns for people.
  case table
  /// The same with more columns.
  case wide
  case json
  case yaml
  /// Names alone, one a line.
  case name
}

/// The form data is to be written in.
package struct OutputForm: Sendable, Equatable {
  package var format: OutputFormat = .table
  /// Whether the column titles are written.
  package var headers = true

  /// Whether a program reads it: then there is one document, also where there is nothing to show.
  package var isDocument: Bool { format == .json || format == .yaml }

  package init(format: OutputFormat = .table, headers: Bool = true) {
    self.format = format
    self.headers = headers
  }
}

/// What a command has to show, in all the forms it can be asked for.
package struct Listing: Sendable {
  /// For people.
  package var table: Table
  /// For programs. Its shape is documented in docs/output.md.
  package var document: JSONValue
  /// For `xargs`.
  package var names: [String]
  /// What to say when there is nothing in the table.
  package var whenEmpty: PrintableText?

  package init(table: Table, document: JSONValue, names: [String], whenEmpty: PrintableText? = nil) {
    self.table = table
    self.document = document
    self.names = names
    self.whenEmpty = whenEmpty
  }

  /// Writes it to standard output in the form asked for.
  ///
  /// - Throws: `StreamClosed`.
  package func write(_ form: OutputForm, to console: Console) throws(StreamClosed) {
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
