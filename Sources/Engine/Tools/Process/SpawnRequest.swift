import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A call of `posix_spawn`: default signal handling, an empty signal mask, no descriptors except 0, 1 and 2, and no
/// secrets in the environment. All programs are started through this.
struct SpawnRequest {
  package var call: ToolCall
  /// Whether the child leads its own process group. Otherwise it stays in this program's, and so keeps its terminal.
  var leadsGroup: Bool
  /// The descriptors to use as 0, 1 and 2; nil inherits this program's. An input of nil is `/dev/null`.
  var pipes: (input: Int32?, output: Int32, error: Int32)?

  /// Starts the child.
  ///
  /// - Returns: its id.
  /// - Throws: `EngineError` of kind `toolMissing` if the program does not exist or is not executable, `invalid` if its
  ///   arguments are invalid, `failed` if the system is out of resources.
  package func start() throws(EngineError) -> pid_t {
    let words = [call.executable] + call.arguments + call.environment.flatMap { [$0.key, $0.value] }
    guard !words.contains(where: { $0.utf8.contains(0) }) else {
      throw EngineError(
        .invalid, "\(SafeText.line(call.executable)) cannot be called with these arguments",
        why: "There is a NUL character in them")
    }
    var pid: pid_t = 0
    var result = spawn(&pid)
    // A file that was just written may still be open in another child that has not executed its own program yet.
    for _ in 0..<10 where result == ETXTBSY {
      usleep(2000)
      result = spawn(&pid)
    }
    guard result == 0 else { throw Self.failure(result, call.executable) }
    return pid
  }

  private static func failure(_ code: Int32, _ executable: String) -> EngineError {
    let what = "\(SafeText.line(executable)) cannot be started"
    let why = String(cString: strerror(code))
    return switch code {
    case EAGAIN, ENOMEM, EMFILE, ENFILE:
      EngineError(.failed, what, why: why, fix: "Close other programs and try again; `ulimit -a` shows the limits")
    case E2BIG: EngineError(.failed, what, why: why)
    case ENOENT:
      EngineError(
        .toolMissing, what, why: access(executable, F_OK) == 0 ? "The interpreter or loader it names is missing" : why,
        fix: "Check that the file exists and was built for this system")
    case EACCES:
      EngineError(.toolMissing, what, why: why, fix: "Make it executable: chmod +x \(ToolCall.quoted([executable]))")
    case ENOEXEC:
      EngineError(.toolMissing, what, why: why, fix: "Install the program made for this system and processor")
    default: EngineError(.toolMissing, what, why: why, fix: "Check that the file exists and is executable")
    }
  }

  private func spawn(_ pid: inout pid_t) -> Int32 {
    #if canImport(Darwin)
    var actions: posix_spawn_file_actions_t?
    var attributes: posix_spawnattr_t?
    #else
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    if let pipes {
      if let input = pipes.input {
        posix_spawn_file_actions_adddup2(&actions, input, 0)
      } else {
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
      }
      posix_spawn_file_actions_adddup2(&actions, pipes.output, 1)
      posix_spawn_file_actions_adddup2(&actions, pipes.error, 2)
    }
    #if canImport(Darwin)
    // By default everything is closed on exec, so what should be inherited must be listed.
    if pipes == nil { for descriptor in Int32(0)...2 { posix_spawn_file_actions_addinherit_np(&actions, descriptor) } }
    #endif

    var noSignals = sigset_t()
    sigemptyset(&noSignals)
    var allSignals = sigset_t()
    sigfillset(&allSignals)
    sigdelset(&allSignals, SIGKILL)
    sigdelset(&allSignals, SIGSTOP)
    posix_spawnattr_setsigmask(&attributes, &noSignals)
    posix_spawnattr_setsigdefault(&attributes, &allSignals)
    if leadsGroup { posix_spawnattr_setpgroup(&attributes, 0) }
    posix_spawnattr_setflags(&attributes, flags)

    var arguments: [UnsafeMutablePointer<CChar>?] = ([call.executable] + call.arguments).map { strdup($0) } + [nil]
    let variables = SecretVariables.removed(from: call.environment, keeping: call.keptSecrets)
    var environment: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in arguments + environment { free(pointer) } }
    return posix_spawn(&pid, call.executable, &actions, &attributes, &arguments, &environment)
  }

  private var flags: Int16 {
    var flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    if leadsGroup { flags |= POSIX_SPAWN_SETPGROUP }
    #if canImport(Darwin)
    flags |= POSIX_SPAWN_CLOEXEC_DEFAULT
    #endif
    return Int16(flags)
  }
}
