import DashboardCore
import Engine
import Synchronization
import TerminalKit

/// The streams of the visible log: one per container, up to a maximum number.
final class LogFollowing: Sendable {
  /// The number of past lines that a stream starts with.
  package static let tail = 1000

  let request: Int
  private let toolbox: Toolbox
  private let archive: LogArchive
  private let post: @Sendable (Message) -> Void
  private let streams = Lock<[LogSource: Task<Void, Never>]>([:])

  /// - Parameters:
  ///   - toolbox: the toolbox of the log's cluster.
  ///   - post: sends messages to the model.
  package init(
    request: Int, toolbox: Toolbox, archive: LogArchive, post: @escaping @Sendable (Message) -> Void
  ) {
    self.request = request
    self.toolbox = toolbox
    self.archive = archive
    self.post = post
  }

  /// Follows these containers; existing streams continue.
  func update(_ sources: [LogSource]) {
    let limit = (try? toolbox.api())?.logLimit ?? LogLimit.processes
    streams.withLock { streams in
      for source in sources where streams[source] == nil && streams.count < limit {
        // Pods that start later are read from their first line.
        let isFirst = streams.isEmpty || sources.count == 1
        streams[source] = Task { await self.follow(source, isMerged: sources.count > 1, isFirst: isFirst) }
      }
      if sources.count > 1 {
        for (source, task) in streams where !sources.contains(source) {
          task.cancel()
          streams[source] = nil
        }
      }
    }
  }

  func stop() { streams.withLock { streams in for task in streams.values { task.cancel() } } }

  /// Returns when all streams are closed.
  package func ended() async {
    let tasks = streams.withLock { Array($0.values) }
    for task in tasks { await task.value }
  }

  private func tell(_ news: LogNews) { post(.log(request: request, news)) }

  private func follow(_ source: LogSource, isMerged: Bool, isFirst: Bool) async {
    guard source.isLive else { return readArchive(source, otherwise: nil) }
    do {
      try await followContainer(source, tail: isMerged ? 50 : Self.tail)
      if !isMerged { tell(.ended) }
    } catch let error as EngineError {
      if isMerged || Task.isCancelled { return }
      if error.kind == .notFound { return readArchive(source, otherwise: error) }
      tell(.failed(error))
    } catch {}
  }

  /// Follows a container until it exits.
  private func followContainer(_ source: LogSource, tail: Int) async throws {
    let api = try toolbox.api()
    let request = LogRequest(
      pod: source.pod, namespace: source.namespace, container: source.container, tail: tail)
    try await ContainerLog(api: api, request).follow { lines in
      self.tell(.lines(lines.map { LogLine(pod: source.pod, $0, keepsColors: true) }))
    } goesOn: { error, hasHeard in
      // If nothing of the log was ever received, report the error.
      if let error, !hasHeard { throw error }
      // The stream ended because the container exited or the connection was lost. A running container is read again; so
      // is one whose state is unknown.
      do { return try await api.pod(source.pod, in: source.namespace)?.phase == "Running" } catch is EngineError {
        return true
      }
    }
  }

  /// Reads the archived log of a deleted runner.
  private func readArchive(_ source: LogSource, otherwise error: EngineError?) {
    guard let set = source.scaleSet, let bytes = archive.read(scaleSet: set, runner: source.pod) else {
      return tell(
        .failed(
          EngineError(
            .notFound, "\(source.pod) is gone, and nothing of its log was kept",
            why: "deskrun keeps the logs of jobs that run while it runs")))
    }
    let lines = bytes.split(separator: 0x0A).suffix(LogBuffer.lineLimit)
    tell(.lines(lines.map { LogLine(pod: source.pod, $0, keepsColors: true) }))
    tell(.ended)
  }
}
