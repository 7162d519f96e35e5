import Basics
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Ends long-lived children if this program dies without being able to do so itself: killed, or out of memory. A
/// `kubectl` that follows a log or watches objects would only notice with the next line, which may never come.
///
/// A small shell for the whole program, started with the first child without a time limit, reads the existing process
/// groups from a pipe. When the pipe closes, this program has died, and the shell ends the remaining groups. Where the
/// kernel does this (`ParentBond`) no shell is needed. Children with a time limit are left to finish; interrupting helm
/// would do harm.
final class ChildWarden: Sendable {
  package static let shared = ChildWarden()

  private struct State {
    package var helper: pid_t = 0
    package var writer: Int32 = -1
    package var groups: Set<pid_t> = []
  }

  private let state = Lock(State())

  /// Reads `+ID` and `-ID`; ignores signals, since it must outlive whatever kills this program.
  private static let script = """
    trap '' HUP INT QUIT TERM USR1 USR2
    cd /
    groups=
    while read -r change; do
      case $change in
      +*) groups="$groups ${change#+}" ;;
      -*)
        left=
        for group in $groups; do [ "-$group" = "$change" ] || left="$left $group"; done
        groups=$left ;;
      esac
    done
    [ -n "$groups" ] || exit 0
    for group in $groups; do kill -s TERM -- "-$group"; done
    sleep 1
    for group in $groups; do kill -s KILL -- "-$group"; done
    """

  /// Starts the helper, unless it is running. Call this before starting a child that the helper should end, so that the
  /// child is not unprotected while the helper starts.
  package func prepare(path: String?) {
    state.withLock { state in
      guard state.writer < 0 || !Self.send([], to: state.writer) else { return }
      Self.collect(&state)
      // Without a helper everything else works; starting it is tried again with the next child.
      guard let (helper, writer) = try? Self.start(path: path) else { return }
      (state.helper, state.writer) = (helper, writer)
      if !state.groups.isEmpty { _ = Self.send(state.groups.map { "+\($0)" }, to: writer) }
    }
  }

  /// Makes the helper end the group of this child with this program. Call this as soon as it has started.
  package func watch(_ group: pid_t) {
    state.withLock { state in
      state.groups.insert(group)
      // If the helper has died, the next one gets all groups when it starts.
      if state.writer >= 0 { _ = Self.send(["+\(group)"], to: state.writer) }
    }
  }

  /// The child has ended. Call this before it is reaped: afterwards its id may be reused.
  package func forget(_ group: pid_t) {
    state.withLock { state in
      guard state.groups.remove(group) != nil, state.writer >= 0 else { return }
      if !Self.send(["-\(group)"], to: state.writer) { Self.collect(&state) }
    }
  }

  /// The id of the helper, or nil if it is not running.
  package var helper: pid_t? { state.withLock { $0.helper > 0 ? $0.helper : nil } }

  /// - Returns: false if the helper has died.
  private static func send(_ lines: [String], to writer: Int32) -> Bool {
    // An empty line has no effect, but shows whether anybody reads.
    let bytes = Array((lines.isEmpty ? [""] : lines).map { $0 + "\n" }.joined().utf8)
    return write(writer, bytes, bytes.count) == bytes.count || errno != EPIPE
  }

  /// Reaps a helper that was killed.
  private static func collect(_ state: inout State) {
    if state.writer >= 0 { close(state.writer) }
    if state.helper > 0 { waitpid(state.helper, nil, WNOHANG) }
    (state.helper, state.writer) = (0, -1)
  }

  private static func start(path: String?) throws(EngineError) -> (helper: pid_t, writer: Int32) {
    try SpawnRequest.alone { () throws(EngineError) in
      let (reader, writer) = try FilePipe.make()
      defer { close(reader) }
      let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
      defer { if nowhere >= 0 { close(nowhere) } }
      do throws(EngineError) {
        guard nowhere >= 0 else { throw EngineError(.failed, "/dev/null cannot be opened") }
        let call = ToolCall(
          "/bin/sh", ["-c", script], environment: ["PATH": (path.map { $0 + ":" } ?? "") + "/usr/bin:/bin"])
        let helper = try SpawnRequest(call: call, leadsGroup: true, pipes: (reader, nowhere, nowhere)).start()
        FilePipe.makeNonBlocking(writer)
        return (helper, writer)
      } catch {
        close(writer)
        throw error
      }
    }
  }
}
