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

/// A cluster with one runner, whose log and broken streams are controlled by a test.
final class LogAPI: KubernetesAPI {
  private struct State {
    var log: [String] = []
    var isOver = false
    var isGone = false
    /// Streams end with these errors after this many lines.
    var breaks: [(after: Int, error: EngineError?)] = []
    var streams = 0
  }

  private let state = Lock(State())
  private let changes = Lock<[AsyncStream<Void>.Continuation]>([])

  var streams: Int { state.withLock { $0.streams } }

  func say(_ lines: [String]) { change { $0.log += lines } }
  func end() { change { $0.isOver = true } }
  func breakNext(after lines: Int, _ error: EngineError?) { change { $0.breaks.append((lines, error)) } }

  private func change(_ body: (inout State) -> Void) {
    state.withLock { body(&$0) }
    for continuation in changes.withLock({ $0 }) { continuation.yield() }
  }

  func get(_ path: String, timeout: Duration) async throws -> [UInt8] {
    let phase = state.withLock { $0.isOver ? "Succeeded" : "Running" }
    return Array(#"{"metadata":{"name":"r"},"status":{"phase":"\#(phase)"}}"#.utf8)
  }

  func stream(_ path: String, onLines: @Sendable ([ArraySlice<UInt8>]) async throws -> Void) async throws {
    let (news, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    continuation.yield()
    changes.withLock { $0.append(continuation) }
    let since = path.split(separator: "&").first { $0.hasPrefix("sinceTime=") }.flatMap {
      Timestamp.parse(String($0.dropFirst(10)).replacing("%3A", with: ":"))
    }
    let end = state.withLock { state in
      state.streams += 1
      return state.breaks.isEmpty ? nil : state.breaks.removeFirst()
    }
    var told = 0
    var next = 0
    for await _ in news {
      let (log, isOver) = state.withLock { ($0.log, $0.isOver) }
      while next < log.count {
        defer { next += 1 }
        let line = log[next]
        if let since, let time = Timestamp.parse(String(line.prefix { $0 != " " })), time < since { continue }
        if let end, told == end.after {
          if let error = end.error { throw error }
          return
        }
        try await onLines([ArraySlice(Array(line.utf8))])
        told += 1
      }
      if let end, told >= end.after, !isOver {
        if let error = end.error { throw error }
        return
      }
      if isOver { return }
    }
    throw CancellationError()
  }
}

/// Logs of running jobs, archived by one or several recorders over interrupted streams.
@Suite(.timeLimit(.minutes(20))) struct LogKeepingTests {
  private static let target = LogRecorder.Target(runner: "r", scaleSet: "web")
  private static let cut = EngineError(.unreachable, "cut")

  /// Lines of a job, several per second, some of them equal.
  private static func lines(_ range: Range<Int>) -> [String] {
    range.map { number in
      let stamp = Timestamp.text(1_795_521_600 + Int64(number / 4)).dropLast()
      return "\(stamp).\(number % 4)Z \(number % 3 == 0 ? "again" : "line \(number)")"
    }
  }

  private func recorder(
    _ api: LogAPI, _ archive: LogArchive, onProblem: @escaping @Sendable (EngineError) -> Void = { _ in }
  ) -> LogRecorder {
    LogRecorder(
      api: api, archive: archive, patience: .milliseconds(5),
      backoff: Backoff(first: .milliseconds(1), limit: .milliseconds(5)), onMark: { _, _ in }, onProblem: onProblem)
  }

  private func kept(_ archive: LogArchive) -> [String] {
    let bytes = archive.read(scaleSet: "web", runner: "r") ?? []
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// Waits until the log has this many lines.
  private func wait(_ archive: LogArchive, for count: Int) async throws {
    while kept(archive).count < count { try await Task.sleep(for: .milliseconds(2)) }
  }

  @Test func `streams that break are taken up, and no line is lost or doubled`() async throws {
    let folder = try TemporaryFolder()
    let (api, archive) = (LogAPI(), LogArchive(folder: folder.path + "/logs"))
    for after in [0, 3, 1, 6, 2, 9, 4] { api.breakNext(after: after, after % 2 == 0 ? Self.cut : nil) }
    let recorder = recorder(api, archive)
    recorder.record(busy: [Self.target])
    for part in 0..<10 {
      api.say(Self.lines(part * 7..<part * 7 + 7))
      try await wait(archive, for: part * 7 + 7)
    }
    api.end()
    await recorder.stop()
    #expect(kept(archive) == Self.lines(0..<70))
    #expect(api.streams > 7)
  }

  @Test func `a second recorder leaves the log alone, and takes it over when the first one ends`() async throws {
    let folder = try TemporaryFolder()
    let (api, archive) = (LogAPI(), LogArchive(folder: folder.path + "/logs"))
    api.say(Self.lines(0..<20))
    let (first, second) = (recorder(api, archive), recorder(api, archive))
    first.record(busy: [Self.target])
    try await wait(archive, for: 20)
    second.record(busy: [Self.target])
    while api.streams < 2 { try await Task.sleep(for: .milliseconds(2)) }
    api.say(Self.lines(20..<30))
    try await wait(archive, for: 30)
    #expect(kept(archive) == Self.lines(0..<30))
    await first.stop()
    api.say(Self.lines(30..<40))
    try await wait(archive, for: 40)
    api.end()
    await second.stop()
    #expect(kept(archive) == Self.lines(0..<40))
  }

  @Test func `what a recorder was stopped before is added by the other one, also when the pod is gone`() async throws {
    let folder = try TemporaryFolder()
    let archive = LogArchive(folder: folder.path + "/logs")
    let first = LogSink(archive, Self.target, LogTrouble { _ in })
    let second = LogSink(archive, Self.target, LogTrouble { _ in })
    func say(_ range: Range<Int>, _ sinks: [LogSink]) async {
      for sink in sinks { await sink.append(Self.lines(range).map { ArraySlice(Array($0.utf8)) }) }
    }
    _ = await first.begin(fromStart: true)
    _ = await second.begin(fromStart: true)
    await say(0..<10, [first, second])
    // The first one stops receiving, as when it is killed; the second one receives the rest.
    await say(10..<30, [second])
    #expect(kept(archive) == Self.lines(0..<10))
    _ = await first.end()
    _ = await second.end()
    #expect(kept(archive) == Self.lines(0..<30))
    // A log that starts in the middle of a gap is not appended where it does not fit.
    let third = LogSink(archive, Self.target, LogTrouble { _ in })
    let fourth = LogSink(archive, Self.target, LogTrouble { _ in })
    _ = await third.begin(fromStart: true)
    _ = await fourth.begin(fromStart: true)
    for part in 0..<40 {
      await fourth.append([
        ArraySlice(Array((Self.lines(100 + part..<101 + part)[0] + String(repeating: "x", count: 9000)).utf8))
      ])
    }
    _ = await third.end()
    _ = await fourth.end()
    #expect(kept(archive) == Self.lines(0..<30))
  }

  @Test func `a recorder that starts again keeps what was kept, also when it hears nothing`() async throws {
    let folder = try TemporaryFolder()
    let (api, archive) = (LogAPI(), LogArchive(folder: folder.path + "/logs"))
    api.say(Self.lines(0..<10))
    let first = recorder(api, archive)
    first.record(busy: [Self.target])
    try await wait(archive, for: 10)
    await first.stop()
    // The API now only returns errors.
    for _ in 0..<50 { api.breakNext(after: 0, Self.cut) }
    let deaf = recorder(api, archive)
    let before = api.streams
    deaf.record(busy: [Self.target])
    while api.streams < before + 3 { try await Task.sleep(for: .milliseconds(2)) }
    await deaf.stop()
    #expect(kept(archive) == Self.lines(0..<10))
  }

  @Test func `a disk that is full leaves the log as it is, is told once, and the log goes on afterwards`() async throws
  {
    let folder = try TemporaryFolder()
    let disk = Disk()
    var limited = LogArchive(folder: folder.path + "/logs")
    limited.write = { disk.write($0, $1, $2) }
    let (api, archive) = (LogAPI(), limited)
    let told = Told()
    let recorder = recorder(api, archive) { error in told.errors.withLock { $0.append(error) } }
    recorder.record(busy: [Self.target])
    api.say(Self.lines(0..<8))
    try await wait(archive, for: 8)
    disk.isFull.withLock { $0 = true }
    api.say(Self.lines(8..<16))
    while told.errors.withLock({ $0.isEmpty }) || disk.refused.withLock({ $0 < 3 }) {
      try await Task.sleep(for: .milliseconds(2))
    }
    #expect(kept(archive).prefix(8).map { $0 } == Self.lines(0..<8))
    disk.isFull.withLock { $0 = false }
    api.say(Self.lines(16..<20))
    try await wait(archive, for: 20)
    api.end()
    await recorder.stop()
    #expect(kept(archive) == Self.lines(0..<20))
    #expect(told.errors.withLock { $0.count } == 1)
    #expect(told.errors.withLock { $0.first?.why }?.contains("No space left") == true)
  }

  private final class Disk: Sendable {
    let isFull = Lock(false)
    let refused = Lock(0)

    func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ offset: Int64) -> Int {
      guard isFull.withLock({ $0 }) else { return pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(offset)) }
      refused.withLock { $0 += 1 }
      // A few bytes still fit.
      if bytes.count > 5 { return pwrite(descriptor, bytes.baseAddress, 5, off_t(offset)) }
      errno = ENOSPC
      return -1
    }
  }

  private final class Told: Sendable { let errors = Lock<[EngineError]>([]) }

  @Test func `who was stopped in the middle of a line is continued there`() throws {
    let folder = try TemporaryFolder()
    let archive = LogArchive(folder: folder.path + "/logs")
    archive.keep(["2026-11-24T12:00:00.1Z one"], scaleSet: "web", runner: "r")
    let path = archive.folder + "/web/r.log"
    try FileIO.replace(path, with: Array("2026-11-24T12:00:00.1Z one\n2026-11-24T12:00:00.2Z tw".utf8))
    let writer = try #require(try archive.writer(scaleSet: "web", runner: "r"))
    var seam = writer.seam()
    let all = ["2026-11-24T12:00:00.1Z one", "2026-11-24T12:00:00.2Z two", "2026-11-24T12:00:01Z three"]
    try writer.append(seam.admit(all.map { ArraySlice(Array($0.utf8)) }))
    #expect(kept(archive) == all)
  }

  @Test func `a log that is being written does not make room for others`() throws {
    let folder = try TemporaryFolder()
    var archive = LogArchive(folder: folder.path + "/logs")
    archive.totalLimit = 250
    let line = ArraySlice([UInt8](repeating: UInt8(ascii: "x"), count: 99))
    let writing = try #require(try archive.writer(scaleSet: "web", runner: "r"))
    _ = writing.seam()
    try writing.append([line])
    for number in 0..<4 {
      try archive.writer(scaleSet: "nix", runner: "n\(number)")?.append([line])
      // The one that is being written is the oldest.
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1_700_000_000)], ofItemAtPath: archive.folder + "/web/r.log")
    }
    archive.makeRoom()
    try writing.append([line])
    #expect(kept(archive).count == 2)
    #expect(archive.entries().count == 2)
  }

  @Test func `a full disk does not cost the older half of a log that is full`() throws {
    let folder = try TemporaryFolder()
    var archive = LogArchive(folder: folder.path + "/logs")
    archive.fileLimit = 4_000
    let disk = Disk()
    archive.write = { disk.write($0, $1, $2) }
    let writer = try #require(try archive.writer(scaleSet: "web", runner: "r"))
    for number in 0..<35 { try writer.append([ArraySlice([UInt8](repeating: 65 + UInt8(number % 26), count: 99))]) }
    let before = kept(archive)
    disk.isFull.withLock { $0 = true }
    #expect(throws: FileIO.Failure.self) {
      for _ in 0..<10 { try writer.append([ArraySlice([UInt8](repeating: 65, count: 99))]) }
    }
    #expect(kept(archive).prefix(before.count).map { $0 } == before)
    #expect(DirectoryTree.names(in: archive.folder + "/web") == ["r.log"])
  }
}

