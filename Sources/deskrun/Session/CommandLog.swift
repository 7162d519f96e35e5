import CommandOutput
import Engine
import Synchronization

/// The log file of this call, if requested. A global, because a process has one call, and its end is logged when no
/// session exists anymore.
package enum CommandLog {
  private static let opened = Lock<(file: LogFile, start: ContinuousClock.Instant)?>(nil)

  /// Opens the file specified by `--log-file` or `DESKRUN_LOG`, and logs the command line.
  ///
  /// - Returns: nil if not requested.
  /// - Throws: `EngineError` of kind `invalid` if it cannot be written.
  static func open(_ option: String?, _ environment: [String: String]) throws -> LogFile? {
    guard let path = option ?? environment["DESKRUN_LOG"].flatMap({ $0.isEmpty ? nil : $0 }) else { return nil }
    let file = try LogFile(path: try Session.absolute(path))
    file.note(.run, "deskrun \(DeskrunVersion.current) on \(SystemName.text) called as: \(commandLine)")
    opened.withLock { $0 = (file, .now) }
    return file
  }

  /// Logs an error that was shown to the user.
  package static func tell(_ error: EngineError) {
    opened.withLock { $0 }?.file.note(.error, LogFile.words(error))
  }

  /// Logs how the call ended.
  ///
  /// - Parameter ending: `status 1`, `signal 15`.
  package static func end(_ ending: String) {
    guard let (file, start) = opened.withLock({ $0 }) else { return }
    file.note(.run, "ended with \(ending) after \(LogFile.span(since: start))")
  }

  /// The command line without private values.
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
  /// Options without a value, which may precede a name. If one is missing here, the word after it is hidden.
  private static let flags: Set<String> = [
    "-v", "--verbose", "-q", "--quiet", "-y", "--yes", "-f", "--follow", "-w", "--watch", "-n", "--dry-run", "-h",
    "--help", "--demo", "--demo-empty", "--force", "--now", "--all", "--exit-code", "--fix", "--wait", "--read-only",
    "--ascii", "--report", "--listener", "--controller", "--from-cluster", "--version", "--caches", "--keep-config",
    "--skip-cluster", "--remove", "--at-boot", "--install-service", "--uninstall-service",
  ]

  /// Shows names, commands and options. Other values are hidden: a token, a password in an address or in `--env`, and
  /// the name of a private repository cannot be recognized reliably.
  static func shown(_ arguments: [String]) -> String {
    var shown = ["deskrun"]
    var option: String?
    for argument in arguments {
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      // A secret may also start with a hyphen.
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

  /// Whether it can be the name of an installation, command or option, or a number.
  private static func isName(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.count <= 63
      && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E }
  }

  /// Whether a value only references a secret.
  private static func isReference(_ value: Substring) -> Bool {
    value == "gh" || value == "-" || value.hasPrefix("@") || value.hasPrefix("env:")
  }
}
