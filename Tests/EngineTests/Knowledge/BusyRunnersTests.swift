import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// The history and logs of jobs after their runners are deleted, with many runners and interrupted connections.
@Suite(.timeLimit(.minutes(20))) struct BusyRunnersTests {
  private static let names = (0..<200).map { "web-\($0)" }

  /// A recorder for a whole cluster, with its own files.
  private final class Recording: Sendable {
    let folder: TemporaryFolder
    let cluster: RunnersPipe
    let paths: Paths
    private let task: Task<Void, any Error>

    init(_ cluster: RunnersPipe) throws {
      folder = try TemporaryFolder()
      self.cluster = cluster
      let environment = ["HOME": folder.path, "DESKRUN_HOME": folder.path + "/deskrun", "PATH": ""]
      paths = try Paths(environment: environment)
      var toolbox = Toolbox(
        runner: SystemToolRunner(), environment: environment, target: .kind(cluster: "deskrun"))
      toolbox.pipe = cluster
      let recorder = JobRecorder(
        toolbox: toolbox, store: ConfigurationStore(paths: paths), interval: .milliseconds(50),
        lockTries: Int(testPatience * 100))
      let told = Told()
      task = Task { try await recorder.run { event in told.events.withLock { $0.append(event) } } }
      self.events = told
    }

    private final class Told: Sendable { let events = Lock<[JobRecorder.Event]>([]) }
    private let events: Told

    var archive: LogArchive { LogArchive(folder: paths.logs) }
    var jobs: [JobRecord] { JobHistory(path: paths.history).load() }
    var problems: [EngineError] {
      events.events.withLock { $0.compactMap { if case .problem(let error) = $0 { error } else { nil } } }
    }

    func log(_ name: String) -> [String] {
      let bytes = archive.read(scaleSet: "web", runner: name) ?? []
      return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    func stop() async throws {
      task.cancel()
      try await task.value
    }
  }

  @Test func `two hundred jobs that end at once are all kept, with log and result, after their pods are gone`()
    async throws
  {
    let cluster = RunnersPipe()
    let recording = try Recording(cluster)
    cluster.begin(Self.names)
    #expect(try await eventually { cluster.openStreams == 200 })
    cluster.say("compiling", Self.names)
    cluster.end(Self.names, "Succeeded", isGone: true)
    #expect(try await eventually { recording.jobs.count { $0.result == .succeeded } == 200 })
    try await recording.stop()
    for name in Self.names { #expect(recording.log(name) == cluster.log(name)) }
    #expect(recording.problems.isEmpty)
  }

  @Test func `streams that break in the middle of a job leave no gap, and neither does an API that is away`()
    async throws
  {
    let (cluster, names) = (RunnersPipe(), Array(Self.names.prefix(20)))
    let recording = try Recording(cluster)
    cluster.begin(names)
    #expect(try await eventually { cluster.openStreams == 20 })
    for part in 0..<5 {
      cluster.say("part \(part)", names)
      cluster.say("again", names)
      cluster.cutLogs()
      cluster.say("after the cut", names)
      #expect(try await eventually { cluster.openStreams == 20 })
    }
    cluster.setDown(true)
    cluster.say("while nobody could read it", names)
    #expect(try await eventually { cluster.openStreams == 0 })
    cluster.setDown(false)
    #expect(try await eventually { cluster.openStreams == 20 })
    cluster.end(names, "Failed", isGone: false)
    #expect(try await eventually { recording.jobs.count { $0.result == .failed } == 20 })
    cluster.delete(names)
    try await recording.stop()
    for name in names { #expect(recording.log(name) == cluster.log(name)) }
  }

  @Test func `while another program holds the history, logs are followed and jobs heard of; they are written after it`()
    async throws
  {
    let (cluster, names) = (RunnersPipe(), Array(Self.names.prefix(20)))
    let recording = try Recording(cluster)
    try FileIO.makePrivateFolder(FileIO.split(recording.paths.history).folder)
    let held = try HistoryLock.take(recording.paths.history + ".lock")
    cluster.begin([names[0]])
    #expect(try await eventually { cluster.openStreams == 1 })
    // Code that waits for the history would give up with a problem, and receive the other jobs only then.
    cluster.begin(Array(names.dropFirst()))
    #expect(try await eventually { cluster.openStreams == 20 })
    #expect(recording.problems.isEmpty)
    cluster.end(names, "Succeeded", isGone: false)
    #expect(recording.jobs.isEmpty)
    close(held)
    #expect(try await eventually { recording.jobs.count { $0.result == .succeeded } == 20 })
    try await recording.stop()
    for name in names { #expect(recording.log(name) == cluster.log(name)) }
  }

  @Test func `a recorder that begins when a job is over and its pod still exists has its log and result`() async throws
  {
    let cluster = RunnersPipe()
    cluster.begin(["web-1", "web-2"])
    cluster.end(["web-1"], "Failed", isGone: false)
    let recording = try Recording(cluster)
    #expect(try await eventually { recording.jobs.contains { $0.runner == "web-1" && $0.result == .failed } })
    cluster.end(["web-2"], "Succeeded", isGone: true)
    #expect(try await eventually { recording.jobs.contains { $0.runner == "web-2" && $0.result == .succeeded } })
    try await recording.stop()
    #expect(recording.log("web-1") == cluster.log("web-1"))
  }

  @Test func `a job whose log could not be read is unknown, and why`() async throws {
    let cluster = RunnersPipe(limit: 2)
    cluster.refuseLogs(of: ["web-0"])
    let recording = try Recording(cluster)
    cluster.begin(["web-0", "web-1", "web-2"])
    #expect(try await eventually { cluster.openStreams == 1 && recording.jobs.count == 3 })
    cluster.delete(["web-2"])
    #expect(try await eventually { recording.jobs.contains { $0.runner == "web-2" && $0.unknownEnd != nil } })
    cluster.delete(["web-0", "web-1"])
    #expect(
      try await eventually {
        recording.jobs.count { $0.result == .unknown && $0.unknownEnd != nil } == 3
      }, "\(recording.jobs)")
    try await recording.stop()
    let reasons = Dictionary(uniqueKeysWithValues: recording.jobs.map { ($0.runner, $0.unknownEnd) })
    #expect(reasons["web-0"] == .podDeleted)
    #expect(reasons["web-1"] == .noResult)
    #expect(reasons["web-2"] == .tooManyLogs)
    #expect(recording.jobs.allSatisfy { $0.remark != nil })
  }

  @Test func `more jobs than logs can be followed at once get their turn as soon as one has ended`() async throws {
    let (cluster, names) = (RunnersPipe(limit: 12), Array(Self.names.prefix(40)))
    let recording = try Recording(cluster)
    cluster.begin(names)
    #expect(try await eventually { cluster.openStreams == 12 })
    // Nothing else happens in the cluster that would trigger a read, because the pods remain.
    var left = names
    for _ in names {
      #expect(try await eventually { left.contains { !recording.log($0).isEmpty } })
      let index = try #require(left.firstIndex { !recording.log($0).isEmpty })
      cluster.end([left.remove(at: index)], "Succeeded", isGone: false)
    }
    #expect(try await eventually { recording.jobs.count { $0.result == .succeeded } == 40 })
    try await recording.stop()
    #expect(cluster.mostStreams == 12)
  }

  @Test func `a runner that was looked at before it had a job is recorded once it has one`() async throws {
    let (cluster, folder) = (RunnersPipe(), try TemporaryFolder())
    let archive = LogArchive(folder: folder.path + "/logs")
    let marks = Lock<[LogRecorder.Mark]>([])
    let recorder = LogRecorder(
      api: cluster, archive: archive, patience: .milliseconds(5), backoff: Backoff(first: .milliseconds(1)),
      onMark: { _, mark in marks.withLock { $0.append(mark) } }, onProblem: { _ in })
    let target = LogRecorder.Target(runner: "web-1", scaleSet: "web")
    // Its first pod no longer exists.
    recorder.record(busy: [], suspects: [target])
    #expect(try await eventually { cluster.asked == 1 && archive.entries().isEmpty })
    cluster.begin(["web-1"])
    recorder.record(busy: [target], suspects: [])
    #expect(try await eventually { cluster.openStreams == 1 })
    cluster.end(["web-1"], "Succeeded", isGone: true)
    #expect(try await eventually { marks.withLock { $0.contains { if case .ended = $0 { true } else { false } } } })
    await recorder.stop()
  }

  @Test func `a full disk is told once however many logs it has, and all are complete once there is room again`()
    async throws
  {
    let (cluster, folder, names) = (RunnersPipe(), try TemporaryFolder(), Array(Self.names.prefix(30)))
    let disk = FullDisk()
    var limited = LogArchive(folder: folder.path + "/logs")
    limited.write = { disk.write($0, $1, $2) }
    let archive = limited
    let problems = Lock<[EngineError]>([])
    let recorder = LogRecorder(
      api: cluster, archive: archive, patience: .milliseconds(5),
      backoff: Backoff(first: .milliseconds(1), limit: .milliseconds(5)), onMark: { _, _ in },
      onProblem: { error in problems.withLock { $0.append(error) } })
    func log(_ name: String) -> [String] {
      let bytes = archive.read(scaleSet: "web", runner: name) ?? []
      return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
    let targets = names.map { LogRecorder.Target(runner: $0, scaleSet: "web") }
    cluster.begin(names)
    recorder.record(busy: targets)
    #expect(try await eventually { names.allSatisfy { log($0).count == 2 } })
    disk.setFull(true)
    cluster.say(String(repeating: "a line that does not fit ", count: 4), names)
    // Each has failed more than once.
    #expect(try await eventually { disk.refused > 3 * names.count })
    // Some of them end meanwhile, and their pods are deleted.
    let ended = Array(names.prefix(10))
    cluster.end(ended, "Succeeded", isGone: true)
    recorder.record(busy: Array(targets.dropFirst(10)))
    #expect(try await eventually { cluster.openStreams == 20 })
    disk.setFull(false)
    #expect(try await eventually { names.allSatisfy { log($0) == cluster.log($0) } })
    #expect(problems.withLock { $0.count } == 1)
    #expect(problems.withLock { $0.first?.fix }?.contains("Free some space") == true)
    // The next failure is reported again.
    disk.setFull(true)
    cluster.say(String(repeating: "another line that does not fit ", count: 4), names)
    #expect(try await eventually { problems.withLock { $0.count } == 2 })
    disk.setFull(false)
    cluster.end(Array(names.dropFirst(10)), "Failed", isGone: true)
    #expect(try await eventually { names.dropFirst(10).allSatisfy { log($0) == cluster.log($0) } })
    await recorder.stop()
    #expect(problems.withLock { $0.count } == 2)
  }

  /// A disk that writes only a few bytes of each write when it is full.
  private final class FullDisk: Sendable {
    private let state = Lock((isFull: false, refused: 0))

    var refused: Int { state.withLock { $0.refused } }
    func setFull(_ isFull: Bool) { state.withLock { $0.isFull = isFull } }

    func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ offset: Int64) -> Int {
      let isFull = state.withLock { state in
        if state.isFull { state.refused += 1 }
        return state.isFull
      }
      guard isFull else { return pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(offset)) }
      if bytes.count > 60 { return pwrite(descriptor, bytes.baseAddress, 5, off_t(offset)) }
      errno = ENOSPC
      return -1
    }
  }

  @Test func `the reason why an end is unknown goes through the history, and yields to a result`() {
    var unknown = JobRecord(runner: "r", scaleSet: "web", job: Job(), result: .unknown)
    unknown.unknownEnd = .podDeleted
    var all = JobCollection()
    all.add(ArraySlice(Array(unknown.line.utf8)))
    #expect(all.records.first?.remark == UnknownEnd.podDeleted.words)
    all.add(ArraySlice(Array(JobRecord(runner: "r", scaleSet: "web", job: Job(), result: .failed).line.utf8)))
    #expect(all.records.first?.result == .failed)
    #expect(all.records.first?.remark == nil)
  }
}
