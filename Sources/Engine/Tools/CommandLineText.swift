extension ToolCall {
  /// The call as one would type it, for people to read and repeat. Holds no secret, because arguments never do.
  package var commandLine: String {
    let name = executable.split(separator: "/").last.map(String.init) ?? executable
    return Self.quoted([name] + arguments)
  }

  /// Words joined so that a shell reads them back as they are.
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
