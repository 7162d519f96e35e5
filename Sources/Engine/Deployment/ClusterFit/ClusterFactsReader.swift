import Basics
import Tools

/// Reads what determines whether runners can run in a namespace: a few small lists, requested concurrently.
struct ClusterFactsReader: Sendable {
  let toolbox: Toolbox

  /// - Parameters:
  ///   - namespace: the runners' namespace.
  ///   - proxySecret: the Secret whose keys to read.
  /// - Throws: only `CancellationError`. The facts contain the errors of failed reads.
  func read(namespace: String, proxySecret: String?) async throws -> ClusterFacts {
    let core = "/api/v1/namespaces/\(namespace)"
    async let classes = list("/apis/storage.k8s.io/v1/storageclasses")
    async let nodes = list("/api/v1/nodes")
    async let home = list(core)
    async let quotas = list(core + "/resourcequotas")
    async let limits = list(core + "/limitranges")
    async let claims = list(core + "/persistentvolumeclaims")
    async let keys = keys(ofSecret: proxySecret, namespace)
    var facts = ClusterFacts(namespace: namespace)
    func take(
      _ kind: ClusterFacts.Kind, _ answer: Result<JSONValue, EngineError>,
      _ body: (inout ClusterFacts, JSONValue) -> Void
    ) {
      switch answer {
      case .success(let list): body(&facts, list)
      case .failure(let error): facts.unread[kind] = error
      }
    }
    take(.storageClasses, try await classes) { $0.take(storageClasses: $1) }
    take(.nodes, try await nodes) { $0.take(nodes: $1) }
    take(.namespace, try await home) { $0.take(namespace: $1) }
    take(.quotas, try await quotas) { $0.take(quotas: $1) }
    take(.limitRanges, try await limits) { $0.take(limitRanges: $1) }
    take(.claims, try await claims) { $0.take(claims: $1) }
    switch try await keys {
    case .success(let keys): facts.proxyKeys = keys
    case .failure(let error): facts.unread[.proxySecret] = error
    }
    return facts
  }

  /// A response; empty if the object does not exist.
  private func list(_ path: String) async throws -> Result<JSONValue, EngineError> {
    do {
      return .success(try await toolbox.api().json(path, timeout: .seconds(10)))
    } catch let error as EngineError {
      return error.kind == .notFound ? .success([:]) : .failure(error)
    }
  }

  /// The keys of a Secret, without its values; nil if it does not exist.
  private func keys(ofSecret name: String?, _ namespace: String) async throws -> Result<Set<String>?, EngineError> {
    guard let name else { return .success(nil) }
    do {
      let object = try await toolbox.kubectl().get(kind: "secrets", name: name, namespace: namespace)
      return .success(object.map { Set($0["data"]?.objectValue?.keys ?? []) })
    } catch let error as EngineError {
      return .failure(error)
    }
  }
}
