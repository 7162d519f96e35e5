import ArgumentParser
import CommandOutput
import Engine

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What completion scripts ask this program.
package enum Completions {
  /// The hidden command. It reads the configuration file and nothing else, so that a key press never waits.
  package static let command = "__complete"

  /// Completes names of installations.
  package static let installationNames = CompletionKind.shellCommand("deskrun \(command) names 2>/dev/null")

  /// Answers the hidden command.
  ///
  /// - Throws: `StreamClosed`, or an `EngineError` of kind `usage` when something else than names is asked for.
  package static func answer(_ arguments: [String], environment: [String: String], console: Console) throws {
    guard arguments == ["names"] else {
      throw EngineError(.usage, "only `deskrun \(command) names` can be asked for")
    }
    guard let folder = ConfigurationFolder.path(environment), let bytes = contents(folder + "/config.json") else {
      return
    }
    try console.write(names(inConfiguration: bytes).map { "\($0)\n" }.joined())
  }

  /// The installations' names in order; none when the file cannot be understood. Names a shell could trip over are
  /// left out: deskrun itself never writes such.
  package static func names(inConfiguration bytes: [UInt8]) -> [String] {
    guard let document = try? JSONValue(parsing: bytes) else { return [] }
    let names = document["installations"]?.objectValue?.keys ?? []
    return names.filter { name in
      !name.isEmpty
        && name.utf8.allSatisfy { byte in
          (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || byte == UInt8(ascii: "-")
        }
    }.sorted()
  }

  private static func contents(_ path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < 16 << 20 {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      bytes += chunk[..<count]
    }
    return bytes
  }
}

/// Where the configuration lies.
enum ConfigurationFolder {
  /// `DESKRUN_HOME`, or `.deskrun` in the home folder; nil when neither is known.
  package static func path(_ environment: [String: String]) -> String? {
    if let home = environment["DESKRUN_HOME"], !home.isEmpty { return home }
    guard let home = environment["HOME"], !home.isEmpty else { return nil }
    return (home.hasSuffix("/") ? String(home.dropLast()) : home) + "/.deskrun"
  }
}
