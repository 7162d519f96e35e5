import ArgumentParser
import CommandOutput
import CommandSession
import Demo
import Engine
import KubeProxy

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The entry point. `main` is not asynchronous: simulated tools and the version are handled before the concurrency
/// runtime and the argument parser cost anything, and the dashboard needs the main thread.
@main
enum Main {
  /// With these names, the program is a simulated tool of the embedded cluster.
  private static let simulatedTools: Set<String> = ["kubectl", "helm", "kind", "docker"]

  static func main() {
    var arguments = CommandLine.arguments
    let path = arguments.isEmpty ? "" : arguments.removeFirst()
    if arguments.first == ParentBond.command { exit(EndingWithParent.become(Array(arguments.dropFirst()))) }
    StandardDescriptors.open()
    ReturnedMemory.begin()
    let name = path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    if simulatedTools.contains(name) {
      exit(demoToolMain(name: name, arguments: arguments, environment: ProcessEnvironment.read()))
    }
    if arguments == ["--version"] || arguments == ["version"] {
      exit(version(arguments[0]))
    }
    ParentBond.offer()
    HiddenMemory.begin()
    Questions.allow(isatty(0) == 1 && isatty(2) == 1)
    let environment = ProcessEnvironment.read()
    if let form = ListReport.quickForm(arguments), environment["DESKRUN_LOG"] == nil { exit(list(form, environment)) }
    let status = run(arguments, environment: environment)
    CommandLog.end("status \(status)")
    exit(status)
  }

  private static func version(_ argument: String) -> Int32 {
    signal(SIGPIPE, SIG_IGN)
    do {
      try DescriptorSink(descriptor: 1).write(
        argument == "version" ? VersionReport().line : "\(VersionReport.text)\n")
      return ExitStatus.ok.rawValue
    } catch {
      return status(of: error, Console(environment: ProcessEnvironment.read()))
    }
  }

  /// `list` without the argument parser, which would take most of its time.
  private static func list(_ form: OutputForm, _ environment: [String: String]) -> Int32 {
    signal(SIGPIPE, SIG_IGN)
    let console = EarlyOptions([]).console(environment: environment)
    do {
      try ListReport.write(ConfigurationStore(paths: try Paths(environment: environment)), form, to: console)
      return ExitStatus.ok.rawValue
    } catch {
      return status(of: error, console)
    }
  }

  /// Parses and runs a command line.
  private static func run(_ arguments: [String], environment: [String: String]) -> Int32 {
    // A tool that closes its input early, or a reader that leaves, must not end the process between two steps of a
    // plan; writing fails with EPIPE instead, and `status` below handles a closed standard output as usual.
    signal(SIGPIPE, SIG_IGN)
    let console = EarlyOptions(arguments).console(environment: environment)
    do {
      if arguments.first == Completions.command {
        try CompletionAnswer.write(Array(arguments.dropFirst()), environment: environment, to: console)
        return ExitStatus.ok.rawValue
      }
      let isTerminal = isatty(0) == 1 && console.output.isTerminal
      let arranged = try ArgumentOrder.arrange(arguments, whenEmpty: isTerminal ? ["tui"] : ["--help"])
      var command = try parse(arranged)
      guard let waiting = command as? any AsyncParsableCommand else {
        try command.run()
        return ExitStatus.ok.rawValue
      }
      return runWaiting(waiting, console)
    } catch {
      return status(of: error, console)
    }
  }

  /// Parses with only the command that is called, which halves the start time; if that fails, or help is asked for,
  /// parses with the whole tree, which determines the wording of errors and help.
  static func parse(_ arranged: ArgumentOrder.Arranged) throws -> any ParsableCommand {
    if let (wanted, arguments) = arranged.command, !arranged.asksForHelp,
      let command = try? wanted.parseAsRoot(arguments), type(of: command) == wanted
    {
      return command
    }
    do {
      return try Deskrun.parseAsRoot(arranged.arguments)
    } catch {
      // Whether it is an error is asked last: the parser writes the whole help to find out.
      guard let known = ArgumentOrder.unknownOption(arranged) ?? ArgumentOrder.negativeNumber(arranged),
        Deskrun.exitCode(for: error) != .success
      else { throw error }
      throw known
    }
  }

  private static func runWaiting(_ command: sending any AsyncParsableCommand, _ console: Console) -> Int32 {
    Interrupt.run {
      let status: Int32
      do {
        var command = command
        try await command.run()
        status = ExitStatus.ok.rawValue
      } catch {
        await KubePipe.closeAll()
        return Self.status(of: error, console)
      }
      await KubePipe.closeAll()
      return status
    }
  }

  /// Reports what ended the command and returns the exit status.
  ///
  /// - Parameter columns: the width of help texts; nil for the width of the terminal.
  static func status(of error: any Error, _ console: Console, columns: Int? = nil) -> Int32 {
    console.showLive(nil)
    let style = console.errorStyle
    if let error = error as? EngineError { CommandLog.tell(error) }
    switch error {
    case let closed as StreamClosed where closed.code == EPIPE: return readerIsGone()
    case is CancellationError where Interrupt.readerIsGone: return readerIsGone()
    case let error as EngineError where error.kind == .interrupted && Interrupt.readerIsGone: return readerIsGone()
    case let closed as StreamClosed:
      let error = EngineError(
        .failed, "Standard output cannot be written", why: String(cString: strerror(closed.code)),
        fix: closed.code == ENOSPC || closed.code == EDQUOT ? "Free space where it is written to" : nil)
      console.tell(ErrorReport.text(error, style: style))
      return ExitStatus.failed.rawValue
    case is CancellationError:
      console.tell(style.paint("interrupted", .warning))
      return 128 + (Interrupt.signal ?? SIGINT)
    case let error as EngineError:
      console.tell(ErrorReport.text(error, style: style))
      return error.kind == .interrupted ? 128 + (Interrupt.signal ?? SIGINT) : ExitStatus(error.kind).rawValue
    case let refusal as Refusal:
      console.tell(ErrorReport.text(refusal, style: style))
      return ExitStatus.cancelled.rawValue
    case let code as ExitCode: return code.rawValue
    case let page as HelpTopic:
      do { try console.write(PrintableText(lines: page.text)) } catch { return Self.status(of: error, console) }
      return ExitStatus.ok.rawValue
    default: return parserStatus(of: error, console, columns)
    }
  }

  /// As any other program whose reader leaves: silently, by SIGPIPE.
  private static func readerIsGone() -> Int32 {
    CommandLog.end("signal \(SIGPIPE)")
    signal(SIGPIPE, SIG_DFL)
    raise(SIGPIPE)
    return 128 + SIGPIPE
  }

  /// Requested help and versions are data; anything else the argument parser throws is invalid usage. Errors of unknown
  /// kinds are also handled here, as failures.
  private static func parserStatus(of error: any Error, _ console: Console, _ columns: Int?) -> Int32 {
    let message = Deskrun.fullMessage(for: error, columns: columns)
    let code = Deskrun.exitCode(for: error)
    if code == .success {
      do {
        if !message.isEmpty {
          try console.write("\(PrintableText(lines: HelpText.arranged(message)))\n")
        }
      } catch { return status(of: error, console) }
      return ExitStatus.ok.rawValue
    }
    let text = message.hasPrefix("Error: ") ? String(message.dropFirst("Error: ".count)) : message
    console.tell("\(console.errorStyle.paint("error:", .bad)) \(PrintableText(prose: text))")
    return code == .validationFailure ? ExitStatus.usage.rawValue : ExitStatus.failed.rawValue
  }
}
