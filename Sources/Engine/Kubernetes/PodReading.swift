import Basics
import Tools

extension KubernetesAPI {
  /// A pod as it is now; nil when there is none of that name.
  ///
  /// - Throws: `EngineError` when the cluster cannot say, `CancellationError`.
  package func pod(_ name: String, in namespace: String) async throws -> Pod? {
    let path = "/api/v1/namespaces/\(PercentEncoding.escaped(namespace))/pods/\(PercentEncoding.escaped(name))"
    do {
      return try JSONScanner.scan(try await get(path, timeout: .seconds(10))) { Pod(&$0) }
    } catch let error as EngineError where error.kind == .notFound {
      return nil
    }
  }
}
