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

/// The history over years, with earlier versions, full disks and programs that are killed while writing.
@Suite struct HistoryKeepingTests {
  private static let start: Int64 = 1_767_225_600  // 2026-01-01

  private static func record(_ number: Int, _ result: JobResult = .succeeded, every: Int64 = 288) -> JobRecord {
    var job = Job()
    (job.name, job.repository, job.workflow, job.ref) = ("build and test \(number % 7)", "acme/web", "ci.yml", "main")
    job.runID = 1_000_000 + number
    let began = start + Int64(number) * every
    return JobRecord(
      runner: "web-ci-x7k2p-runner-\(number)", scaleSet: number % 5 == 0 ? "nix" : "web-ci", job: job,
      assigned: began - 5, started: began, finished: result == .running ? nil : began + 60 + Int64(number % 100),
      result: result)
  }

  /// The lines that an earlier version wrote for these jobs.
  private static func lines(_ range: Range<Int>) -> String {
    range.map { record($0, .running).line + record($0, $0 % 10 == 0 ? .failed : .succeeded).line }.joined()
  }

  private func withFolder(_ body: (JobHistory, String) throws -> Void) throws {
    let folder = try TemporaryFolder()
    try body(JobHistory(path: folder.path + "/history.jsonl"), folder.path)
  }

  @Test func `a file of an earlier version is kept whole, however large it is`() throws {
    try withFolder { history, _ in
      // Larger than what is moved at once; with many rounds, larger than what an earlier version drops.
      let count = Rounds.count(10_000, soak: 34_000)
      let text = Self.lines(0..<count)
      try #require(text.utf8.count > Rounds.count(4 << 20, soak: 16 << 20))
      try FileIO.replace(history.path, with: Array(text.utf8))
      var all = JobQuery()
      all.limit = 1
      #expect(history.select(all, now: .max / 2) { _ in 0 }.count == count)
      try history.append([Self.record(count)])
      let after = history.select(all, now: .max / 2) { _ in 0 }
      #expect(after.count == count + 1)
      #expect(after.newest.first == Self.record(count))
      #expect(history.load().count == count + 1)
      // An earlier version would drop nothing of a file of this size.
      let size = try #require(HistoryFile(history.path)).size
      #expect(size < 2 << 20 && size > 100 << 10)
    }
  }

  @Test func `an earlier version may write in between`() throws {
    try withFolder { history, _ in
      var history = history
      (history.fileLimit, history.rest) = (20_000, 4_000)
      for number in 0..<100 { try history.append([Self.record(number)]) }
      // It appends to the file it knows, and may rewrite it with the newest jobs.
      let newest = try #require(try FileIO.read(history.path))
      try FileIO.replace(history.path, with: JobCollectionText.lines(newest) + Array(Self.lines(100..<110).utf8))
      for number in 110..<200 { try history.append([Self.record(number)]) }
      #expect(Set(history.load().map(\.runner)) == Set((0..<200).map { Self.record($0).runner }))
    }
  }

  private enum JobCollectionText {
    static func lines(_ bytes: [UInt8]) -> [UInt8] {
      var jobs = JobCollection()
      for line in bytes.split(separator: 0x0A) { jobs.add(line) }
      return Array(jobs.records.map(\.line).joined().utf8)
    }
  }

  @Test func `who is stopped in the middle of moving loses nothing`() throws {
    try withFolder { history, folder in
      var history = history
      (history.fileLimit, history.rest) = (10_000, 4_000)
      for number in 0..<70 { try history.append([Self.record(number)]) }
      // The month files already contain the jobs, with an incomplete last line, and the file still has them too.
      let text = (0..<100).map { Self.record($0).line }.joined()
      try FileIO.replace(history.path, with: Array(text.utf8))
      let month = "\(history.folder)/\(try #require(history.months.last))"
      var half = try #require(try FileIO.read(month))
      half += Array(Self.record(99).line.utf8.prefix(40))
      try FileIO.replace(month, with: half)
      #expect(history.load().count == 100)
      for number in 100..<160 { try history.append([Self.record(number)]) }
      #expect(history.load() == (0..<160).map { Self.record($0) })
    }
  }

