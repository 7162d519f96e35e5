import Engine

/// Questions other than confirmations: a value, a choice, yes or no.
extension Prompt {
  /// Asks for a value until `check` accepts one.
  ///
  /// - Parameters:
  ///   - proposal: the default for an empty answer; nil if an answer is required.
  ///   - check: converts the answer to a value; an `EngineError` is reported, and the question repeated.
  /// - Throws: `Refusal` at the end of the input, `CancellationError` if the command is asked to stop meanwhile.
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

  /// Asks for a choice by number or by name.
  ///
  /// - Parameter proposal: the index of the default for an empty answer.
  /// - Returns: the index of the choice; nil and the answer if it is neither.
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

  /// Asks a yes-or-no question.
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
