import CNcurses
import CommandOutput
import Engine

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Handles `ParentBond.command`: a process between its start and the execution of its actual program.
package enum EndingWithParent {
  /// Makes this process end with its parent and executes another program.
  ///
  /// - Parameter arguments: the id of the parent, the program, its arguments.
  /// - Returns: the exit status if that is impossible.
  package static func become(_ arguments: [String]) -> Int32 {
    guard arguments.count >= 2, let parent = pid_t(arguments[0]) else {
      return complain("\(ParentBond.command) is for deskrun itself", ExitStatus.usage.rawValue)
    }
    // Nothing can be cleaned up when the signal arrives, so it is one that cannot be delayed. If the parent died before
    // the request, it never arrives.
    guard cnc_end_with_parent(SIGKILL) == 0, getppid() == parent else { return ExitStatus.failed.rawValue }
    let program = arguments[1]
    var words: [UnsafeMutablePointer<CChar>?] = arguments.dropFirst().map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    // A file that was just written may still be open in another child that has not executed its own program yet.
    for _ in 0..<10 {
      execv(program, &words)
      guard errno == ETXTBSY else { break }
      usleep(2000)
    }
    // The same statuses as in a shell.
    let code = errno
    return complain("\(program) cannot be started: \(String(cString: strerror(code)))", code == ENOENT ? 127 : 126)
  }

  private static func complain(_ text: String, _ status: Int32) -> Int32 {
    try? DescriptorSink(descriptor: 2).write("deskrun: \(SafeText.line(text))\n")
    return status
  }
}
