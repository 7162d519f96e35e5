import CommandOutput
import Engine
import Synchronization

/// The log file of this call, when one was asked for. There is one call in a process, and its end is told where no
/// session exists any more.
package enum CommandLog {
  private static let opened = Lock<(file: LogFile, start: ContinuousClock.Instant)?>(nil)

  /// Opens the file that `--log-file` or `DESKRUN_LOG` names, and notes how deskrun was called.
  ///
  /// - Returns: nil when none was asked for.
  /// - Throws: `EngineError` of kind `invalid` when it cannot be written.
  static func open(_ option: String?, _ environment: [String: String]) throws -> LogFile? {
    guard let path = option ?? environment["DESKRUN_LOG"].flatMap({ $0.isEmpty ? nil : $0 }) else { return nil }
    let file = try LogFile(path: try Session.absolute(path))
    file.note(.run, "deskrun \(DeskrunVersion.current) on \(SystemName.text) called as: \(commandLine)")
    opened.withLock { $0 = (file, .now) }
    return file
  }

  /// Notes an error that a person was told.
  package static func tell(_ error: EngineError) {
    opened.withLock { $0 }?.file.note(.error, LogFile.words(error))
  }

  /// Notes how it ended.
  ///
  /// - Parameter ending: `status 1`, `signal 15`.
  package static func end(_ ending: String) {
    guard let (file, start) = opened.withLock({ $0 }) else { return }
    file.note(.run, "ended with \(ending) after \(LogFile.span(since: start))")
  }

  /// The command line without what was given as a secret, whatever it looks like.
  private static var commandLine: String {
    shown(CommandLine.arguments.dropFirst().map { $0 })
  }

  static func shown(_ arguments: [String]) -> String {
    let option = "--auth-value"
    var shown = ["deskrun"]
    var isSecret = false
    for argument in arguments {
      if isSecret {
        shown.append(isReference(argument[...]) ? argument : SecretMask.sign)
      } else if argument.hasPrefix(option + "=") {
        let value = argument.dropFirst(option.count + 1)
        shown.append(isReference(value) ? argument : "\(option)=\(SecretMask.sign)")
      } else {
        shown.append(argument)
      }
      isSecret = argument == option
    }
    return ToolCall.quoted(shown)
  }

  /// Whether a value says where a secret is, and is none itself.
  private static func isReference(_ value: Substring) -> Bool {
    value == "gh" || value == "-" || value.hasPrefix("@") || value.hasPrefix("env:")
  }
}
