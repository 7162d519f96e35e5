import Engine

/// Questions that are no confirmations: a value, one of several, yes or no.
extension Prompt {
  /// Asks for a value until `check` takes one.
  ///
  /// - Parameters:
  ///   - proposal: what enter alone means; nil where something must be typed.
  ///   - check: turns what was typed into the value; an `EngineError` it throws is told, and the question asked again.
  /// - Throws: `Refusal` at the end of the input, `CancellationError` when the command is asked to stop meanwhile.
  package func ask<Value>(
    _ question: PrintableText, proposal: String? = nil, _ check: (String) throws -> Value
  ) throws -> Value {
    while true {
      console.ask(proposal.map { "\(question) [\($0)] " } ?? "\(question) ")
      guard let line = try readLine(from: input) else {
        console.tell("")
        throw Refusal(what: "Nothing was changed")
      }
      let typed = Self.trimmed(line)
      let text = typed.isEmpty ? proposal ?? "" : typed
      guard !text.isEmpty else {
        console.tell("A value is needed; ctrl-C cancels.")
        continue
      }
      do {
        return try check(text)
      } catch let error as EngineError { console.tell(ErrorReport.text(error, style: console.errorStyle)) }
    }
  }

  /// Asks for one of several by its number, or by what it is called.
  ///
  /// - Parameter proposal: the one that enter alone means, from 0.
  /// - Returns: its place in the list; nil and what was typed when that is neither.
  /// - Throws: as `ask`.
  package func choose(
    _ question: PrintableText, among choices: [PrintableText], proposal: Int = 0
  ) throws -> (index: Int?, typed: String) {
    for (at, choice) in choices.enumerated() { console.tell("  \(at + 1)  \(choice)") }
    return try ask(question, proposal: String(proposal + 1)) { text in
      guard let number = Int(text), choices.indices.contains(number - 1) else { return (nil, text) }
      return (number - 1, text)
    }
  }

  /// Asks a question that yes and no answer.
  ///
  /// - Throws: as `ask`.
  package func isYes(_ question: PrintableText, proposal: Bool = false) throws -> Bool {
    while true {
      console.ask("\(question) \(proposal ? "[Y/n]" : "[y/N]") ")
      guard let line = try readLine(from: input) else {
        console.tell("")
        throw Refusal(what: "Nothing was changed")
      }
      switch Self.trimmed(line).lowercased() {
      case "": return proposal
      case "y", "yes": return true
      case "n", "no": return false
      default: console.tell("Answer y or n. Enter alone means \(proposal ? "yes" : "no").")
      }
    }
  }
}
