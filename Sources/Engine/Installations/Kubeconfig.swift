import Basics
import Tools
import ValuesFiles

/// The contexts and servers in a kubeconfig. Credentials are not read.
package struct Kubeconfig: Sendable, Equatable {
  /// A context and its server.
  package struct Context: Sendable, Equatable {
    package var name: String
    /// The server's URL; nil if the file does not contain it.
    package var server: String?
  }

  package var contexts: [Context] = []
  /// The context that kubectl uses by default; nil if not set.
  package var currentContext: String?

  /// Reads a file; nil for one that does not exist or is empty.
  ///
  /// - Throws: `EngineError` of kind `unreachable` if it cannot be read or is not a kubeconfig, as when kubectl says so.
  package init?(file: String) throws(EngineError) {
    let path = SafeText.line(file)
    let bytes: [UInt8]?
    do throws(FileIO.Failure) { bytes = try FileIO.read(file) } catch {
      throw EngineError(
        .unreachable, "The kubeconfig \(path) cannot be used", why: "It cannot be read: \(error.reason)",
        fix: "Check the file and its permissions", obstacle: .kubeconfig)
    }
    guard let bytes, !Self.isBlank(bytes) else { return nil }
    guard let read = Kubeconfig(bytes) else {
      throw EngineError(
        .unreachable, "The kubeconfig \(path) cannot be used", why: "It is not a kubeconfig",
        fix: "Correct the file, or the path in --kubeconfig", obstacle: .kubeconfig)
    }
    self = read
  }

  private static func isBlank(_ bytes: [UInt8]) -> Bool { bytes.allSatisfy { $0 == 0x20 || $0 == 0x0A } }

  /// The keys of which a kubeconfig has at least one, also without contexts.
  private static let keys = ["apiVersion", "kind", "clusters", "contexts", "users", "current-context", "preferences"]

  /// Parses a kubeconfig; nil if it is another document.
  package init?(_ bytes: [UInt8]) {
    guard !Self.isBlank(bytes) else { return }
    guard let document = try? YAMLReader.read(bytes), Self.keys.contains(where: { document[$0] != nil }) else {
      return nil
    }
    var servers: [String: String] = [:]
    for cluster in document["clusters"]?.items ?? [] {
      guard let name = cluster["name"]?.text else { continue }
      servers[name] = servers[name] ?? cluster["cluster"]?["server"]?.text
    }
    for context in document["contexts"]?.items ?? [] {
      guard let name = context["name"]?.text, !name.isEmpty else { continue }
      contexts.append(Context(name: name, server: context["context"]?["cluster"]?.text.flatMap { servers[$0] }))
    }
    currentContext = document["current-context"]?.text.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// What kubectl uses: with several files, the first one that defines something wins.
  ///
  /// - Parameter file: the only file to read; nil for kubectl's default.
  package static func merged(_ file: String?, _ environment: [String: String]) -> Kubeconfig {
    var merged = Kubeconfig(contexts: [])
    for path in file.map({ [$0] }) ?? KubeconfigFiles.standard(environment) {
      guard let next = (try? Kubeconfig(file: path)) ?? nil else { continue }
      merged.currentContext = merged.currentContext ?? next.currentContext
      for context in next.contexts where !merged.contexts.contains(where: { $0.name == context.name }) {
        merged.contexts.append(context)
      }
    }
    return merged
  }

  private init(contexts: [Context]) { self.contexts = contexts }

  /// The file from which kubectl takes a context by default: the first one that defines it; nil if none does.
  package static func file(of context: String, _ environment: [String: String]) -> String? {
    KubeconfigFiles.standard(environment).first { path in
      ((try? Kubeconfig(file: path)) ?? nil)?.contexts.contains { $0.name == context } ?? false
    }
  }

  /// Whether kubectl always reads a file by default. `KUBECONFIG` may name another file in the next shell, where a
  /// context with the same name may be another cluster, as with `default` of k3s.
  package static func isStandard(_ file: String, _ environment: [String: String]) -> Bool {
    let files = KubeconfigFiles.standard(environment)
    guard let home = environment["HOME"], files.count == 1 else { return false }
    let standard = FileIO.resolved("\(home)/.kube/config")
    return FileIO.resolved(files[0]) == standard && FileIO.resolved(file) == standard
  }
}
