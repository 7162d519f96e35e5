import Foundation
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// Logs of deleted runners.
@Suite struct LogArchiveTests {
  private func withArchive(_ body: (LogArchive) throws -> Void) throws {
    let folder = try TemporaryFolder(isCreated: false)
    try withExtendedLifetime(folder) { try body(LogArchive(folder: folder.path)) }
  }

  private func lines(_ text: [String]) -> [ArraySlice<UInt8>] { text.map { ArraySlice(Array($0.utf8)) } }

  private func text(_ archive: LogArchive, _ runner: String, limit: Int = 4 << 20) -> String? {
    archive.read(scaleSet: "web", runner: runner, limit: limit).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func `what was written is read, by nobody else`() throws {
    try withArchive { archive in
      try archive.writer(scaleSet: "web", runner: "web-1")?.append(lines(["one", "two"]))
      #expect(text(archive, "web-1") == "one\ntwo\n")
      #expect(text(archive, "web-2") == nil)
      #expect(archive.entries().map(\.runner) == ["web-1"])
      let mode = try FileManager.default.attributesOfItem(atPath: "\(archive.folder)/web/web-1.log")[.posixPermissions]
      #expect(mode as? Int == 0o600)
    }
  }

  @Test func `the end of a long log begins with a whole line`() throws {
    try withArchive { archive in
      try archive.writer(scaleSet: "web", runner: "r")?.append(lines((0..<100).map { "line \($0)" }))
      #expect(text(archive, "r", limit: 20) == "line 98\nline 99\n")
    }
  }

  @Test func `a log that is full keeps its end and says so`() throws {
    try withArchive { archive in
      var archive = archive
      archive.fileLimit = 10_000
      let writer = try archive.writer(scaleSet: "web", runner: "r")
      for number in 0..<2000 { try writer?.append(lines(["line \(number)"])) }
      let kept = try #require(text(archive, "r"))
      #expect(kept.hasSuffix("line 1999\n"))
      #expect(kept.hasPrefix("[deskrun] older lines were dropped here"))
      #expect(kept.utf8.count <= 10_000)
    }
  }

  @Test func `the oldest logs make room`() throws {
    try withArchive { archive in
      var archive = archive
      archive.totalLimit = 250
      for number in 0..<5 {
        try archive.writer(scaleSet: "web", runner: "r\(number)")?.append(lines([String(repeating: "x", count: 99)]))
        let time = Date(timeIntervalSince1970: 1_700_000_000 + Double(number))
        try FileManager.default.setAttributes(
          [.modificationDate: time], ofItemAtPath: "\(archive.folder)/web/r\(number).log")
      }
      archive.makeRoom()
      #expect(archive.entries().map(\.runner) == ["r4", "r3"])
    }
  }

  @Test(arguments: ["../evil", "", ".hidden", "a/b/c", "/a", "a\u{0}b"]) func `names cannot leave the folder`(
    name: String
  )
    throws
  {
    try withArchive { archive in
      #expect(throws: EngineError.self) { try archive.writer(scaleSet: "web", runner: name) }
      #expect(throws: EngineError.self) { try archive.writer(scaleSet: name, runner: "r") }
      #expect(archive.read(scaleSet: "web", runner: name) == nil)
    }
  }

  @Test(arguments: [
    ("2026-11-24T12:00:05.1Z 2026-11-24 12:00:05Z: Running job: build", LogRecorder.Mark.started(at: 1_795_521_605)),
    (
      "2026-11-24T12:00:05Z 2026-11-24 12:00:05Z: Job build completed with result: Succeeded",
      .ended(result: "Succeeded", at: 1_795_521_605)
    ),
    ("√ Connected to GitHub", nil),
    (
      "2026-11-24T12:00:05Z [RUNNER 2026-11-24 12:00:05Z INFO Terminal] WRITE LINE: 2026-11-24 12:00:05Z: Job build completed with result: Failed",
      .ended(result: "Failed", at: 1_795_521_605)
    ),
    (
      "2026-11-24T12:00:05Z [WORKER 2026-11-24 12:00:05Z IN2026-11-24 12:00:05Z: Job a Z: b completed with result: Canceled",
      .ended(result: "Canceled", at: 1_795_521_605)
    ),
    ("2026-11-24T12:00:05Z said 2026-11-24 12:00:05Z: Job build completed with result: Failed", nil),
    ("2026-11-24T12:00:05Z [RUNNER 2026-11-24 12:00:05Z INFO JobDispatcher] Job build completed with result: x", nil),
  ]) func `the runner's log tells when its job began and ended`(line: String, mark: LogRecorder.Mark?) {
    #expect(LogRecorder.mark(ArraySlice(Array(line.utf8))) == mark)
  }
}
