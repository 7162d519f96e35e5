import ARC
import Basics
import Kubernetes
import Tools

/// Keeps the logs of runners that have a job, and hears in them how the jobs ended: ARC deletes a runner's pod with its
/// job, so whoever did not listen meanwhile never learns it.
package actor LogRecorder {
  /// What a runner's log says of its job.
  package enum Mark: Sendable, Equatable {
    /// The job began.
    case started(at: Int64?)
    /// The job ended; GitHub's word for how.
    case ended(result: String, at: Int64?)
    /// Something that tells why a runner does not work.
    case hint(LogHint)
  }

  /// A runner whose log is to be kept.
  package struct Target: Sendable, Hashable {
    /// Its name, which the pod shares.
    package var runner: String
    /// Its scale set.
    package var scaleSet: String
    /// Its namespace.
    package var namespace: String

    /// Describes a runner.
    package init(runner: String, scaleSet: String, namespace: String = ClusterTarget.namespace) {
      self.runner = runner
      self.scaleSet = scaleSet
      self.namespace = namespace
    }
  }

  private let api: any KubernetesAPI
  private let archive: LogArchive
  private let onMark: @Sendable (Target, Mark) -> Void
  private let onProblem: @Sendable (EngineError) -> Void
  private var wanted: Set<Target> = []
  private var streams: [Target: Task<Void, Never>] = [:]
  private var finished: Set<Target> = []

  /// The wait before a log is tried again that somebody else writes, or that cannot be written.
  private let patience: Duration
  private let backoff: Backoff

  /// Records through this API into this archive.
  ///
  /// - Parameters:
  ///   - onMark: hears what the logs say of jobs, of logs that somebody else keeps too. It may hear things twice.
  ///   - onProblem: hears when a log cannot be kept, once until it can be again.
  package init(
    api: any KubernetesAPI, archive: LogArchive, onMark: @escaping @Sendable (Target, Mark) -> Void,
    onProblem: @escaping @Sendable (EngineError) -> Void = { _ in }
  ) {
    self.init(
      api: api, archive: archive, patience: .seconds(2), backoff: Backoff(), onMark: onMark, onProblem: onProblem)
  }

  package init(
    api: any KubernetesAPI, archive: LogArchive, patience: Duration, backoff: Backoff,
    onMark: @escaping @Sendable (Target, Mark) -> Void, onProblem: @escaping @Sendable (EngineError) -> Void
  ) {
    (self.api, self.archive, self.patience, self.backoff) = (api, archive, patience, backoff)
    (self.onMark, self.onProblem) = (onMark, onProblem)
  }

  /// These runners have jobs now; the first ones are recorded, as many as may be.
  package func record(_ targets: [Target]) {
    let limit = api.logLimit
    wanted = Set(targets)
    finished.formIntersection(wanted)
    for target in targets where streams[target] == nil && !finished.contains(target) {
      guard streams.count < limit else { break }
      streams[target] = Task { await self.follow(target) }
    }
  }

  /// Ends all streams, and returns when nothing is written any more.
  package func stop() async {
    let tasks = Array(streams.values)
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
    streams = [:]
  }

  /// Reads a log to its end. A stream that breaks off is taken up where it broke, as long as the container is there.
  private func follow(_ target: Target) async {
    let sink = LogSink(archive, target, onProblem)
    var backoff = backoff
    var isFirst = true
    while !Task.isCancelled {
      let since = await sink.begin(fromStart: isFirst)
      let request = LogRequest(
        pod: target.runner, namespace: target.namespace, container: "runner", follows: true,
        // From its beginning at first, for what it says of the job; what is kept already is not written again.
        since: isFirst ? nil : since)
      isFirst = false
      let started = ContinuousClock.now
      var hasEnded = false
      switch await stream(request, target, sink) {
      case .takenOver: continue
      case .gone: hasEnded = true
      case .ended:
        // Whoever wrote it may have been stopped before this end.
        if await sink.mayWriteNow() { continue }
        hasEnded = await !runs(target)
      case .broken: hasEnded = !wanted.contains(target) && backoff.failures >= 5
      }
      if hasEnded { break }
      try? await Task.sleep(for: backoff.next(after: started.duration(to: .now)))
    }
    await sink.end()
    streams[target] = nil
    finished.insert(target)
  }

  private enum End: Sendable {
    /// This recorder can write the log now.
    case takenOver
    case ended
    /// The pod does not exist.
    case gone
    case broken
  }

  private func stream(_ request: LogRequest, _ target: Target, _ sink: LogSink) async -> End {
    let (api, onMark, patience) = (api, onMark, patience)
    return await withTaskGroup(of: End?.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        do {
          try await api.stream(request.path) { lines in
            await sink.append(lines)
            for line in lines {
              if let mark = Self.mark(line) { onMark(target, mark) }
              if let hint = LogHint.find(in: line), await sink.isNew(hint) { onMark(target, .hint(hint)) }
            }
          }
          return .ended
        } catch let error as EngineError {
          return error.kind == .notFound ? .gone : .broken
        } catch {
          return .broken
        }
      }
      group.addTask {
        for await _ in await sink.losses() {
          while !Task.isCancelled {
            try? await Task.sleep(for: patience)
            if await sink.mayWriteNow() { return .takenOver }
          }
        }
        return nil
      }
      for await end in group { if let end { return end } }
      return .broken
    }
  }

  /// Whether the container runs, as far as can be told.
  private func runs(_ target: Target) async -> Bool {
    do {
      guard let pod = try await api.pod(target.runner, in: target.namespace) else { return false }
      if case .terminated = pod.container("runner")?.activity { return false }
      return pod.phase == "Running"
    } catch is EngineError {
      return wanted.contains(target)
    } catch {
      return false
    }
  }

  /// What a line says of the job: the runner itself writes `Running job: NAME` and
  /// `Job NAME completed with result: RESULT` (actions/runner, src/Runner.Listener/JobDispatcher.cs), each after the
  /// time as `2026-11-24 12:00:05Z: `, in the official image behind a head of its own too. What a job writes does not
  /// begin so, and costs a look at a few bytes.
  package static func mark(_ line: ArraySlice<UInt8>) -> Mark? {
    guard line.count < 1000, let space = line.prefix(40).firstIndex(of: UInt8(ascii: " ")) else { return nil }
    let words = line[(space + 1)...]
    // Two looks decide about almost every line: the time at its beginning, or the head of the official image.
    guard
      words.dropFirst(19).starts(with: "Z: ".utf8) || words.starts(with: "[RUNNER ".utf8)
        || words.starts(with: "[WORKER ".utf8)
    else { return nil }
    guard let said = RunnerLogLine.said(Substring(String(decoding: words, as: UTF8.self))) else { return nil }
    let text = said.dropFirst(22)
    let time = Timestamp.parse(line[..<space])
    if text.hasPrefix("Job "), let end = text.firstRange(of: "completed with result: ") {
      return .ended(result: text[end.upperBound...].prefix { $0.isLetter }.description, at: time)
    }
    return text.hasPrefix("Running job: ") ? .started(at: time) : nil
  }
}
