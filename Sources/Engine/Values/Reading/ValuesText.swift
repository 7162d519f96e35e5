import Basics

/// The text of a values file, for quoting the line that is wrong.
struct ValuesText {
  private let lines: [String]

  init(_ bytes: [UInt8]) {
    var text = String(decoding: bytes, as: UTF8.self)
    if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
    lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map(String.init)
  }

  /// A line, counted from 1; empty when there is none.
  private func line(_ number: Int) -> String { lines.indices.contains(number - 1) ? lines[number - 1] : "" }

  /// The line with a caret under the column, as details of an error.
  ///
  /// Nothing for a line that may hold a secret.
  func quoted(_ mark: YAMLMark) -> [String] {
    guard !SecretLines(lines).contains(mark.line) else { return [] }
    let line = line(mark.line)
    guard !line.allSatisfy(\.isWhitespace) else { return [] }
    let before = SafeText.line(String(String.UnicodeScalarView(line.unicodeScalars.prefix(mark.column - 1))))
    return [SafeText.line(line), String(repeating: " ", count: before.count) + "^"]
  }

  func error(_ problem: YAMLProblem, in path: String) -> EngineError {
    if problem.cause == .syntax || problem.message == "a key must be a string", let mark = template(near: problem.mark)
    {
      return EngineError(
        .invalid, "\(place(path, mark)): this is a template, not values",
        why: "{{ … }} is filled in by the tool that the template was written for",
        fix: "Render it first, for example with `helm template` or `helmfile write-values`", details: quoted(mark))
    }
    let isSecret = SecretLines(lines).contains(problem.mark.line)
    let message = isSecret ? problem.withoutText ?? problem.message : problem.message
    return EngineError(
      .invalid, "\(place(path, problem.mark)): \(SafeText.line(message))",
      fix: "Fix the line in \(SafeText.line(path))", details: quoted(problem.mark))
  }

  func place(_ path: String, _ mark: YAMLMark) -> String { "\(SafeText.line(path)):\(mark.line):\(mark.column)" }

  /// The first `{{` outside of a comment up to a line where reading failed, or in it.
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
