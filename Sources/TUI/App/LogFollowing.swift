import Engine
import Synchronization

/// The streams of the log that is shown: one a container, a bounded number of them.
final class LogFollowing: Sendable {
  /// The most that are open at once.
  static let streamLimit = 12
  /// Lines of the past that a stream begins with.
  static let tail = 1000

  let request: Int
  private let services: DashboardServices
  private let archive: LogArchive
  private let mailbox: Mailbox<Message>
  private let streams = Mutex<[LogSource: Task<Void, Never>]>([:])

  init(request: Int, services: DashboardServices, archive: LogArchive, mailbox: Mailbox<Message>) {
    self.request = request
    self.services = services
    self.archive = archive
    self.mailbox = mailbox
  }

  /// Follows these; those that are followed already go on.
  func update(_ sources: [LogSource]) {
    streams.withLock { streams in
      for source in sources where streams[source] == nil && streams.count < Self.streamLimit {
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
  func ended() async {
    let tasks = streams.withLock { Array($0.values) }
    for task in tasks { await task.value }
  }

  private func tell(_ news: LogNews) { mailbox.post(.log(request: request, news)) }

  private func follow(_ source: LogSource, isMerged: Bool, isFirst: Bool) async {
    guard source.isLive else { return readArchive(source, otherwise: nil) }
    let tail = isMerged ? 50 : Self.tail
    do {
      let api = try services.toolbox.kubectl()
      var since: Int64?
      for attempt in 0..<Int.max {
        let last = LastTime()
        let request = LogRequest(
          pod: source.pod, namespace: ClusterTarget.namespace, container: source.container,
          tail: attempt == 0 ? tail : nil, follows: true, since: since)
        try await api.stream(request.path) { lines in
          let lines = lines.map { LogLine(pod: source.pod, $0, keepsColors: true) }
          if let time = lines.last?.time { last.set(time) }
          self.tell(.lines(lines))
        }
        since = last.value.map { $0 + 1 } ?? since
        // The stream ended: with the container, or because the connection did. A container that is there goes on.
        let pod = try? await api.get(kind: "pods", name: source.pod, namespace: ClusterTarget.namespace)
        guard pod?["status"]?["phase"] == "Running", attempt < 100 else { break }
        try await Task.sleep(for: .seconds(1))
      }
      if !isMerged { tell(.ended) }
    } catch let error as EngineError {
      if isMerged || Task.isCancelled { return }
      if error.kind == .notFound { return readArchive(source, otherwise: error) }
      tell(.failed(error))
    } catch {}
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

/// The time of the newest line of a stream.
private final class LastTime: Sendable {
  private let time = Mutex<Int64?>(nil)
  var value: Int64? { time.withLock { $0 } }
  func set(_ value: Int64) { time.withLock { $0 = value } }
}
