import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The folder with the programs that `deskrun setup` installed: `tools` in the folder of the configuration.
///
/// Programs installed by the user come first. One here is used if PATH has none, or instead of one that setup found
/// outdated: its state is recorded, so that PATH wins again once that one is updated.
package struct ToolsFolder: Sendable, Equatable {
  package let path: String

  package init(path: String) { self.path = path }

  /// The folder for an environment; nil if the folder of the configuration is unknown.
  package init?(environment: [String: String]) {
    if let home = environment["DESKRUN_HOME"], home.hasPrefix("/") {
      path = home + "/tools"
    } else if let home = environment["HOME"], home.hasPrefix("/") {
      path = home + "/.deskrun/tools"
    } else {
      return nil
    }
  }

  /// The path of a program, whether or not it exists.
  package func program(_ tool: ToolName) -> String { "\(path)/\(tool.rawValue)" }

  /// The file that records the program in PATH that this one is used instead of.
  func note(_ tool: ToolName) -> String { "\(path)/\(tool.rawValue).replaces" }

  /// Whether a program in PATH is the one that was found outdated, and has not changed since.
  func replaces(_ tool: ToolName, _ program: String) -> Bool {
    guard let bytes = (try? FileIO.read(note(tool), limit: 16 << 10)) ?? nil else { return false }
    return String(decoding: bytes, as: UTF8.self) == Self.identity(of: program)
  }

  /// Records which program in PATH is outdated; nil for none.
  ///
  /// - Throws: `FileIO.Failure`.
  func noteReplaced(_ tool: ToolName, _ program: String?) throws(FileIO.Failure) {
    guard let program else {
      unlink(note(tool))
      return
    }
    try FileIO.replace(note(tool), with: Array(Self.identity(of: program).utf8))
  }

  /// The current state of a file: its size, modification time and path.
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

  /// Its contents: the programs, and the rest of an interrupted download.
  package var contents: [String] { DirectoryTree.names(in: path) }

  /// Deletes it with everything in it; a missing one is not an error.
  ///
  /// - Throws: `EngineError` that names what could not be deleted.
  package func delete() throws(EngineError) {
    let problem = DirectoryRemoval.delete(path)
    guard problem != 0 else { return }
    throw EngineError(
      .failed, "\(path) could not be deleted completely", why: String(cString: strerror(problem)),
      fix: "Delete it: rm -r \(ToolCall.quoted([path]))")
  }
}
