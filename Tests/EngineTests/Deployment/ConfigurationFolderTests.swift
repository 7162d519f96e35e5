import Foundation
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// The configuration's folder, leftovers in it, and things in it that are not regular files.
@Suite struct ConfigurationFolderTests {
  private let place: TemporaryFolder
  let paths: Paths
  var home: String { place.path }

  init() throws {
    place = try TemporaryFolder()
    chmod(place.path, 0o755)
    paths = try Paths(environment: ["HOME": "/nobody", "DESKRUN_HOME": place.path])
  }

  var store: ConfigurationStore { ConfigurationStore(paths: paths) }

  func mode(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
  }

  func add(_ name: String = "x") throws {
    try store.update { $0.set(try PlanTests.installation(name)) }
  }

  @Test func `a folder that was there keeps its permissions`() throws {
    try place.write("somebody else's", to: "notes.txt")
    try add()
    #expect(try mode(home) == 0o755)
    #expect(try mode(paths.configuration) == 0o600)
  }

  @Test(arguments: ["/a/b", "/a/b/", "//a//b"]) func `a folder that is made is private`(folder: String) throws {
    let paths = try Paths(environment: ["HOME": "/nobody", "DESKRUN_HOME": home + folder])
    try ConfigurationStore(paths: paths).update { $0.set(try PlanTests.installation("x")) }
    #expect(try mode(home + "/a/b") == 0o700)
  }

  @Test func `the standard folder is made private`() throws {
    let paths = try Paths(environment: ["HOME": home])
    try FileManager.default.createDirectory(atPath: paths.home, withIntermediateDirectories: true)
    chmod(paths.home, 0o755)
    try ConfigurationStore(paths: paths).update { $0.set(try PlanTests.installation("x")) }
    #expect(try mode(paths.home) == 0o700)
  }

  @Test(arguments: [0o777, 0o1777]) func `a folder that everybody can write to is refused`(mode: Int) async throws {
    chmod(home, mode_t(mode))
    let refusal = #expect(throws: EngineError.self) { try add() }
    #expect(refusal?.why?.contains("every user of this computer can write to \(home)") == true)
    #expect(refusal?.fix?.contains("DESKRUN_HOME") == true)
    #expect(try self.mode(home) & 0o1777 == mode)
    #expect(try FileManager.default.contentsOfDirectory(atPath: home) == [])
    let checks = try await doctor()
    let check = try #require(checks.first { $0.id == "configuration-folder" })
    #expect(check.verdict == .bad)
    #expect(check.finding.contains("every user"))
  }

  @Test func `a folder of somebody else is refused`() throws {
    let problem = FolderSafety.problem(home, user: getuid() &+ 1)
    #expect(problem?.contains("\(home) belongs to") == true)
    #expect(FolderSafety.problem(home, user: getuid()) == nil)
    #expect(FolderSafety.problem(home, user: 0) == nil, "root may be given the folder of somebody else")
  }

  @Test func `doctor warns of a group that can write`() async throws {
    #expect(try await doctor().contains { $0.id == "configuration-folder" } == false)
    chmod(home, 0o770)
    let check = try #require(try await doctor().first { $0.id == "configuration-folder" })
    #expect(check.verdict == .warning)
    #expect(check.fix == "chmod g-w \(home)")
    try add()
  }

  private func doctor() async throws -> [DoctorCheck] {
    let toolbox = Toolbox(
      runner: FakeCluster(), environment: ["PATH": home + "/none", "HOME": home], target: .kind(cluster: "deskrun"))
    return try await Doctor(
      toolbox: toolbox, store: store,
      credentials: CredentialResolver(environment: [:], readStandardInput: { [] }, ghToken: { _ in Secret("t") })
    ).examine()
  }

  @Test func `a file in the folders place is named`() throws {
    let path = try place.write("", to: "file")
    let paths = try Paths(environment: ["HOME": "/nobody", "DESKRUN_HOME": path])
    let refusal = #expect(throws: EngineError.self) { try ConfigurationStore(paths: paths).update { _ in } }
    #expect(refusal?.why == "\(path) is not a directory")
  }

  // MARK: Leftovers of a killed deskrun

  @Test func `what a killed writer left is removed`() throws {
    let ours = [".config.json.4194304.1.tmp", ".config.json.bak.\(getpid()).4294967295.tmp", ".ui.json.4194304.7.tmp"]
    let others = [
      ".config.json.tmp", ".config.json.x.1.tmp", ".config.json.1.2.3.tmp", "config.json.1.2.tmp", ".other.1.2.tmp",
      ".ui.json.\(getpid()).7.tmp",
    ]
    for name in ours + others { try place.write("ghp_secret", to: name) }
    try add()
    let names = Set(try FileManager.default.contentsOfDirectory(atPath: home))
    #expect(names.isDisjoint(with: ours))
    #expect(names.isSuperset(of: others))
  }

