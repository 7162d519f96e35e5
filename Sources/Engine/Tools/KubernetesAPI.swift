import Basics

/// The cluster's API, reached through kubectl. A seam: observation and logs are written against it and tested without a
/// process.
package protocol KubernetesAPI: Sendable {
  /// The answer to a GET of this path (`kubectl get --raw PATH`), as the server sent it.
  ///
  /// - Throws: `EngineError` (`unreachable`, `unauthorized`, `notFound`, `timedOut`, `failed`), `CancellationError`.
  func get(_ path: String, timeout: Duration) async throws -> [UInt8]

  /// A GET whose answer does not end by itself: a watch or a followed log. `onLines` hears whole lines without their
  /// ends, as many as have come; while it works nothing is read. Returns when the server ends the stream.
  ///
  /// - Throws: as `get`.
  func stream(_ path: String, onLines: @Sendable ([ArraySlice<UInt8>]) async throws -> Void) async throws

  /// The answer to a GET as a document.
  ///
  /// - Throws: as `get`; also when the answer is not JSON.
  func json(_ path: String, timeout: Duration) async throws -> JSONValue

  /// The most logs that are worth following at the same time.
  var logLimit: Int { get }
}

extension KubernetesAPI {
  package func json(_ path: String, timeout: Duration) async throws -> JSONValue {
    try Program.decode(try await get(path, timeout: timeout), of: .kubectl, ["get", "--raw", path])
  }

  package var logLimit: Int { LogLimit.streams }

  /// The server's version as it names itself, `v1.36.1`.
  ///
  /// - Throws: `EngineError` that says why it does not answer.
  package func serverVersion() async throws -> String? {
    try await json("/version", timeout: .seconds(10))["gitVersion"]?.stringValue
  }
}

/// The most logs that are followed at the same time.
package enum LogLimit {
  /// Where each is a connection to a proxy: a descriptor and some kilobytes.
  package static let streams = 200
  /// Where each is a process of 45 MB.
  package static let processes = 12
}

/// An API behind a process that is kept for as long as there is something to ask.
package protocol KubernetesPipe: KubernetesAPI {
  /// Ends the process and removes what it needed, and returns when both are gone. Streams that are open end.
  func close() async
}

extension Kubectl: KubernetesAPI {
  package var logLimit: Int { LogLimit.processes }
}
