import Basics
import Tools

extension KubernetesAPI {
  /// The current state of a pod; nil if it does not exist.
  ///
  /// - Throws: `EngineError` if the cluster cannot be asked, `CancellationError`.
  package func pod(_ name: String, in namespace: String) async throws -> Pod? {
    let path = "/api/v1/namespaces/\(PercentEncoding.escaped(namespace))/pods/\(PercentEncoding.escaped(name))"
    do {
      return try JSONScanner.scan(try await get(path, timeout: .seconds(10))) { Pod(&$0) }
    } catch let error as EngineError where error.kind == .notFound {
      return nil
    }
  }
}