  @Test func `also beside the file that a link leads to`() throws {
    let elsewhere = try TemporaryFolder()
    try elsewhere.write("{}", to: "deskrun.json")
    try elsewhere.write("ghp_secret", to: ".deskrun.json.4194304.1.tmp")
    try FileManager.default.createSymbolicLink(
      atPath: paths.configuration, withDestinationPath: elsewhere.path + "/deskrun.json")
    try add()
    #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere.path) == ["deskrun.json"])
  }

  @Test func `an operation that writes nothing removes it too`() async throws {
    try place.write("ghp_secret", to: ".config.json.4194304.1.tmp")
    let deployer = try PlanTests().deskrun()
    let here = Deployer(toolbox: deployer.toolbox, store: store, credentials: deployer.credentials)
    try await here.exclusively("deskrun up", on: .everything, onWait: { _ in }) {}
    #expect(FileManager.default.fileExists(atPath: home + "/.config.json.4194304.1.tmp") == false)
  }

  // MARK: Not a regular file

  @Test func `a pipe in the files place is refused`() throws {
    #expect(mkfifo(paths.configuration, 0o600) == 0)
    let refusal = #expect(throws: EngineError.self) { try store.load() }
    #expect(refusal?.why == "it is a named pipe, not a regular file")
    #expect(throws: EngineError.self) { try add() }
    var info = stat()
    #expect(stat(paths.configuration, &info) == 0 && info.st_mode & S_IFMT == S_IFIFO)
  }

  @Test func `a directory in the files place is refused`() throws {
    try FileManager.default.createDirectory(atPath: paths.configuration, withIntermediateDirectories: true)
    #expect(throws: EngineError.self) { try store.load() }
  }

  @Test func `a device in the files place is refused`() throws {
    try FileManager.default.createSymbolicLink(atPath: paths.configuration, withDestinationPath: "/dev/zero")
    let refusal = #expect(throws: EngineError.self) { try store.load() }
    #expect(refusal?.why == "it is a device, not a regular file")
  }

  @Test func `other files that are none do not hang`() throws {
    let path = home + "/pipe"
    #expect(mkfifo(path, 0o600) == 0)
    let history = JobHistory(path: path)
    #expect(history.load().isEmpty)
    #expect(history.recent().isEmpty)
    let record = JobRecord(runner: "r", scaleSet: "s", job: Job(), result: .unknown)
    let refusal = #expect(throws: EngineError.self) { try history.append([record]) }
    #expect(refusal?.why?.contains("a named pipe") == true)
    let values = #expect(throws: EngineError.self) { try CredentialResolver.contents(of: path) }
    #expect(values?.why == "it is a named pipe, not a regular file")
  }

  @Test func `a token may come from a pipe`() async throws {
    var ends: [Int32] = [-1, -1]
    #expect(pipe(&ends) == 0)
    defer { close(ends[0]) }
    #expect(write(ends[1], "ghp_token", 9) == 9)
    close(ends[1])
    let bytes = try await CredentialResolver.secret(inFile: "/dev/fd/\(ends[0])")
    #expect(String(decoding: bytes, as: UTF8.self) == "ghp_token")
  }

  // MARK: Unknown contents

  @Test func `what deskrun does not know survives byte for byte`() throws {
    let values = [
      "123456789012345678901234567890", "-0", "1.50", "1e3", "1E400", "0.1000", #""\ud800""#, #""a\udc00b""#,
      #""\/ \u00e9 \ud83d\ude00""#, "\"é 😀\"", "18446744073709551616",
    ]
    let keys = [#""\ud800""#, #""\ud801""#, #""caf\u00e9""#, #""plain""#]
    let unknown =
      values.enumerated().map { "\"v\($0.offset)\": \($0.element)" } + keys.map { "\($0): [\(values[0])]" }
    let text =
      "{\(unknown.joined(separator: ", ")), \"installations\": {\"x\": {\"Repository\": "
      + "\"https:\\/\\/github.com\\/acme\\/web\", \"MaxRunners\": 5.0, \"Future\": {\(unknown.joined(separator: ", "))}, "
      + "\"AuthValue\": \"t\\u006f\"}}}"
    try place.write(text, to: "config.json")
    let known = try #require(try store.load().installations.first)
    #expect(known.target.url == "https://github.com/acme/web")
    #expect(known.runners.maximum == 5)
    #expect(known.authentication == .token(.literal(Secret("to"))))
    try store.update { configuration in
      configuration.set(try known.with(runners: .one))
      configuration.set(try PlanTests.installation("other"))
    }
    let written = try String(contentsOfFile: paths.configuration, encoding: .utf8)
    for (at, value) in values.enumerated() {
      #expect(written.components(separatedBy: "\"v\(at)\": \(value),\n").count == 3, "\(value) in \(written)")
    }
    for key in keys { #expect(written.components(separatedBy: key + ": [").count == 3, "\(key)") }
    #expect(try store.load().installations.count == 2)
  }
}
