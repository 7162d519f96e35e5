extension ToolCall {
  /// The call as typed in a shell, for people to read and repeat. Contains no secrets, because arguments never do.
  package var commandLine: String {
    let name = executable.split(separator: "/").last.map(String.init) ?? executable
    return Self.quoted([name] + arguments)
  }

  /// Joins words, quoted so that a shell reads them back unchanged.
  package static func quoted(_ words: [String]) -> String { words.map(quoted).joined(separator: " ") }

  private static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.unicodeScalars.allSatisfy { scalar in
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
          || "-_./:=,@%+".unicodeScalars.contains(scalar)
      }
    return isPlain
      ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
