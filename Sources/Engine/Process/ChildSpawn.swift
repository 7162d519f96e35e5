import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Held around every spawn: between `pipe` and `FD_CLOEXEC` another thread's child could inherit the pipe.
private let spawnLock = Mutex<Void>(())

extension ChildProcess {
  /// Starts a program in a process group of its own, with default signal handling and no descriptor but 0, 1 and 2.
  ///
  /// - Throws: `EngineError` of kind `toolMissing` when it cannot be started, or `failed` when descriptors run out.
  static func spawn(_ call: ToolCall, onErrorLine: (@Sendable (String) -> Void)?) throws(EngineError) -> ChildProcess {
    ChildReactor.shared.start()
    let outcome = spawnLock.withLock { _ -> Result<ChildProcess, EngineError> in
      do throws(EngineError) {
        return .success(try spawnLocked(call, onErrorLine))
      } catch { return .failure(error) }
    }
    let child = try outcome.get()
    ChildReactor.shared.add(child)
    return child
  }

  private static func spawnLocked(
    _ call: ToolCall, _ onErrorLine: (@Sendable (String) -> Void)?
  ) throws(EngineError) -> ChildProcess {
    var open: [Int32] = []
    func makePipe() throws(EngineError) -> (reader: Int32, writer: Int32) {
      do throws(EngineError) {
        let ends = try FilePipe.make()
        open += [ends.reader, ends.writer]
        return ends
      } catch {
        for descriptor in open { close(descriptor) }
        throw error
      }
    }
    let output = try makePipe()
    let error = try makePipe()
    let input = call.input == nil ? nil : try makePipe()

    var pid: pid_t = 0
    let result = posixSpawn(call, &pid, input: input?.reader, output: output.writer, error: error.writer)
    for descriptor in [output.writer, error.writer, input?.reader].compactMap({ $0 }) { close(descriptor) }
    guard result == 0 else {
      for descriptor in [output.reader, error.reader, input?.writer].compactMap({ $0 }) { close(descriptor) }
      throw EngineError(
        .toolMissing, "\(call.executable) cannot be started", why: String(cString: strerror(result)),
        fix: "Check that the file is there and may be executed")
    }
    for descriptor in [output.reader, error.reader, input?.writer].compactMap({ $0 }) {
      FilePipe.makeNonBlocking(descriptor)
    }
    let deadline = call.timeout.map { MonotonicClock.now() &+ $0.nanoseconds } ?? .max
    return ChildProcess(
      pid: pid, grace: call.gracePeriod.nanoseconds, onErrorLine: onErrorLine,
      state: State(
        output: output.reader, error: error.reader, input: input?.writer ?? -1, unsent: (call.input ?? [])[...],
        terminateAt: deadline))
  }

  private static func posixSpawn(
    _ call: ToolCall, _ pid: inout pid_t, input: Int32?, output: Int32, error: Int32
  ) -> Int32 {
    #if canImport(Darwin)
    var actions: posix_spawn_file_actions_t?
    var attributes: posix_spawnattr_t?
    let flags = Int16(
      POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_CLOEXEC_DEFAULT)
    #else
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    let flags = Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    if let input {
      posix_spawn_file_actions_adddup2(&actions, input, 0)
    } else {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, error, 2)

    var noSignals = sigset_t()
    sigemptyset(&noSignals)
    var allSignals = sigset_t()
    sigfillset(&allSignals)
    sigdelset(&allSignals, SIGKILL)
    sigdelset(&allSignals, SIGSTOP)
    posix_spawnattr_setsigmask(&attributes, &noSignals)
    posix_spawnattr_setsigdefault(&attributes, &allSignals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(&attributes, flags)

    var arguments: [UnsafeMutablePointer<CChar>?] = ([call.executable] + call.arguments).map { strdup($0) } + [nil]
    var environment: [UnsafeMutablePointer<CChar>?] = call.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in arguments + environment { free(pointer) } }
    return posix_spawn(&pid, call.executable, &actions, &attributes, &arguments, &environment)
  }
}