/// A log whose parts overlap.
@Suite struct LogSeamTests {
  @Test func `of a second with very many lines a bounded number is remembered, and none comes twice or is lost`() {
    // 50,000 lines of one second, a microsecond apart.
    let lines = (0..<50_000).map { number in
      let micros = String(number + 1_000_000).dropFirst()
      return ArraySlice(Array("2026-11-25T15:17:19.\(micros)Z line \(number)".utf8))
    }
    var seam = LogSeam()
    var remembered = 0
    for begin in stride(from: 0, to: 40_000, by: 100) {
      #expect(seam.admit(Array(lines[begin..<begin + 100])).count == 100)
      remembered = max(remembered, seam.remembered)
    }
    #expect(remembered <= 2 * LogSeam.limit)
    seam.rejoin()
    // The API sends the whole second again, with newer lines.
    #expect(seam.admit(lines) == Array(lines[40_000...]))
    #expect(seam.isJoined)
  }

  private func bytes(_ text: [String]) -> [ArraySlice<UInt8>] { text.map { ArraySlice(Array($0.utf8)) } }

  @Test(arguments: 1...20) func `wherever a stream breaks, each line comes once`(seed: Int) {
    var dice = SeededDice(seed: UInt64(seed))
    // Both outputs of a container: timestamps are nearly in order, and some lines are equal.
    var time: Int64 = 1_795_521_600
    let log = (0..<200).map { _ -> String in
      if Int.random(in: 0..<6, using: &dice) == 0 { time += Int64.random(in: 1...3, using: &dice) }
      let late = Int.random(in: 0..<20, using: &dice) == 0 ? 1 : 0
      return "\(Timestamp.text(time - Int64(late)).dropLast()).\(Int.random(in: 1...2, using: &dice))Z "
        + "\(Int.random(in: 0..<3, using: &dice))"
    }
    var seam = LogSeam()
    var joined: [String] = []
    var seen = 0
    while seen < log.count {
      let since = seam.since
      seen = min(log.count, seen + Int.random(in: 0...30, using: &dice))
      let sent = log.prefix(seen).filter { line in
        since.map { (Timestamp.parse(String(line.prefix { $0 != " " })) ?? 0) >= $0 } ?? true
      }
      joined += seam.admit(bytes(sent)).map { String(decoding: $0, as: UTF8.self) }
      seam.rejoin()
    }
    #expect(joined == log)
  }

  @Test func `a log whose beginning was dropped does not get it back`() {
    let kept = "\(LogWriter.note): x\n2026-11-24T12:00:05Z five\n2026-11-24T12:00:06Z six\n"
    var seam = LogSeam(kept: ArraySlice(Array(kept.utf8)), isWhole: false)
    let new = seam.admit(
      bytes([
        "2026-11-24T12:00:04Z four", "2026-11-24T12:00:05Z five", "2026-11-24T12:00:06Z six",
        "2026-11-24T12:00:06.5Z more",
      ]))
    #expect(new.map { String(decoding: $0, as: UTF8.self) } == ["2026-11-24T12:00:06.5Z more"])
  }

  @Test(arguments: [("2026-11-24T12:00:05.12Z x", Int64(1_795_521_605_120_000_000)), ("9999-12-31T23:59:59Z x", nil)])
  func `times are read to the nanosecond`(line: String, time: Int64?) {
    #expect(LogSeam.nanoseconds(ArraySlice(Array(line.utf8))) == time)
  }
}