  @Test func `what cannot be read stays, out of the way`() throws {
    try withFolder { history, folder in
      var history = history
      (history.fileLimit, history.rest) = (5_000, 1_000)
      var bytes = Array(Self.record(0).line.utf8)
      bytes +=
        Array("{\"runner\":\"torn".utf8) + [0x0A, 0, 0, 0, 0x0A] + [UInt8](repeating: 65, count: 3 << 20) + [0x0A]
      bytes += Array(Self.record(1).line.utf8)
      try FileIO.replace(history.path, with: bytes)
      #expect(history.load().map(\.runner) == [0, 1].map { Self.record($0).runner })
      for number in 2..<40 { try history.append([Self.record(number)]) }
      #expect(history.load() == (0..<40).map { Self.record($0) })
      let rest = try #require(try FileIO.read(history.folder + "/unreadable.jsonl"))
      #expect(String(decoding: rest, as: UTF8.self).contains("torn"))
    }
  }

  @Test func `when the months cannot be written all stays in the file`() throws {
    try withFolder { history, folder in
      var history = history
      (history.fileLimit, history.rest) = (5_000, 1_000)
      // A file where the folder should be.
      try FileIO.replace(history.folder, with: [])
      for number in 0..<60 { try? history.append([Self.record(number)]) }
      #expect(history.load().count == 60)
      unlink(history.folder)
      try history.append([Self.record(60)])
      #expect(history.load().count == 61)
      #expect(!history.months.isEmpty)
    }
  }

  @Test func `whole months go, the oldest first, when all are too large`() throws {
    try withFolder { history, _ in
      var history = history
      (history.fileLimit, history.rest, history.totalLimit) = (20_000, 2_000, 60_000)
      for number in 0..<600 { try history.append([Self.record(number, every: 86_400 / 2)]) }
      #expect(history.load().last == Self.record(599, every: 86_400 / 2))
      #expect(history.load().count > 150 && history.load().count < 400)
      #expect(history.months.first != "2026-01.jsonl")
    }
  }

  @Test func `a clock that was wrong makes nothing old`() throws {
    try withFolder { history, _ in
      var history = history
      (history.fileLimit, history.rest) = (5_000, 1_000)
      let (far, early) = (Self.start + 400 * 86_400, Self.start - 400 * 86_400)
      for (number, base) in [Self.start, far, early, Self.start].enumerated() {
        for index in 0..<20 {
          let time = base + Int64(index)
          try history.append([
            JobRecord(
              runner: "r\(number)-\(index)", scaleSet: "web", job: Job(), started: time, finished: time + 9,
              result: .succeeded)
          ])
        }
      }
      #expect(history.load().count == 80)
      #expect(Set(history.recent().map(\.runner)).isSuperset(of: (0..<20).map { "r3-\($0)" }))
    }
  }

