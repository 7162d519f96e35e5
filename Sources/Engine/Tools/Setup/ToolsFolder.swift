import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The folder of the programs that `deskrun setup` installed: `tools` in the folder of the configuration.
///
/// What the user has installed counts first. A program here is used where PATH has none, and in place of the one that
/// setup found too old: that one is noted beside it, as it was then, so that PATH counts again once it is updated.
package struct ToolsFolder: Sendable, Equatable {
  package let path: String

  package init(path: String) { self.path = path }

  /// The folder that belongs to an environment; nil where no folder for a configuration is known.
  package init?(environment: [String: String]) {
    if let home = environment["DESKRUN_HOME"], home.hasPrefix("/") {
      path = home + "/tools"
    } else if let home = environment["HOME"], home.hasPrefix("/") {
      path = home + "/.deskrun/tools"
    } else {
      return nil
    }
  }

  /// Where a program is, or would be.
  package func program(_ tool: ToolName) -> String { "\(path)/\(tool.rawValue)" }

  /// The file that says in place of which program of PATH this one is used.
  func note(_ tool: ToolName) -> String { "\(path)/\(tool.rawValue).replaces" }

  /// Whether a program of PATH is the one that was found too old, and has not changed since.
  func replaces(_ tool: ToolName, _ program: String) -> Bool {
    guard let bytes = (try? FileIO.read(note(tool), limit: 16 << 10)) ?? nil else { return false }
    return String(decoding: bytes, as: UTF8.self) == Self.identity(of: program)
  }

  /// Notes which program of PATH is too old; nil when there is none.
  ///
  /// - Throws: `FileIO.Failure`.
  func noteReplaced(_ tool: ToolName, _ program: String?) throws(FileIO.Failure) {
    guard let program else {
      unlink(note(tool))
      return
    }
    try FileIO.replace(note(tool), with: Array(Self.identity(of: program).utf8))
  }

  /// A file as it is now: its size, when it was written, its path.
  private static func identity(of program: String) -> String {
    var info = stat()
    guard stat(program, &info) == 0 else { return "missing \(program)\n" }
    #if canImport(Darwin)
    let time = info.st_mtimespec
    #else
    let time = info.st_mtim
    #endif
    return "\(info.st_size) \(time.tv_sec).\(time.tv_nsec) \(program)\n"
  }

  /// What is in it: the programs, and what a download that was broken off has left.
  package var contents: [String] { DirectoryTree.names(in: path) }

  /// Deletes it with everything in it; a missing one is fine.
  ///
  /// - Throws: `EngineError` that says what could not be deleted.
  package func delete() throws(EngineError) {
    let problem = DirectoryRemoval.delete(path)
    guard problem != 0 else { return }
    throw EngineError(
      .failed, "\(path) could not be deleted completely", why: String(cString: strerror(problem)),
      fix: "Delete it: rm -r \(ToolCall.quoted([path]))")
  }
}
