import Basics
import Tools

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A pseudo-terminal: what is written to `master` is typed at `path`.
struct PseudoTerminal {
  let master: Int32
  let path: String

  init(columns: UInt16 = 80, rows: UInt16 = 24) throws {
    #if canImport(Darwin)
    master = posix_openpt(O_RDWR | O_NOCTTY)
    guard master >= 0, grantpt(master) == 0, unlockpt(master) == 0, let name = ptsname(master) else {
      throw Session.Failure(description: "no pseudo-terminal")
    }
    path = String(cString: name)
    #else
    // The Glibc module's feature macros hide posix_openpt and related functions; these are the equivalent calls.
    let unlock: UInt = 0x4004_5431  // TIOCSPTLCK
    let number: UInt = 0x8004_5430  // TIOCGPTN
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var zero: Int32 = 0
    var index: UInt32 = 0
    guard master >= 0, ioctl(master, unlock, &zero) == 0, ioctl(master, number, &index) == 0 else {
      throw Session.Failure(description: "no pseudo-terminal")
    }
    path = "/dev/pts/\(index)"
    #endif
    _ = fcntl(master, F_SETFD, FD_CLOEXEC)
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }
}

enum Spawn {
  /// Held while descriptors are created until they are marked close-on-exec, and while a program is started: otherwise
  /// a program that another test starts in between would inherit them, and keep them open.
  static let lock = Lock(())

  /// Starts a program with these descriptors as 0, 1 and 2, or as the leader of a session on this terminal.
  static func run(
    _ path: String, _ arguments: [String], environment: [String: String], descriptors: [Int32], terminal: String?
  ) throws -> pid_t {
    #if canImport(Darwin)
    var actions: posix_spawn_file_actions_t?
    var attributes: posix_spawnattr_t?
    let newSession = Int16(POSIX_SPAWN_SETSID)
    #else
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    let newSession: Int16 = 0x80  // POSIX_SPAWN_SETSID, hidden by the feature macros of the Glibc module
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    if let terminal {
      // The first terminal that a new session's leader opens becomes its controlling terminal.
      for target in Int32(0)..<3 { posix_spawn_file_actions_addopen(&actions, target, terminal, O_RDWR, 0) }
    } else {
      for (target, source) in descriptors.enumerated() {
        posix_spawn_file_actions_adddup2(&actions, source, Int32(target))
      }
    }
    // Always in a new session: a child that opens /dev/tty must not find the terminal of the user who runs the tests.
    let flags = Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK) | newSession
    var defaults = sigset_t()
    sigemptyset(&defaults)
    // Including those that another test currently ignores or handles.
    for signal in EndingSignals.requests + EndingSignals.crashes + [SIGPIPE] { sigaddset(&defaults, signal) }
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    var mask = sigset_t()
    sigemptyset(&mask)
    posix_spawnattr_setsigmask(&attributes, &mask)
    posix_spawnattr_setflags(&attributes, flags)
    var argumentList = arguments.map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in argumentList + variables { free(text) } }
    var process: pid_t = 0
    let failure = lock.withLock { _ in
      posix_spawn(&process, path, &actions, &attributes, &argumentList, &variables)
    }
    guard failure == 0 else { throw Session.Failure(description: "\(path): \(String(cString: strerror(failure)))") }
    return process
  }
}
