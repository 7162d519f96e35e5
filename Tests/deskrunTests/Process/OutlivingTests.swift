import Foundation
import TestSupport
import Testing

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Nothing that deskrun started outlives it.
@Suite(.ownThreads) struct OutlivingTests {
  /// A kubectl whose streams contain one line and then stay silent.
  private static let silent = """
    case "$0 $*" in
    *kubectl*--raw*follow=true*|*kubectl*--raw*watch=*) echo "$$" >>"$NOTES"; echo "line of $$"; exec sleep 600 ;;
    esac
    """

  private func streams(_ tools: StandInTools) -> [pid_t] { tools.noted.split(separator: "\n").compactMap { pid_t($0) } }

  @Test(arguments: [SIGKILL, SIGTERM]) func `no stream outlives deskrun, even killed`(signal: Int32) async throws {
    let tools = try await StandInTools(speed: 20, Self.silent)
    let session = try Session(
      DeskrunBinary.path, ["deskrun", "logs", "web-ci", "--follow"],
      environment: DeskrunBinary.environment(tools.environment), terminal: nil)
    try tools.waitForNotes { !$0.isEmpty }
    // Once a stream's line was printed, deskrun knows its process.
    for process in streams(tools) { try session.wait(for: "line of \(process)") }
    kill(session.process, signal)
    _ = try session.waitForEnd()
    for process in streams(tools) where session.output.contains("line of \(process)") {
      #expect(waitUntilGone(process))
    }
  }

