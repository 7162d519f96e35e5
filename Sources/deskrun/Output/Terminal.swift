import Engine

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// When to color output.
package enum ColorChoice: String, CaseIterable, Sendable {
  /// On a capable terminal, unless the environment says otherwise.
  case auto
  case always
  case never
}

/// The properties of a stream's destination. A value, so that tests can create any terminal.
package struct Terminal: Sendable, Equatable {
  /// Whether it is a terminal.
  package var isTerminal: Bool
  /// Its width in cells, or nil if it is not a terminal or the width is unknown.
  package var columns: Int?
  /// Whether to write colors.
  package var usesColor: Bool
  /// Whether to write characters outside ASCII.
  package var usesUnicode: Bool
  /// Whether lines can be rewritten: a terminal that understands escape sequences.
  var canRewriteLines: Bool
  /// Whether characters outside ASCII are possible: the locale is UTF-8. On a terminal with another character set some
  /// of their bytes are control characters.
  var takesUTF8 = true

  /// A pipe or a file: plain text.
  package static let plain = Terminal(
    isTerminal: false, columns: nil, usesColor: false, usesUnicode: true, canRewriteLines: false)

  /// Reads a descriptor's properties and the environment.
  static func facts(
    of descriptor: Int32, environment: [String: String], color: ColorChoice = .auto, ascii: Bool = false
  ) -> Terminal {
    let isTerminal = isatty(descriptor) == 1
    return facts(
      isTerminal: isTerminal, columns: isTerminal ? width(of: descriptor) : nil, environment: environment,
      color: color, ascii: ascii)
  }

  /// The properties that result from whether it is a terminal, its width and the environment.
  static func facts(
    isTerminal: Bool, columns: Int?, environment: [String: String], color: ColorChoice, ascii: Bool
  ) -> Terminal {
    let isDumb = environment["TERM"] == "dumb"
    return Terminal(
      isTerminal: isTerminal,
      columns: columns ?? (isTerminal ? environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } : nil),
      usesColor: usesColor(isTerminal: isTerminal, environment: environment, choice: color),
      usesUnicode: !ascii && !isSet(environment["DESKRUN_ASCII"]) && CharacterLocale.utf8(environment) != nil,
      canRewriteLines: isTerminal && !isDumb && environment["TERM"] != nil,
      takesUTF8: CharacterLocale.utf8(environment) != nil)
  }

  /// Order of precedence: `--color`, NO_COLOR, CLICOLOR_FORCE, CLICOLOR, the kind of stream.
  private static func usesColor(isTerminal: Bool, environment: [String: String], choice: ColorChoice) -> Bool {
    switch choice {
    case .always: return true
    case .never: return false
    case .auto: break
    }
    if let noColor = environment["NO_COLOR"], !noColor.isEmpty { return false }
    if isSet(environment["CLICOLOR_FORCE"]) { return true }
    if environment["CLICOLOR"] == "0" { return false }
    guard isTerminal, environment["TERM"] != "dumb" else { return false }
    return isSet(environment["TERM"]) || isSet(environment["COLORTERM"])
  }

  private static func isSet(_ value: String?) -> Bool { value.map { !$0.isEmpty && $0 != "0" } ?? false }

  private static func width(of descriptor: Int32) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}
