import Basics
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Has the kernel end a long-lived child at the death of this program, without a process that waits for it.
///
/// Linux sends a child the signal it asked for (`PR_SET_PDEATHSIG`) when the thread that started it ends. Nobody can ask
/// for another process, and `posix_spawn` does not do it in between, so the child starts as this program's own file with
/// `command`, asks, and becomes the program that was meant (`execv`): the process is the same one. The request survives
/// that, but not the start of a setuid program, and children of the child do not inherit it. So scripts, whose
/// interpreter starts further programs, are left to `ChildWarden`, and `holds` is asked once the child works.
package enum ParentBond {
  /// The hidden command. Behind it: the id of the parent, the program, its arguments.
  package static let command = "__end-with-parent"

  private static let offered = Lock(false)

  /// Says that this program's file answers `command`. Without that, children are left to `ChildWarden`.
  package static func offer() {
    #if os(Linux)
    offered.withLock { $0 = true }
    #endif
  }

  /// The file of this program, whatever has become of its path.
  private static let ownFile = "/proc/self/exe"

  /// The call that starts the same program so; nil where that is not possible or would not hold.
  static func bound(_ call: ToolCall, isOffered: Bool = offered.withLock({ $0 })) -> ToolCall? {
    guard isOffered, let kind = header(of: call.executable), kind == header(of: ownFile),
      let file = FileIdentity(call.executable), file.mode & (S_ISUID | S_ISGID) == 0,
      access(call.executable, X_OK) == 0
    else { return nil }
    var bound = call
    bound.executable = ownFile
    bound.arguments = [command, String(getpid()), call.executable] + call.arguments
    return bound
  }

  /// Whether a child is still the program it was started as and has started nothing that would outlive it. A launcher (as
  /// of a snap) may go through a setuid program, which ends the bond, or leave the work to another process.
  static func holds(_ child: pid_t, _ executable: String) -> Bool {
    guard let file = FileIdentity("/proc/\(child)/exe"), file == FileIdentity(executable) else { return false }
    let threads = "/proc/\(child)/task"
    return DirectoryTree.names(in: threads).allSatisfy { thread in
      // A thread may have ended meanwhile, and not every kernel tells.
      ((try? FileIO.read("\(threads)/\(thread)/children")) ?? []).isEmpty
    }
  }

  /// What tells a program for this processor from anything else: the magic number, the class, the order of bytes and the
  /// machine of an ELF file.
  private static func header(of path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 20)
    guard read(descriptor, &bytes, bytes.count) == bytes.count, bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else {
      return nil
    }
    return Array(bytes[..<6] + bytes[18...])
  }
}

/// Which file a path leads to.
private struct FileIdentity: Equatable {
  let device: dev_t
  let inode: ino_t
  let mode: mode_t

  init?(_ path: String) {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    (device, inode, mode) = (info.st_dev, info.st_ino, info.st_mode)
  }
}
