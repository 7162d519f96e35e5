import Basics

/// A pipe to the cluster's API that logs each request.
struct LoggingPipe: KubernetesPipe {
  let pipe: any KubernetesPipe
  let log: LogFile

  var logLimit: Int { pipe.logLimit }
  var access: FileStamp? { pipe.access }

  func get(_ path: String, timeout: Duration) async throws -> [UInt8] {
    try await noting(path) {
      try await pipe.get(path, timeout: timeout)
    } words: {
      "\($0.count) bytes"
    }
  }

  func json(_ path: String, timeout: Duration) async throws -> JSONValue {
    try await noting(path) {
      try await pipe.json(path, timeout: timeout)
    } words: { _ in
      "a document"
    }
  }

  func stream(_ path: String, onLines: @Sendable ([ArraySlice<UInt8>]) async throws -> Void) async throws {
    try await noting(path) {
      try await pipe.stream(path, onLines: onLines)
    } words: {
      "the end of the stream"
    }
  }

  func close() async { await pipe.close() }

  private func noting<Answer>(
    _ path: String, _ body: () async throws -> Answer, words: (Answer) -> String
  ) async throws -> Answer {
    try await log.noting(.ask, path, body) { (words($0), []) }
  }
}
