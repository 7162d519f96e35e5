import ARC
import Basics
import Kubernetes
import Synchronization
import Tools

/// Archives the logs of runners with a job, and reads from them how the jobs ended: ARC deletes a runner's pod with its
/// job, so this cannot be read later.
package actor LogRecorder {
  /// What a runner's log reports about its job.
  package enum Mark: Sendable, Equatable {
    /// The job started.
    case started(at: Int64?)
    /// The job ended, with GitHub's result.
    case ended(result: String, at: Int64?)
    /// A hint why a runner does not work.
    case hint(LogHint)
    /// The log will not show how the job ended.
    case unknownEnd(UnknownEnd)
  }

  /// A runner whose log to record.
  package struct Target: Sendable, Hashable {
    /// The name of runner and pod.
    package var runner: String
    /// The `ScaleSetID` of its scale set.
    package var scaleSet: String
    package var namespace: String

    /// Creates a target in its scale set's namespace.
    package init(runner: String, scaleSet: String) {
      self.runner = runner
      self.scaleSet = scaleSet
      namespace = ScaleSetID.namespace(scaleSet)
    }

    /// Names are almost always unique; there are thousands of targets, and they are looked up with every change.
    package func hash(into hasher: inout Hasher) { hasher.combine(runner) }
  }

  private let api: any KubernetesAPI
  private let archive: LogArchive
  private let onMark: @Sendable (Target, Mark) -> Void
  private let trouble: LogTrouble
  private nonisolated let wish = Lock(Wish())
  /// Runners with a job, and all runners whose logs to record, as last read from `wish`.
  private var busy: Set<Target> = []
  private var wanted: Set<Target> = []
  private var streams: [Target: (task: Task<Void, Never>, reading: Reading)] = [:]
  private var finished: Set<Target> = []
  /// Complete logs that are not fully written, oldest first.
  private var unwritten: [(target: Target, sink: LogSink, bytes: Int)] = []
  private var rewriting: Task<Void, Never>?
  /// When old logs were last deleted to make room.
  private var madeRoom: ContinuousClock.Instant?

  /// The runners whose logs to record now.
  private struct Wish: Sendable {
    var busy: [Target] = []
    var suspects: [Target] = []
    /// Whether it has not been processed yet.
    var isNew = false
    var isStopped = false
  }

  /// The delay before retrying a log that another process is writing or that cannot be written.
  private let patience: Duration
  private let backoff: Backoff
  /// The interval for checking the size of the archive, which has as many files as logs fit into it.
  private static let roomInterval: Duration = .seconds(10)
  /// The maximum total bytes of complete logs that are waiting for disk space.
  static let unwrittenLimit = 16 << 20

  /// Records logs from an API in an archive.
  ///
  /// - Parameters:
  ///   - onMark: called with what logs report about jobs, including logs archived by other processes. May be called
  ///     twice for the same mark.
  ///   - onProblem: called when logs cannot be archived, once until they can be again.
  package init(
    api: any KubernetesAPI, archive: LogArchive, onMark: @escaping @Sendable (Target, Mark) -> Void,
    onProblem: @escaping @Sendable (EngineError) -> Void = { _ in }
  ) {
    // A pod is deleted within seconds after its job, so interrupted streams are retried after short delays.
    self.init(
      api: api, archive: archive, patience: .seconds(2),
      backoff: Backoff(first: .milliseconds(200), limit: .seconds(4)), onMark: onMark, onProblem: onProblem)
  }

  package init(
    api: any KubernetesAPI, archive: LogArchive, patience: Duration, backoff: Backoff,
    onMark: @escaping @Sendable (Target, Mark) -> Void, onProblem: @escaping @Sendable (EngineError) -> Void
  ) {
    (self.api, self.archive, self.patience, self.backoff) = (api, archive, patience, backoff)
    (self.onMark, trouble) = (onMark, LogTrouble(onProblem))
  }

  /// Sets the runners with jobs, and other runners whose logs may explain why they have none. Up to the maximum number
  /// are followed at once, the others as soon as a stream ends. The last call replaces earlier ones.
  package nonisolated func record(busy: [Target], suspects: [Target] = []) {
    // Several calls may precede the first processing; processing once is sufficient for all of them.
    let isFirst = wish.withLock { wish in
      (wish.busy, wish.suspects) = (busy, suspects)
      defer { wish.isNew = true }
      return !wish.isNew
    }
    if isFirst { Task { await look() } }
  }

  private func look() {
    let wish = wish.withLock { wish in
      wish.isNew = false
      return wish
    }
    guard !wish.isStopped else { return }
    let nowBusy = Set(wish.busy)
    // Runners that had a job the whole time but never a stream.
    for target in busy.subtracting(nowBusy) where streams[target] == nil && !finished.contains(target) {
      onMark(target, .unknownEnd(.tooManyLogs))
    }
    // The log of a runner that was read before it had a job may have ended, for example with a failed pod.
    let began = nowBusy.subtracting(busy)
    finished.subtract(began)
    for target in began { streams[target]?.reading.noteJob() }
    busy = nowBusy
    wanted = nowBusy.union(wish.suspects)
    finished.formIntersection(wanted)
    followMore(wish)
  }

  /// Follows requested logs up to the maximum number.
  private func followMore(_ wish: Wish) {
    let limit = api.logLimit
    for targets in [wish.suspects, wish.busy] {
      for target in targets {
        guard streams.count < limit else { return }
        guard streams[target] == nil, !finished.contains(target) else { continue }
        let reading = Reading()
        if busy.contains(target) { reading.noteJob() }
        streams[target] = (Task { await self.follow(target, reading) }, reading)
      }
    }
  }

  /// Stops all streams, and returns after the last write.
  package func stop() async {
    wish.withLock { $0.isStopped = true }
    let tasks = streams.values.map(\.task) + [rewriting].compactMap { $0 }
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
    await writeRest()
    streams = [:]
  }

  /// Reads a log to its end. An interrupted stream is resumed as long as the container exists.
  private func follow(_ target: Target, _ reading: Reading) async {
    await makeRoom()
    let isOfJob = reading.hadJob
    let sink = LogSink(archive, target, trouble)
    var isFirst = true
    while !Task.isCancelled {
      // From the start at first, to find the job; archived lines are not written again.
      let since = await sink.begin(fromStart: isFirst)
      let request = LogRequest(
        pod: target.runner, namespace: target.namespace, container: "runner", since: isFirst ? nil : since)
      isFirst = false
      guard await followUntilLoss(request, target, sink, reading) == .beginsAgain else { break }
    }
    let left = await sink.end()
    streams[target] = nil
    if !Task.isCancelled {
      // A runner that got its job only now is followed again for that job.
      if isOfJob || reading.hasEnd || !busy.contains(target) { finished.insert(target) }
      if reading.hadJob, let why = reading.unknownEnd { onMark(target, .unknownEnd(why)) }
      // The requested runners are unchanged, unless a new request was not processed yet.
      let wish = wish.withLock { $0 }
      if wish.isNew { look() } else if !wish.isStopped { followMore(wish) }
    }
    keep(sink, target, left)
  }

  private enum End: Sendable {
    /// This recorder can now write the log, which it could not before, and must read a part of it again.
    case beginsAgain
    /// The log is complete, or no longer followed.
    case over
  }

  private func followUntilLoss(
    _ request: LogRequest, _ target: Target, _ sink: LogSink, _ reading: Reading
  ) async -> End {
    let (onMark, patience) = (onMark, patience)
    let log = ContainerLog(api: api, request, backoff: backoff)
    return await withTaskGroup(of: End?.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        try? await log.follow { lines in
          await sink.append(lines)
          reading.hasHeard()
          for line in lines {
            if let mark = Self.mark(line) {
              reading.note(mark)
              onMark(target, mark)
            }
            if let hint = LogHint.find(in: line), await sink.isNew(hint) { onMark(target, .hint(hint)) }
          }
        } goesOn: { error, _ in
          // The previous writer may have been terminated before the end of the log.
          if error == nil, await sink.mustBeginAgain() { return false }
          return await self.goesOn(target, error, reading)
        }
        return await sink.isUnbegun ? .beginsAgain : .over
      }
      group.addTask {
        for await _ in await sink.losses() {
          var wait = Backoff(first: patience, limit: patience * 8)
          while !Task.isCancelled, await sink.isWaiting {
            try? await Task.sleep(for: wait.next())
            if await sink.mustBeginAgain() { return .beginsAgain }
          }
        }
        return nil
      }
      for await end in group { if let end { return end } }
      return .over
    }
  }

  /// Whether a log may continue after its stream has ended.
  private func goesOn(_ target: Target, _ error: EngineError?, _ reading: Reading) async -> Bool {
    guard let error else {
      if reading.hasEnd { return false }
      do {
        guard let pod = try await api.pod(target.runner, in: target.namespace) else { return false }
        var runs = pod.phase == "Running"
        if case .terminated = pod.container("runner")?.activity { runs = false }
        // A stream can be cut before the last lines; they can be read as long as the pod exists.
        return runs || reading.readsAgain()
      } catch {
        return wanted.contains(target) || reading.triesAgain()
      }
    }
    if error.kind == .notFound { return false }
    // If the API does not respond, give up on a log once its job is over.
    return wanted.contains(target) || reading.triesAgain()
  }

  /// Periodically deletes the oldest logs if the archive is too large.
  private func makeRoom() async {
    guard madeRoom.map({ $0.duration(to: .now) >= Self.roomInterval }) ?? true else { return }
    madeRoom = .now
    let archive = archive
    await OwnThread.value { archive.makeRoom() }
  }

  // MARK: Complete logs that are not fully written

  private func keep(_ sink: LogSink, _ target: Target, _ bytes: Int) {
    guard bytes > 0 else { return trouble.gaveUp(target) }
    unwritten.append((target, sink, bytes))
    while unwritten.reduce(0, { $0 + $1.bytes }) > Self.unwrittenLimit {
      trouble.gaveUp(unwritten.removeFirst().target)
    }
    guard rewriting == nil, !wish.withLock({ $0.isStopped }) else { return }
    rewriting = Task {
      while !unwritten.isEmpty, !Task.isCancelled {
        try? await Task.sleep(for: patience)
        await writeRest()
      }
      rewriting = nil
    }
  }

  private func writeRest() async {
    for (target, sink, _) in unwritten where await sink.end() == 0 {
      unwritten.removeAll { $0.sink === sink }
      trouble.gaveUp(target)
    }
  }

  /// What a line reports about the job: the runner writes `Running job: NAME` and
  /// `Job NAME completed with result: RESULT` (actions/runner, src/Runner.Listener/JobDispatcher.cs), each after a time
  /// such as `2026-11-24 12:00:05Z: `; the official image adds a prefix to it. A job's own output does not start like
  /// this, and is rejected after comparing a few bytes.
  package static func mark(_ line: ArraySlice<UInt8>) -> Mark? {
    guard line.count < 1000, let space = line.prefix(40).firstIndex(of: UInt8(ascii: " ")) else { return nil }
    let words = line[(space + 1)...]
    // Two checks reject almost every line: the time at its start, or the official image's prefix.
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