  /// The socket folders in a folder.
  private func pipes(_ place: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []).filter { $0.hasPrefix("deskrun-pipe-") }
  }

  @Test(arguments: [SIGKILL, SIGTERM, SIGQUIT, SIGINT])
  func `no proxy and no socket outlives deskrun, killed for longer than until the next`(signal: Int32) async throws {
    let place = try TemporaryFolder()
    let tools = try await StandInTools(speed: 20, hasProxy: true, #"[ "$1" = proxy ] && echo $$ >>"$NOTES""#)
    let environment = tools.environment.merging(["XDG_RUNTIME_DIR": place.path]) { $1 }
    let session = try Session(
      DeskrunBinary.path, ["deskrun", "logs", "web-ci", "--follow"],
      environment: DeskrunBinary.environment(environment), terminal: nil)
    try session.wait(for: "Listening for Jobs")
    let proxy = try #require(pid_t(tools.noted.trimmingCharacters(in: .newlines)))
    #expect(isRunning(proxy))
    #expect(pipes(place.path).count == 1)
    kill(session.process, signal)
    _ = try session.waitForEnd()
    #expect(waitUntilGone(proxy))
    if signal == SIGKILL {
      #expect(pipes(place.path).count == 1)
      #expect(try DeskrunBinary.run(["status"], environment: environment).status == 0)
    }
    #expect(pipes(place.path).isEmpty)
  }

  @Test(arguments: [SIGKILL, SIGTERM]) func `what kubectl started beside itself does not outlive deskrun either`(
    signal: Int32
  ) async throws {
    let place = try TemporaryFolder()
    let tools = try await StandInTools(
      speed: 20, hasProxy: true, #"[ "$1" = proxy ] && { sleep 600 & echo "$! $$" >>"$NOTES"; }"#)
    let session = try Session(
      DeskrunBinary.path, ["deskrun", "logs", "web-ci", "--follow"],
      environment: DeskrunBinary.environment(tools.environment.merging(["XDG_RUNTIME_DIR": place.path]) { $1 }),
      terminal: nil)
    try session.wait(for: "Listening for Jobs")
    let processes = tools.noted.split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
    #expect(processes.count == 2)
    #expect(processes.allSatisfy(isRunning))
    kill(session.process, signal)
    _ = try session.waitForEnd()
    for process in processes { #expect(waitUntilGone(process)) }
  }

  #if os(Linux)
  /// The child processes, with their command lines.
  private func children(of parent: pid_t) -> [(id: pid_t, command: String)] {
    let ids = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid_t($0) }
    return ids.compactMap { id in
      guard let stat = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8), !stat.contains(") Z "),
        let cells = stat.split(separator: ")").last?.split(separator: " "), cells.count > 1, pid_t(cells[1]) == parent,
        let command = try? String(contentsOfFile: "/proc/\(id)/cmdline", encoding: .utf8)
      else { return nil }
      return (id, command.replacingOccurrences(of: "\0", with: " "))
    }
  }

  @Test func `a kubectl that is a program is the only process beside deskrun, and killed with it`() async throws {
    let place = try TemporaryFolder()
    let tools = try await StandInTools(speed: 20, "")
    // The simulated tool itself, without a script around it.
    let environment = tools.environment.merging([
      "XDG_RUNTIME_DIR": place.path, "DESKRUN_KUBECTL": tools.demo.path + "/bin/kubectl",
    ]) { $1 }
    let session = try Session(
      DeskrunBinary.path, ["deskrun", "logs", "web-ci", "--follow"],
      environment: DeskrunBinary.environment(environment), terminal: nil)
    try session.wait(for: "Listening for Jobs")
    // Processes for single requests have ended by then, or soon will.
    let end = Date().addingTimeInterval(30)
    while children(of: session.process).contains(where: { !$0.command.contains("kubectl proxy") }), Date() < end {
      usleep(20_000)
    }
    let there = children(of: session.process)
    #expect(there.count == 1, "\(there)")
    kill(session.process, SIGKILL)
    _ = try session.waitForEnd()
    for child in there { #expect(waitUntilGone(child.id)) }
  }

  @Test func `a child whose parent has died meanwhile does not begin`() throws {
    // Process 1 is not the parent of a process started by a test.
    let late = try DeskrunBinary.run(["__end-with-parent", "1", "/bin/echo", "begun"])
    #expect(late.status == 1)
    #expect(late.output.isEmpty)
    let inTime = try DeskrunBinary.run(["__end-with-parent", String(getpid()), "/bin/echo", "begun"])
    #expect(inTime.status == 0)
    #expect(inTime.output == "begun\n")
    let missing = try DeskrunBinary.run(["__end-with-parent", String(getpid()), "/nonexistent/kubectl"])
    #expect(missing.status == 127)
    #expect(missing.errors == "deskrun: /nonexistent/kubectl cannot be started: No such file or directory\n")
  }
  #endif

  @Test func `a shell in a runner is ended with the dashboard, and the terminal given back`() async throws {
    for signal in [SIGTERM, SIGUSR1, SIGSEGV] {
      let tools = try await StandInTools(
        speed: 20,
        "case \"$1\" in exec) echo $$ >\"$NOTES\"; stty raw -echo; printf 'IN THE %s\\r\\n' SHELL; exec cat ;; esac")
      let note = tools.notes + ".pid"
      let session = try Session(
        "/bin/sh", ["sh", "-c", "stty -g; sh -c 'echo $$ >$NOTE; exec $BIN tui'; echo \"status $?\"; stty -g"],
        environment: DeskrunBinary.environment(
          tools.environment.merging(["NOTE": note, "BIN": DeskrunBinary.path]) { $1 }), terminal: (100, 30))
      let board = DashboardSession(session, columns: 100, rows: 30)
      try board.see("web-ci-")
      board.press("2/idle" + Press.enter)
      // The idle runner may just have got a job; another one will soon be idle.
      var isOpen = false
      for _ in 0..<20 where !isOpen {
        isOpen = (try? { try board.press("x", see: "IN THE SHELL", seconds: 3) }()) != nil
      }
      try board.see("IN THE SHELL")
      let process = try #require(
        pid_t(try String(contentsOfFile: note, encoding: .utf8).trimmingCharacters(in: .newlines)))
      kill(process, signal)
      try board.see("status \(128 + signal)")
      _ = board.finish()
      let lines = board.screen.split(separator: "\n").map(String.init)
      let settings = lines.filter { $0.split(separator: ":").count > 10 }
      #expect(settings.count == 2 && settings.first == settings.last, "\(board.screen)")
      #expect(board.terminal.modes.intersection([1000, 1002, 1004, 1006, 1049, 2004, 2026]) == [])
      for process in streams(tools) { #expect(waitUntilGone(process)) }
    }
  }
}
