import ARC
import Basics
import Kubernetes
import Synchronization
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
    /// Its log will not tell how the job ended.
    case unknownEnd(UnknownEnd)
  }

  /// A runner whose log is to be kept.
  package struct Target: Sendable, Hashable {
    /// Its name, which the pod shares.
    package var runner: String
    /// Its scale set, by its `ScaleSetID`.
    package var scaleSet: String
    /// Its namespace.
    package var namespace: String

    /// Describes a runner, which is where its scale set is.
    package init(runner: String, scaleSet: String) {
      self.runner = runner
      self.scaleSet = scaleSet
      namespace = ScaleSetID.namespace(scaleSet)
    }

    /// The name alone tells almost all apart; there are thousands, and they are looked up at every change.
    package func hash(into hasher: inout Hasher) { hasher.combine(runner) }
  }

  private let api: any KubernetesAPI
  private let archive: LogArchive
  private let onMark: @Sendable (Target, Mark) -> Void
  private let trouble: LogTrouble
  private nonisolated let wish = Lock(Wish())
  /// Runners with a job, and all whose logs are wanted, as of the last look at `wish`.
  private var busy: Set<Target> = []
  private var wanted: Set<Target> = []
  private var streams: [Target: (task: Task<Void, Never>, reading: Reading)] = [:]
  private var finished: Set<Target> = []
  /// Logs that are over and of which something could not be written, the oldest first.
  private var unwritten: [(target: Target, sink: LogSink, bytes: Int)] = []
  private var rewriting: Task<Void, Never>?
  /// When older logs were last deleted to make room.
  private var madeRoom: ContinuousClock.Instant?

  /// Whose logs are wanted now.
  private struct Wish: Sendable {
    var busy: [Target] = []
    var suspects: [Target] = []
    /// Whether nobody has looked at it yet.
    var isNew = false
    var isStopped = false
  }

  /// The wait before a log is tried again that somebody else writes, or that cannot be written.
  private let patience: Duration
  private let backoff: Backoff
  /// Time between two looks at whether the archive is too large: it has as many files as logs fit into it.
  private static let roomInterval: Duration = .seconds(10)
  /// Bytes of logs that are over and wait for room on the disk.
  static let unwrittenLimit = 16 << 20

  /// Records through this API into this archive.
  ///
  /// - Parameters:
  ///   - onMark: hears what the logs say of jobs, of logs that somebody else keeps too. It may hear things twice.
  ///   - onProblem: hears when logs cannot be kept, once until they can be again.
  package init(
    api: any KubernetesAPI, archive: LogArchive, onMark: @escaping @Sendable (Target, Mark) -> Void,
    onProblem: @escaping @Sendable (EngineError) -> Void = { _ in }
  ) {
    // A pod is deleted within seconds after its job, so a stream that broke is not waited for longer.
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

  /// These runners have jobs now, and these others may tell by their logs why they have none. As many as may be are
  /// followed at once, the others as soon as one has ended. The last call counts.
  package nonisolated func record(busy: [Target], suspects: [Target] = []) {
    // Several calls may come before the first is looked at; one look is enough for them.
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
    // Those that had a job all the time and never a stream.
    for target in busy.subtracting(nowBusy) where streams[target] == nil && !finished.contains(target) {
      onMark(target, .unknownEnd(.tooManyLogs))
    }
    // The log of a runner that was looked at before it had a job may have had an end, as with a pod that failed.
    let began = nowBusy.subtracting(busy)
    finished.subtract(began)
    for target in began { streams[target]?.reading.noteJob() }
    busy = nowBusy
    wanted = nowBusy.union(wish.suspects)
    finished.formIntersection(wanted)
    followMore(wish)
  }

  /// Follows logs that are wanted, as many as may be.
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

  /// Ends all streams, and returns when nothing is written any more.
  package func stop() async {
    wish.withLock { $0.isStopped = true }
    let tasks = streams.values.map(\.task) + [rewriting].compactMap { $0 }
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
    await writeRest()
    streams = [:]
  }

  /// Reads a log to its end. A stream that breaks off is taken up where it broke, as long as the container exists.
  private func follow(_ target: Target, _ reading: Reading) async {
    await makeRoom()
    let isOfJob = reading.hadJob
    let sink = LogSink(archive, target, trouble)
    var isFirst = true
    while !Task.isCancelled {
      // From its beginning at first, for what it says of the job; what is kept already is not written again.
      let since = await sink.begin(fromStart: isFirst)
      let request = LogRequest(
        pod: target.runner, namespace: target.namespace, container: "runner", since: isFirst ? nil : since)
      isFirst = false
      guard await followUntilLoss(request, target, sink, reading) == .beginsAgain else { break }
    }
    let left = await sink.end()
    streams[target] = nil
    if !Task.isCancelled {
      // A runner that got its job only now is followed once more, for that.
      if isOfJob || reading.hasEnd || !busy.contains(target) { finished.insert(target) }
      if reading.hadJob, let why = reading.unknownEnd { onMark(target, .unknownEnd(why)) }
      // Who is wanted has not changed by that, unless it was not looked at yet.
      let wish = wish.withLock { $0 }
      if wish.isNew { look() } else if !wish.isStopped { followMore(wish) }
    }
    keep(sink, target, left)
  }

  private enum End: Sendable {
    /// This recorder can write the log, which it could not before, and has to read a part of it again.
    case beginsAgain
    /// There is no more of it, or it is not followed any more.
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
          // Whoever wrote it may have been stopped before this end.
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

  /// Whether there may be more of a log whose stream has ended.
  private func goesOn(_ target: Target, _ error: EngineError?, _ reading: Reading) async -> Bool {
    guard let error else {
      if reading.hasEnd { return false }
      do {
        guard let pod = try await api.pod(target.runner, in: target.namespace) else { return false }
        var runs = pod.phase == "Running"
        if case .terminated = pod.container("runner")?.activity { runs = false }
        // A stream may be cut before the last words; they can be read as long as the pod exists.
        return runs || reading.readsAgain()
      } catch {
        return wanted.contains(target) || reading.triesAgain()
      }
    }
    if error.kind == .notFound { return false }
    // A log that nobody answers for is given up once its job is over.
    return wanted.contains(target) || reading.triesAgain()
  }

  /// Deletes the oldest logs where they are too large in all, now and then.
  private func makeRoom() async {
    guard madeRoom.map({ $0.duration(to: .now) >= Self.roomInterval }) ?? true else { return }
    madeRoom = .now
    let archive = archive
    await OwnThread.value { archive.makeRoom() }
  }

  // MARK: Logs that are over and not written

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
