import Foundation

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A file that will be run.
///
/// It is written by a shell and not by this process: a child that another test starts at this moment would keep the
/// file open for writing until it calls exec, and until then the kernel refuses to run the file ("Text file busy").
enum ProgramFile {
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  static func write(_ text: String, to path: String) throws {
    let words = ["sh", "-c", #"printf %s "$1" >"$2""#, "sh", text, path]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    var environment: [UnsafeMutablePointer<CChar>?] = [nil]
    defer { for argument in arguments { free(argument) } }
    var process: pid_t = 0
    let failure = posix_spawn(&process, "/bin/sh", nil, nil, &arguments, &environment)
    guard failure == 0 else { throw Failure(description: "/bin/sh: \(String(cString: strerror(failure)))") }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    guard status == 0 else { throw Failure(description: "\(path) was not written") }
  }
}