  @Test func `figures and filters of a span are those of the jobs in it`() throws {
    try withFolder { history, _ in
      var history = history
      (history.fileLimit, history.rest) = (40_000, 4_000)
      for part in 0..<40 {
        try history.append(
          (part * 50..<part * 50 + 50).map { Self.record($0, $0 % 10 == 0 ? .failed : .succeeded, every: 3600) })
      }
      let all = history.load()
      let now = Self.start + 2000 * 3600
      for days in [1, 10, 35, 400] {
        var query = JobQuery()
        (query.since, query.limit) = (now - Int64(days) * 86_400, 20)
        let wanted = all.filter { $0.latest >= now - Int64(days) * 86_400 }
        let selection = history.select(query, now: now) { Int($0 / 3600 % 24) }
        #expect(selection.count == wanted.count)
        #expect(selection.newest == wanted.sorted { ($0.started ?? 0) > ($1.started ?? 0) }.prefix(20).map { $0 })
        #expect(
          selection.figures == JobFigures(wanted, since: query.since ?? 0, now: now) { Int($0 / 3600 % 24) })
        query.scaleSets = ["nix"]
        query.isFailed = true
        let failed = wanted.filter { $0.scaleSet == "nix" && $0.result == .failed }
        #expect(history.select(query, now: now) { _ in 0 }.count == failed.count)
      }
      #expect(history.scaleSets(ofFormer: "nix") == ["nix"] && history.scaleSets(ofFormer: "none").isEmpty)
    }
  }

  @Test func `where a job ran and how long it waited at least are kept`() throws {
    try withFolder { history, _ in
      var noted = Self.record(1, .running)
      (noted.place, noted.isHeldBack) = (ClusterPlace(context: "kind-a"), true)
      // As written by an earlier version, or by a deskrun of another cluster.
      var other = Self.record(2, .running)
      other.place = ClusterPlace(context: "kind-b")
      try history.append([noted, other, Self.record(3, .running)])
      #expect(Set(history.load().map(\.place?.context)) == ["kind-a", "kind-b", nil])
      #expect(history.load().first == noted)
      var query = JobQuery()
      let lookup = history.lookUp(query)
      #expect(lookup.running { place, _ in place?.context == "kind-a" }.map(\.runner) == [noted.runner])
      #expect(lookup.running { place, _ in place == nil }.map(\.runner) == [Self.record(3).runner])
      // All are shown, and those that are not recorded come first.
      let now = Self.record(9, .running)
      let selection = lookup.selection(now: .max / 2, ended: [:], unnoted: [now, noted]) { _ in 0 }
      #expect(selection.newest.map(\.runner) == [now, Self.record(3), other, noted].map(\.runner))
      #expect(selection.count == 4)
      query.places = [ClusterPlace(context: "kind-a")]
      let chosen = history.lookUp(query).selection(now: .max / 2, ended: [:]) { _ in 0 }
      #expect(Set(chosen.newest.map(\.runner)) == Set([noted, Self.record(3)].map(\.runner)))
      query.scaleSets = ["nix"]
      #expect(history.lookUp(query).selection(now: 0, ended: [:], unnoted: [now]) { _ in 0 }.count == 0)
    }
  }

  @Test func `a job that the cluster shows is running, whatever the history lost sight of`() throws {
    try withFolder { history, _ in
      // Two that watched the same cluster through two contexts: one of them lost sight of it.
      var lost = Self.record(1, .unknown)
      (lost.place, lost.unknownEnd, lost.finished) = (ClusterPlace(context: "second"), .runnerGone, nil)
      var ended = Self.record(2, .unknown)
      (ended.place, ended.finished) = (ClusterPlace(context: "second"), ended.finished ?? Self.start + 900)
      try history.append([Self.record(1, .running), lost, ended])
      var seen = [Self.record(1, .running), Self.record(2, .running)]
      for index in seen.indices { seen[index].place = ClusterPlace(context: "lab") }
      let lookup = history.lookUp(JobQuery())
      let shown = lookup.selection(now: .max / 2, ended: [:], unnoted: seen) { _ in 0 }.newest
      let first = try #require(shown.first { $0.runner == lost.runner })
      #expect(first.result == .running && first.unknownEnd == nil)
      #expect(first.place?.context == "lab", "the context that was asked shows it")
      #expect(shown.first { $0.runner == ended.runner }?.result == .unknown, "its end is known")
    }
  }

  @Test func `of two who saw a job wait, the one that saw it first decides`() {
    func seen(_ at: Int64?, _ isHeldBack: Bool) -> JobTimes {
      JobTimes(assigned: at, isHeldBack: isHeldBack, started: 200, result: .succeeded)
    }
    for (a, b, wanted) in [
      (seen(100, true), seen(120, false), seen(100, true)), (seen(100, false), seen(120, true), seen(100, false)),
      (seen(nil, false), seen(120, true), seen(120, true)), (seen(100, true), seen(100, false), seen(100, true)),
    ] {
      var (one, other) = (a, b)
      one.merge(b)
      other.merge(a)
      #expect(one == wanted && other == wanted)
    }
  }

  @Test func `what cannot be written is written with what comes next`() throws {
    try withFolder { _, folder in
      let history = JobHistory(path: folder + "/home/history.jsonl")
      // A file where the folder should be.
      try FileIO.replace(folder + "/home", with: [])
      let writer = HistoryWriter(history)
      writer.add([Self.record(1)])
      #expect(throws: EngineError.self) { try writer.write() }
      #expect(writer.isWaiting)
      unlink(folder + "/home")
      writer.add([Self.record(2)])
      try writer.write()
      #expect(history.load() == [Self.record(1), Self.record(2)])
      #expect(!writer.isWaiting)
    }
  }
}
