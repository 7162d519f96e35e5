import Basics
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Makes the kernel end a long-lived child when this program dies, without another process that waits for it.
///
/// Linux sends a child a requested signal (`PR_SET_PDEATHSIG`) when the thread that started it ends. A process can
/// request it only for itself, and `posix_spawn` does not, so the child starts as this program's own file with
/// `command`, makes the request, and becomes the actual program (`execv`) in the same process. The request survives
/// that, but not the start of a setuid program, and is not inherited by children of the child. So scripts, whose
/// interpreters start other programs, are left to `ChildWarden`, and `holds` is checked once the child works.
package enum ParentBond {
  /// The hidden command. It is followed by the id of the parent, the program and its arguments.
  package static let command = "__end-with-parent"

  private static let offered = Lock(false)

  /// Declares that this program's file supports `command`. Otherwise, children are left to `ChildWarden`.
  package static func offer() {
    #if os(Linux)
    offered.withLock { $0 = true }
    #endif
  }

  /// The file of this program, even if its path has changed.
  private static let ownFile = "/proc/self/exe"

  /// The call that starts the same program with the request; nil if that is impossible or would have no effect.
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

  /// Whether a child is still the program it was started as and has started nothing that would outlive it. A launcher
  /// (such as snap's) may run a setuid program, which cancels the request, or leave the work to another process.
  static func holds(_ child: pid_t, _ executable: String) -> Bool {
    guard let file = FileIdentity("/proc/\(child)/exe"), file == FileIdentity(executable) else { return false }
    let threads = "/proc/\(child)/task"
    return DirectoryTree.names(in: threads).allSatisfy { thread in
      // A thread may have ended meanwhile, and not every kernel has this file.
      ((try? FileIO.read("\(threads)/\(thread)/children")) ?? []).isEmpty
    }
  }

  /// What identifies a program for this processor: magic number, class, byte order and machine of an ELF file.
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

/// The file that a path refers to.
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
