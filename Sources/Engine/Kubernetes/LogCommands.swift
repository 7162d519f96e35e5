import Basics

/// Reads the lines of one job's log in their order: what a line means depends on those before it. A job that prints text
/// from elsewhere writes `::stop-commands::TOKEN` first; until `::TOKEN::` nothing is a command (actions/runner,
/// `ActionCommandManager`).
package struct LogCommands: Sendable, Equatable {
  /// What ends the stop of commands, in lower case; nil while there is none.
  private var token: String?

  package init() {}

  /// What the next line means.
  ///
  /// - Parameter text: a line without the API's time.
  package mutating func next(_ text: String) -> LogMarkup {
    if token != nil {
      let markup = LogMarkup(text, isPlain: true)
      if let command = markup.command(text), Self.name(command) == token { token = nil }
      return markup
    }
    let markup = LogMarkup(text)
    if let command = markup.command(text), Self.name(command) == "stop-commands" {
      let value = Self.value(command).trimmingSpaces.lowercased()
      // The runner refuses these: they would end the stop by accident.
      if !value.isEmpty, !LogMarkup.commands.contains(value) { token = value }
    }
    return markup
  }

  /// What the line just read means when its text is not the one that was written, as with a value left out.
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
