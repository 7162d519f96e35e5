import DashboardCore
import Engine
import Synchronization
import TerminalKit

/// The streams of the log that is shown: one a container, a bounded number of them.
final class LogFollowing: Sendable {
  /// Lines of the past that a stream begins with.
  package static let tail = 1000

  let request: Int
  private let services: DashboardServices
  private let archive: LogArchive
  private let mailbox: Mailbox<Message>
  private let streams = Lock<[LogSource: Task<Void, Never>]>([:])

  package init(request: Int, services: DashboardServices, archive: LogArchive, mailbox: Mailbox<Message>) {
    self.request = request
    self.services = services
    self.archive = archive
    self.mailbox = mailbox
  }

  /// Follows these; those that are followed already go on.
  func update(_ sources: [LogSource]) {
    let limit = (try? services.toolbox.api())?.logLimit ?? LogLimit.processes
    streams.withLock { streams in
      for source in sources where streams[source] == nil && streams.count < limit {
        // Pods that came later are read from their beginning.
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

  private func tell(_ news: LogNews) { mailbox.post(.log(request: request, news)) }

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

  /// Follows until the container ends.
  private func followContainer(_ source: LogSource, tail: Int) async throws {
    let api = try services.toolbox.api()
    let request = LogRequest(
      pod: source.pod, namespace: source.namespace, container: source.container, tail: tail)
    try await ContainerLog(api: api, request).follow { lines in
      self.tell(.lines(lines.map { LogLine(pod: source.pod, $0, keepsColors: true) }))
    } goesOn: { error, hasHeard in
      // Of a log that was never seen it is told why.
      if let error, !hasHeard { throw error }
      // The stream ended: with the container, or because the connection did. A container that is there goes on, and
      // while nobody says whether it is, that is tried too.
      do { return try await api.pod(source.pod, in: source.namespace)?.phase == "Running" } catch is EngineError {
        return true
      }
    }
  }

  /// What was kept of a runner that is gone.
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
