import Basics
import Tools

/// The programs that deskrun needs but does not find.
package struct MissingTools: Sendable, Equatable {
  /// The reasons, in the order in which the programs are needed.
  package private(set) var problems: [Problem] = []

  /// A program that was not found.
  package struct Problem: Sendable, Equatable {
    package var tool: ToolName
    package var error: EngineError
  }

  /// Nothing is missing.
  package init() {}

  /// Checks the programs needed for a cluster; kind and a container engine are only needed for kind clusters.
  package init(locator: ToolLocator, isKind: Bool) {
    for tool in [ToolName.kubectl, .helm] + (isKind ? [.kind, .docker] : []) {
      do throws(EngineError) { _ = try locator.locate(tool) } catch {
        problems.append(Problem(tool: tool, error: error))
      }
    }
  }

  package var isEmpty: Bool { problems.isEmpty }

  /// `kubectl, helm and kind`
  package var names: String {
    let names = problems.map(\.tool.rawValue)
    guard names.count > 1, let last = names.last else { return names.first ?? "" }
    return "\(names.dropLast().joined(separator: ", ")) and \(last)"
  }

  /// The problem, in a sentence without a full stop.
  package var sentence: String { "\(names) \(problems.count == 1 ? "is" : "are") not installed" }

  /// How to install them.
  package var fix: String {
    if problems.count == 1, let fix = problems.first?.error.fix { return fix }
    return "`deskrun setup` installs them or shows how"
  }

  /// All problems as one error; nil if nothing is missing.
  package var problem: EngineError? {
    guard let first = problems.first else { return nil }
    guard problems.count > 1 else { return first.error }
    let found = problems.map { "\($0.tool.rawValue): \($0.error.why ?? $0.error.what)" }
    return EngineError(.toolMissing, sentence, why: found.joined(separator: "; "), fix: fix)
  }
}
