import ArgumentParser
import CommandOutput
import Engine

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The names for completion scripts. They are only read from files, so that a key press never waits.
package enum Completions {
  /// The hidden command.
  package static let command = "__complete"

  /// Kinds of names that are completed from files, in the parser's options expressed as shell commands.
  package enum Names: String, CaseIterable, Sendable {
    case installations = "names"
    case contexts
    case keptLogs = "logs"
  }

  /// Completes names of installations.
  package static let installationNames = kind(.installations)
  /// Completes contexts of the kubeconfig.
  package static let contexts = kind(.contexts)
  /// Completes runners with archived logs.
  package static let keptLogs = kind(.keptLogs)

  private static func kind(_ names: Names) -> CompletionKind {
    .shellCommand("deskrun \(command) \(names.rawValue) 2>/dev/null")
  }

  /// The names of a kind.
  ///
  /// - Parameters:
  ///   - isDemo: whether to complete the demo's names.
  ///   - kubeconfig: the specified file; nil for those of the environment.
  package static func names(
    _ names: Names, isDemo: Bool, kubeconfig: String? = nil, environment: [String: String]
  ) -> [String] {
    let root = isDemo ? try? DemoSession.root(environment) : nil
    if isDemo, root == nil { return [] }
    if names == .contexts {
      let files = kubeconfigs(kubeconfig, root: root, environment)
      return Set(files.flatMap { contents($0).map(contexts(inKubeconfig:)) ?? [] }).sorted()
    }
    guard let home = root.map({ $0 + "/home" }) ?? ConfigurationFolder.path(environment) else { return [] }
    switch names {
    case .installations: return contents(home + "/config.json").map(Self.names(inConfiguration:)) ?? []
    case .keptLogs: return LogArchive(folder: home + "/logs").entries().map(\.runner)
    case .contexts: return []
    }
  }

  /// The kubeconfig files that kubectl would read.
  private static func kubeconfigs(_ given: String?, root: String?, _ environment: [String: String]) -> [String] {
    if let given { return [given] }
    if let root { return [root + "/kubeconfig"] }
    return KubeconfigFiles.standard(environment)
  }

  /// The names of the contexts in a kubeconfig; empty if it cannot be parsed. Names with characters special to shells
  /// are omitted.
  package static func contexts(inKubeconfig bytes: [UInt8]) -> [String] {
    let contexts = (try? YAMLReader.read(bytes))?["contexts"]?.items ?? []
    return contexts.compactMap { $0["name"]?.text }.filter { name in
      !name.isEmpty && name.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_.:/@".utf8.contains($0) }
    }
  }

  /// The installations' names in order; empty if the file cannot be parsed. Names with characters special to shells are
  /// omitted: deskrun itself never writes any.
  package static func names(inConfiguration bytes: [UInt8]) -> [String] {
    guard let document = try? JSONValue(parsing: bytes) else { return [] }
    let names = Configuration.names(in: document)
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

/// The location of the configuration.
enum ConfigurationFolder {
  /// `DESKRUN_HOME`, or `.deskrun` in the home folder; nil if both are unknown.
  package static func path(_ environment: [String: String]) -> String? {
    if let home = environment["DESKRUN_HOME"], !home.isEmpty { return home }
    guard let home = environment["HOME"], !home.isEmpty else { return nil }
    return (home.hasSuffix("/") ? String(home.dropLast()) : home) + "/.deskrun"
  }
}
