import CommandOutput

#if canImport(Darwin)
import Darwin
#else
// `environ` is a global C variable, which strict concurrency cannot check; it is read before any task runs.
@preconcurrency import Glibc
#endif

/// The environment of this process, or of the caller if the command runs in another process.
package enum ProcessEnvironment {
  /// Reads all variables. The first of duplicate names wins, as for getenv(3).
  package static func read() -> [String: String] {
    if let around = Surroundings.current { return around.environment }
    #if canImport(Darwin)
    var next = _NSGetEnviron().pointee
    #else
    var next: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = environ
    #endif
    var variables: [String: String] = [:]
    while let entry = next.pointee {
      let text = String(cString: entry)
      if let equals = text.firstIndex(of: "=") {
        let name = String(text[..<equals])
        if variables[name] == nil { variables[name] = String(text[text.index(after: equals)...]) }
      }
      next += 1
    }
    return variables
  }
}
