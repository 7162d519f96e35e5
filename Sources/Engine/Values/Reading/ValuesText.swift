import Basics

/// The text of a values file, to quote lines with errors.
struct ValuesText {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The lines, without a byte order mark. Only computed for errors: a file may be large.
  private var lines: [String] {
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    return bytes[start...].split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
      String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
    }
  }

  /// Whether lines can be examined: this is not possible in UTF-16, for example, so that secrets would not be found.
  private var isReadable: Bool { !bytes.contains(0) && String(validating: bytes, as: UTF8.self) != nil }

  /// Whether a line, starting at 1, may contain a secret.
  private func isSecret(_ number: Int) -> Bool { !isReadable || SecretLines(lines).contains(number) }

  /// The line with a caret under the column, as details of an error.
  ///
  /// Empty for a line that may contain a secret.
  func quoted(_ mark: YAMLMark) -> [String] {
    let lines = lines
    guard lines.indices.contains(mark.line - 1), !isSecret(mark.line) else { return [] }
    let line = lines[mark.line - 1]
    guard !line.allSatisfy(\.isWhitespace) else { return [] }
    let before = SafeText.line(String(String.UnicodeScalarView(line.unicodeScalars.prefix(mark.column - 1))))
    return [SafeText.line(line), String(repeating: " ", count: before.count) + "^"]
  }

  func error(_ problem: YAMLProblem, in path: String) -> EngineError {
    if problem.cause == .encoding {
      return EngineError(
        .invalid, "\(place(path, problem.mark)): \(SafeText.line(problem.sentence(hidesText: true)))",
        why: "A values file is text in UTF-8", fix: "Save \(SafeText.line(path)) as UTF-8")
    }
    if problem.cause == .syntax || problem.message == "a key must be a string", isReadable,
      let mark = template(near: problem.mark)
    {
      return EngineError(
        .invalid, "\(place(path, mark)): this is a template, not values",
        why: "{{ … }} is filled in by the tool that the template was written for",
        fix: "Render it first, for example with `helm template` or `helmfile write-values`", details: quoted(mark))
    }
    let message = problem.sentence(hidesText: isSecret(problem.mark.line))
    return EngineError(
      .invalid, "\(place(path, problem.mark)): \(SafeText.line(message))",
      fix: "Fix the line in \(SafeText.line(path))", details: quoted(problem.mark))
  }

  func place(_ path: String, _ mark: YAMLMark) -> String { "\(SafeText.line(path)):\(mark.line):\(mark.column)" }

  /// Where the lines of a string are in the file.
  enum TextPlaces: Equatable {
    /// A block (`|`): it starts on the line after this one, indented by this many columns.
    case block(after: Int, indentation: Int)
    /// A string whose line breaks differ from those of the file.
    case at(YAMLMark)

    func mark(_ inner: YAMLMark) -> YAMLMark {
      switch self {
      case .block(let line, let indentation):
        YAMLMark(line: line + inner.line, column: indentation + inner.column)
      case .at(let mark): mark
      }
    }
  }

  /// Where the lines of the string at a mark are.
  func places(ofStringAt mark: YAMLMark, _ string: String) -> TextPlaces {
    let lines = lines
    guard isReadable, lines.indices.contains(mark.line - 1),
      lines[mark.line - 1].unicodeScalars.dropFirst(mark.column - 1).first == "|"
    else { return .at(mark) }
    func blanks(_ text: some StringProtocol) -> Int { text.utf8.prefix { $0 == 0x20 }.count }
    let inner = string.split(separator: "\n", omittingEmptySubsequences: false)
    // Blank lines may have less indentation than the block.
    guard let at = inner.firstIndex(where: { blanks($0) < $0.utf8.count }), lines.indices.contains(mark.line + at)
    else {
      return .at(mark)
    }
    return .block(after: mark.line, indentation: max(0, blanks(lines[mark.line + at]) - blanks(inner[at])))
  }

  /// The first `{{` outside of comments, up to and including the line at which parsing failed.
  private func template(near mark: YAMLMark) -> YAMLMark? {
    for (index, line) in lines.enumerated().prefix(mark.line + 1) {
      guard let found = line.firstRange(of: "{{") else { continue }
      let before = line[..<found.lowerBound]
      guard !before.contains("#"), !before.contains("\""), !before.contains("'") else { continue }
      return YAMLMark(line: index + 1, column: before.unicodeScalars.count + 1)
    }
    return nil
  }
}
