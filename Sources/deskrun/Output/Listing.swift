import Engine

/// The output formats for data.
package enum OutputFormat: String, CaseIterable, Sendable {
  /// Columns for people.
  case table
  /// The same with more columns.
  case wide
  case json
  case yaml
  /// Only names, one per line.
  case name
}

/// The requested output format.
package struct OutputForm: Sendable, Equatable {
  package var format: OutputFormat = .table
  /// Whether to write column titles.
  package var headers = true

  /// Whether it is for programs: then there is always one document, even without data.
  package var isDocument: Bool { format == .json || format == .yaml }

  package init(format: OutputFormat = .table, headers: Bool = true) {
    self.format = format
    self.headers = headers
  }
}

/// The data of a command in all output formats.
package struct Listing: Sendable {
  /// For people.
  package var table: Table
  /// For programs. Documented in docs/output.md.
  package var document: JSONValue
  /// For `xargs`.
  package var names: [String]
  /// The message if the table is empty.
  package var whenEmpty: PrintableText?

  package init(table: Table, document: JSONValue, names: [String], whenEmpty: PrintableText? = nil) {
    self.table = table
    self.document = document
    self.names = names
    self.whenEmpty = whenEmpty
  }

  /// Writes the data to standard output in the requested format.
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
