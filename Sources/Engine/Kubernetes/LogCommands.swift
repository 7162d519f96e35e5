import Basics

/// Reads the lines of a job's log in order: the meaning of a line depends on earlier ones. A job that prints foreign
/// text writes `::stop-commands::TOKEN` first; until `::TOKEN::`, nothing is a command (actions/runner,
/// `ActionCommandManager`).
package struct LogCommands: Sendable, Equatable {
  /// The token that resumes commands, in lower case; nil while they are not stopped.
  private var token: String?

  package init() {}

  /// The meaning of the next line.
  ///
  /// - Parameter text: a line without the API's timestamp.
  package mutating func next(_ text: String) -> LogMarkup {
    if token != nil {
      let markup = LogMarkup(text, isPlain: true)
      if let command = markup.command(text), Self.name(command) == token { token = nil }
      return markup
    }
    let markup = LogMarkup(text)
    if let command = markup.command(text), Self.name(command) == "stop-commands" {
      let value = Self.value(command).trimmingSpaces.lowercased()
      // The runner rejects these tokens: they would resume commands by accident.
      if !value.isEmpty, !LogMarkup.commands.contains(value) { token = value }
    }
    return markup
  }

  /// The meaning of the line just read if its text is altered, as when a value is removed.
  package func again(_ text: String) -> LogMarkup { LogMarkup(text, isPlain: token != nil) }

  /// `name` of `::name key=value::…`, in lower case.
  private static func name(_ command: Substring.UTF8View) -> String {
    let colon = UInt8(ascii: ":")
    return String(decoding: command.dropFirst(2).prefix { $0 != colon && $0 != 0x20 }, as: UTF8.self).lowercased()
  }

  /// What follows the second `::`.
  private static func value(_ command: Substring.UTF8View) -> String {
    let text = String(decoding: command.dropFirst(2), as: UTF8.self)
    guard let end = text.firstRange(of: "::") else { return "" }
    return String(text[end.upperBound...])
  }
}
