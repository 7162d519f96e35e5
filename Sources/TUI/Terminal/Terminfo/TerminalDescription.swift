import CNcurses

/// Makes ncurses use the best available description of a terminal.
enum TerminalDescription {
  /// Most terminals are compatible with this one, so it is used for unknown ones.
  private static let standIn = "xterm-256color"

  /// Makes ncurses draw to a file, for the terminal with this name.
  ///
  /// The system's database comes first, since its owner may have changed it. The built-in entries are for systems
  /// without one, and for terminals that are newer than it.
  ///
  /// - Parameter name: the value of TERM.
  /// - Returns: false if ncurses can use none of them.
  static func open(_ name: String, output: Int32, input: Int32) -> Bool {
    [name, standIn].contains { name in
      cnc_terminal(name, nil, output, input) != nil
        || BuiltInTerminals.entry(name).map { cnc_terminal(name, $0, output, input) != nil } == true
    }
  }
}
