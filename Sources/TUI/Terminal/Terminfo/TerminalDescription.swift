import CNcurses

/// Has ncurses take a terminal by the best description there is of it.
enum TerminalDescription {
  /// What most terminals do as it does: they are taken as one of these when nobody knows them.
  private static let standIn = "xterm-256color"

  /// Makes ncurses draw into a file, for the terminal of this name.
  ///
  /// The system's database comes first, since its owner may have changed it. The entries in the program are for systems
  /// without one, and for terminals that are younger than it.
  ///
  /// - Parameter name: as TERM has it.
  /// - Returns: false when ncurses can use none of them.
  static func open(_ name: String, output: Int32, input: Int32) -> Bool {
    [name, standIn].contains { name in
      cnc_terminal(name, nil, output, input) != nil
        || BuiltInTerminals.entry(name).map { cnc_terminal(name, $0, output, input) != nil } == true
    }
  }
}
