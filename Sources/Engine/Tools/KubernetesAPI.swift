import Basics

/// The cluster's API, accessed through kubectl. A seam: observation and logs use it and are tested without processes.
package protocol KubernetesAPI: Sendable {
  /// The response to a GET of this path (`kubectl get --raw PATH`), as sent by the server.
  ///
  /// - Throws: `EngineError` (`unreachable`, `unauthorized`, `notFound`, `timedOut`, `failed`), `CancellationError`.
  func get(_ path: String, timeout: Duration) async throws -> [UInt8]

  /// A GET whose response does not end on its own: a watch or a followed log. `onLines` receives all complete lines
  /// that have arrived, without line ends; nothing is read while it runs. Returns when the server ends the stream.
  ///
  /// - Throws: as `get`.
  func stream(_ path: String, onLines: @Sendable ([ArraySlice<UInt8>]) async throws -> Void) async throws

  /// The response to a GET as a JSON document.
  ///
  /// - Throws: as `get`; also if the response is not JSON.
  func json(_ path: String, timeout: Duration) async throws -> JSONValue

  /// The maximum number of logs to follow at the same time.
  var logLimit: Int { get }

  /// The state of the files that select the cluster. After a change it may be another cluster, where the object
  /// versions read before are not valid; nil if it cannot change.
  var access: FileStamp? { get }
}

extension KubernetesAPI {
  package func json(_ path: String, timeout: Duration) async throws -> JSONValue {
    try Program.decode(try await get(path, timeout: timeout), of: .kubectl, ["get", "--raw", path])
  }

  package var logLimit: Int { LogLimit.streams }
  package var access: FileStamp? { nil }

  /// The version that the server reports: `v1.36.1`.
  ///
  /// - Throws: `EngineError` with the reason why it does not respond.
  package func serverVersion() async throws -> String? {
    try await json("/version", timeout: .seconds(10))["gitVersion"]?.stringValue
  }
}

/// The maximum number of logs to follow at the same time.
package enum LogLimit {
  /// If each is a connection to a proxy, which costs a descriptor and some kilobytes.
  package static let streams = 200
  /// If each is a process of 45 MB.
  package static let processes = 12
}

/// An API behind a process that is kept running as long as requests are made.
package protocol KubernetesPipe: KubernetesAPI {
  /// Ends the process and its resources, and returns when both are gone. Open streams end.
  func close() async
}

extension Kubectl: KubernetesAPI {
  package var logLimit: Int { LogLimit.processes }
  package var access: FileStamp? { FileStamp(of: configurationFiles) }
}
