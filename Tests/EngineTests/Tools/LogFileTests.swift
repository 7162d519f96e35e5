import Foundation
import TestSupport
import Testing
import ToolsTestSupport

@testable import Basics
@testable import Tools

/// The file given with `--log-file`.
@Suite struct LogFileTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path + "/deskrun.log" }
  private var lines: [String] {
    ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
  }

  init() throws { folder = try TemporaryFolder() }

  private func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  @Test func `lines are appended, with time and process, for the owner alone`() throws {
    try folder.write("earlier\n", to: "deskrun.log", mode: 0o644)
    let log = try LogFile(path: path)
    log.note(.run, "one")
    try LogFile(path: path).note(.plan, "two\nin two lines\u{1B}[31m")
    #expect(try mode(path) == 0o600)
    #expect(lines.first == "earlier")
    #expect(lines.count == 3)
    #expect(lines[1].hasSuffix(" [\(getpid())] run: one"))
    #expect(lines[1].wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z .*/) != nil)
    #expect(lines[2].contains(" plan: two") && !lines[2].contains("\u{1B}"))
  }

  @Test func `a line that a full disk cut short does not become one with the next`() throws {
    try folder.write("whole\nhal", to: "deskrun.log", mode: 0o600)
    try LogFile(path: path).note(.run, "one")
    #expect(lines.count == 3 && lines[1] == "hal" && lines[2].hasSuffix("run: one"), "\(lines)")
  }

  @Test func `of a large file only the end is read, from a whole line on`() throws {
    let text = (0..<20_000).map { "line \($0)\n" }.joined()
    let file = try folder.write(text, to: "large")
    let tail = try #require(FileIO.tail(of: file, limit: 100))
    #expect(tail.count <= 100 && tail.starts(with: Array("line ".utf8)))
    #expect(String(decoding: tail, as: UTF8.self).hasSuffix("line 19998\nline 19999\n"))
    #expect(FileIO.tail(of: file, limit: 1 << 20) == Array(text.utf8))
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: file)
    #expect(FileIO.tail(of: folder.path + "/link", limit: 100) == nil)
    #expect(FileIO.tail(of: folder.path, limit: 100) == nil)
  }

  @Test func `secrets are masked, and long lines are cut`() throws {
    let log = try LogFile(path: path)
    let learned = "an-unusual-secret-\(UUID().uuidString)"
    SecretMask.remember(Secret(learned))
    log.note(.error, "token ghp_0123456789abcdefghij0123456789abcdef and \(learned)")
    log.note(.call, String(repeating: "x", count: 100_000))
    #expect(!lines[0].contains("0123456789abcdefghij") && !lines[0].contains(learned))
    #expect(lines[1].hasSuffix("… (cut)") && lines[1].utf8.count < 5000)
  }

  @Test func `what is no file of one's own is refused with the reason`() throws {
    let other = try folder.write("mine\n", to: "target")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: other)
    mkfifo(folder.path + "/pipe", 0o600)
    for (name, reason) in [
      ("link", "symbolic link"), ("pipe", "not a regular file"), ("", "irectory"), ("missing/file", "No such file"),
    ] {
      let error = try #require(throws: EngineError.self) { try LogFile(path: "\(folder.path)/\(name)") }
      #expect(error.kind == .invalid)
      #expect(error.why?.contains(reason) == true, "\(name): \(error.why ?? "")")
    }
    #expect(try String(contentsOfFile: other, encoding: .utf8) == "mine\n")
    #expect(throws: EngineError.self) { try LogFile(path: "/dev/null") }
  }

  @Test func `calls are noted with status and standard error, and without what goes in and out`() async throws {
    let log = try LogFile(path: path)
    let runner = LoggingRunner(runner: SystemToolRunner(), log: log)
    let call = shell("cat; echo 'what went wrong' >&2; exit 3", input: Array("the input".utf8))
    let result = try await runner.run(call)
    #expect(result.exit == .code(3))
    #expect(result.outputText == "the input")
    #expect(lines[0].contains("call: #1 /bin/sh -c "))
    #expect(lines[1].contains("call: #1 exited with status 3 after "))
    #expect(lines[2].hasSuffix("call: #1 says: what went wrong"))
    #expect(!lines.joined().contains("the input"))
  }

  @Test func `a call is noted before it ends, and a canceled one as that`() async throws {
    let log = try LogFile(path: path)
    let runner = LoggingRunner(runner: SystemToolRunner(), log: log)
    let task = Task { try await runner.stream(shell("echo one; exec sleep 600")) { _ in } }
    #expect(try await eventually { lines.count == 1 })
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(lines.count == 2)
    #expect(lines[1].contains("#1 canceled after "))
  }

  private struct Pipe: KubernetesPipe {
    var access: FileStamp? { FileStamp(of: ["/etc/passwd"]) }
    func get(_ path: String, timeout: Duration) async throws -> [UInt8] {
      if path.hasSuffix("secret") { throw EngineError(.unauthorized, "It is forbidden") }
      return Array("{}".utf8)
    }
    func stream(_ path: String, onLines: @Sendable ([ArraySlice<UInt8>]) async throws -> Void) async throws {}
    func close() async {}
  }

  @Test func `questions to the cluster are noted with their answers`() async throws {
    let toolbox = {
      var toolbox = Toolbox(
        runner: SystemToolRunner(), environment: [:], target: .existing(context: "test", kubeconfig: nil))
      toolbox.pipe = Pipe()
      return toolbox
    }()
    let api = try toolbox.logged(to: try LogFile(path: path)).api()
    #expect(api.access == Pipe().access, "a change of the kubeconfig is noticed with a log, too")
    _ = try await api.get("/version", timeout: .seconds(1))
    await #expect(throws: EngineError.self) { try await api.get("/a/secret", timeout: .seconds(1)) }
    #expect(lines.count == 4)
    #expect(lines[0].hasSuffix("ask: #1 /version"))
    #expect(lines[1].contains("ask: #1 2 bytes after "))
    #expect(lines[3].contains("ask: #2 It is forbidden after "))
  }
}
