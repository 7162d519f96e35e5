import Basics
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Ends long-lived children when this program dies without a chance to do so itself: killed, or out of memory. A
/// `kubectl` that follows a log or watches objects would notice it only with the next line, which may never come.
///
/// One small shell for the whole program, started with the first child that has no time limit, reads which process groups
/// there are from a pipe. When the pipe closes, this program is gone, and the shell ends the groups that are left. Where
/// the kernel does it (`ParentBond`) there is no shell. Children with a time limit end by themselves; cutting a half-done
/// helm off would do harm.
final class ChildWarden: Sendable {
  package static let shared = ChildWarden()

  private struct State {
    package var helper: pid_t = 0
    package var writer: Int32 = -1
    package var groups: Set<pid_t> = []
  }

  private let state = Lock(State())

  /// Reads `+ID` and `-ID`; deaf to signals, since it has to outlive whatever kills this program.
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

  /// Starts the helper, unless it runs. To be called before a child is started that it shall end, so that the child is
  /// not alone while the helper starts.
  package func prepare(path: String?) {
    state.withLock { state in
      guard state.writer < 0 || !Self.send([], to: state.writer) else { return }
      Self.collect(&state)
      // Without a helper everything works but this; it is tried again with the next child.
      guard let (helper, writer) = try? Self.start(path: path) else { return }
      (state.helper, state.writer) = (helper, writer)
      if !state.groups.isEmpty { _ = Self.send(state.groups.map { "+\($0)" }, to: writer) }
    }
  }

  /// From now on the group of this child does not outlive this program. To be called as soon as it has started.
  package func watch(_ group: pid_t) {
    state.withLock { state in
      state.groups.insert(group)
      // A helper that has gone is told of all groups when the next one starts.
      if state.writer >= 0 { _ = Self.send(["+\(group)"], to: state.writer) }
    }
  }

  /// The child has ended. To be called before it is reaped: afterwards its id may be somebody else's.
  package func forget(_ group: pid_t) {
    state.withLock { state in
      guard state.groups.remove(group) != nil, state.writer >= 0 else { return }
      if !Self.send(["-\(group)"], to: state.writer) { Self.collect(&state) }
    }
  }

  /// The id of the helper, or nil while there is none.
  package var helper: pid_t? { state.withLock { $0.helper > 0 ? $0.helper : nil } }

  /// - Returns: false when the helper is gone.
  private static func send(_ lines: [String], to writer: Int32) -> Bool {
    // An empty line says nothing, but finds out whether anybody reads.
    let bytes = Array((lines.isEmpty ? [""] : lines).map { $0 + "\n" }.joined().utf8)
    return write(writer, bytes, bytes.count) == bytes.count || errno != EPIPE
  }

  /// Buries a helper that was killed.
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
