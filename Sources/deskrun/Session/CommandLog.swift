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

  /// The command line as far as it tells what was done, not with what.
  private static var commandLine: String {
    shown(CommandLine.arguments.dropFirst().map { $0 })
  }

  /// Options whose values are deskrun's own words or numbers.
  private static let told: Set<String> = [
    "-o", "--output", "-m", "--mode", "--context", "--color", "--theme", "--tail", "--since", "--limit", "--instances",
    "--min-runners", "--max-runners", "--demo-runners", "--demo-speed", "--demo-clusters", "--demo-outage",
    "--demo-trouble", "--arc-version", "--to",
    "--auth-type", "--store",
  ]
  /// Options without a value: a name may follow them. One that is missing here hides the word after it, no more.
  private static let flags: Set<String> = [
    "-v", "--verbose", "-q", "--quiet", "-y", "--yes", "-f", "--follow", "-w", "--watch", "-n", "--dry-run", "-h",
    "--help", "--demo", "--demo-empty", "--force", "--now", "--all", "--exit-code", "--fix", "--wait", "--read-only",
    "--ascii", "--report", "--listener", "--controller", "--from-cluster", "--version", "--caches", "--keep-config",
    "--skip-cluster", "--remove", "--at-boot", "--install-service", "--uninstall-service",
  ]

  /// Names, commands and options are shown. Other values are not: a token, a password in an address or in `--env`, the
  /// name of a private repository have no form that can be relied on.
  static func shown(_ arguments: [String]) -> String {
    var shown = ["deskrun"]
    var option: String?
    for argument in arguments {
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      // A secret may begin with a dash too.
      if argument.hasPrefix("-"), argument != "-", option != "--auth-value" {
        let name = String(parts[0])
        option = parts.count == 1 && !flags.contains(name) ? name : nil
        guard parts.count == 2 else {
          shown.append(isName(argument.drop { $0 == "-" }) ? argument : SecretMask.sign)
          continue
        }
        shown.append("\(name)=" + (isTold(parts[1], name) ? String(parts[1]) : SecretMask.sign))
      } else {
        let isShown = option.map { isTold(argument[...], $0) } ?? isName(argument[...])
        shown.append(isShown ? argument : SecretMask.sign)
        option = nil
      }
    }
    return ToolCall.quoted(shown)
  }

  private static func isTold(_ value: Substring, _ option: String) -> Bool {
    if option == "--auth-value" { return isReference(value) }
    return told.contains(option) && isName(value)
  }

  /// Whether it can be the name of an installation, of a command or of an option, or a number.
  private static func isName(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.count <= 63
      && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E }
  }

  /// Whether a value says where a secret is, and is none itself.
  private static func isReference(_ value: Substring) -> Bool {
    value == "gh" || value == "-" || value.hasPrefix("@") || value.hasPrefix("env:")
  }
}
