import Engine
import Foundation
import TestSupport
import Testing

/// The programs that setup and its fakes need on this computer.
private enum SetupPrograms {
  static let found = ["curl", "tar", "gzip", "sh", "cat"].compactMap { DeskrunBinary.find($0) }
}

/// `deskrun setup` with a test server instead of the publishers, and only a few programs on PATH.
@Suite(.ownThreads, .enabled(if: SetupPrograms.found.count == 5, "curl, tar, gzip or a shell is not installed"))
struct SetupJourneyTests {
  private let server: LoopbackServer
  private let home: TemporaryFolder
  private let bin: TemporaryFolder

  init() throws {
    (server, home, bin) = (try LoopbackServer(), try TemporaryFolder(), try TemporaryFolder())
    for tool in SetupPrograms.found {
      try FileManager.default.createSymbolicLink(
        atPath: "\(bin.path)/\(URL(fileURLWithPath: tool).lastPathComponent)", withDestinationPath: tool)
    }
  }

  private func run(_ arguments: [String]) throws -> DeskrunBinary.Outcome {
    try DeskrunBinary.run(
      arguments, environment: ["PATH": bin.path, "HOME": home.path, "DESKRUN_TOOLS_URL": server.url])
  }

  private func script(_ tool: String, _ version: String) -> String {
    switch tool {
    case "kubectl": "#!/bin/sh\nprintf '{\"clientVersion\":{\"gitVersion\":\"v\(version)\"}}'\n"
    case "kind": "#!/bin/sh\necho kind v\(version) go1.27 linux/amd64\n"
    default: "#!/bin/sh\necho v\(version)+g1234567\n"
    }
  }

  /// Lets the server offer the downloads that setup requests.
  private func publish() throws {
    let survey = try JSONValue(parsing: run(["setup", "--dry-run", "-o", "json"]).output)
    for tool in survey["tools"]?.arrayValue ?? [] {
      guard let name = tool["name"]?.stringValue, let offer = tool["offer"],
        let url = offer["url"]?.stringValue, let version = offer["version"]?.stringValue
      else { continue }
      var bytes = Array(script(name, version).utf8)
      if name == "helm" { bytes = try archive(String(decoding: bytes, as: UTF8.self), url) }
      let path = String(url.dropFirst(server.url.count + 1))
      server.serve(bytes, at: path)
      let sum = try #require(offer["checksumUrl"]?.stringValue).dropFirst(server.url.count + 1)
      server.serve(Array((digest(bytes) + "  file\n").utf8), at: String(sum))
    }
  }

  private func digest(_ bytes: [UInt8]) -> String {
    var digest = SHA256()
    digest.update(bytes)
    return digest.hexadecimal()
  }

  private func archive(_ program: String, _ url: String) throws -> [UInt8] {
    let place = try TemporaryFolder()
    let name = try #require(url.components(separatedBy: "/helm-v").last)
    let platform = name.replacingOccurrences(of: ".tar.gz", with: "").split(separator: "-").dropFirst()
      .joined(separator: "-")
    try FileManager.default.createDirectory(atPath: "\(place.path)/\(platform)", withIntermediateDirectories: true)
    try place.write(program, to: "\(platform)/helm", mode: 0o755)
    let made = try DeskrunBinary.tool(
      try #require(DeskrunBinary.find("tar")), ["-czf", "\(place.path)/a.tgz", "-C", place.path, platform])
    #expect(made.status == 0, "\(made.errors)")
    return Array(try #require(FileManager.default.contents(atPath: "\(place.path)/a.tgz")))
  }

  @Test func `kind, kubectl and helm are installed, used, and removed again`() throws {
    try publish()
    let outcome = try run(["setup", "--yes"])
    #expect(outcome.status == 5, "Docker is missing still: \(outcome.errors)")
    for name in ["kind", "kubectl", "helm"] {
      #expect(FileManager.default.isExecutableFile(atPath: "\(home.path)/.deskrun/tools/\(name)"))
      #expect(outcome.errors.contains("installed as \(home.path)/.deskrun/tools/\(name)"))
    }
    #expect(outcome.output.contains("not installed"))
    let doctor = try run(["doctor"]).output
    #expect(doctor.contains("\(home.path)/.deskrun/tools/helm"))
    let info = try run(["info"]).output
    #expect(info.contains("\(home.path)/.deskrun/tools/kubectl"))
    let asked = server.requests.count
    #expect(try run(["setup", "--yes"]).status == 5)
    #expect(server.requests.count == asked, "nothing is loaded twice")
    #expect(try run(["setup", "--remove", "--yes"]).status == 0)
    #expect(!FileManager.default.fileExists(atPath: "\(home.path)/.deskrun/tools"))
  }

  @Test func `a program on PATH that is new enough is left alone, one that is too old is not`() throws {
    try bin.write(script("kubectl", "1.31.0"), to: "kubectl", mode: 0o755)
    let old = try bin.write(script("helm", "3.1.0"), to: "helm", mode: 0o755)
    try publish()
    let outcome = try run(["setup", "--yes"])
    #expect(!outcome.errors.contains("kubectl 1."), "\(outcome.errors)")
    #expect(outcome.output.contains("v3.1.0+g1234567 is too old"))
    #expect(try run(["setup", "--dry-run"]).output.contains("\(home.path)/.deskrun/tools/helm, in place of \(old)"))
    try bin.write(script("helm", "3.21.0"), to: "helm", mode: 0o755)
    #expect(try run(["info"]).output.contains(old), "the new one on PATH counts")
  }

  @Test func `a wrong checksum installs nothing`() throws {
    try publish()
    let survey = try JSONValue(parsing: run(["setup", "--dry-run", "-o", "json"]).output)
    let kind = try #require(survey["tools"]?.arrayValue?.first { $0["name"] == "kind" }?["offer"])
    let url = try #require(kind["url"]?.stringValue)
    server.serve(Array("changed".utf8), at: String(url.dropFirst(server.url.count + 1)))
    let outcome = try run(["setup", "--yes"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("does not have the expected SHA-256 checksum"))
    #expect(outcome.errors.contains(digest(Array("changed".utf8))))
    let left = try FileManager.default.contentsOfDirectory(atPath: "\(home.path)/.deskrun/tools")
    #expect(left == [])
  }

  @Test func `a pipe is not asked, and nothing is installed`() throws {
    let outcome = try run(["setup"])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("--yes"))
    #expect(!FileManager.default.fileExists(atPath: "\(home.path)/.deskrun/tools"))
  }

  @Test func `a terminal shows a bar while it loads`() throws {
    try publish()
    let session = try DeskrunBinary.onTerminal(
      ["setup", "--yes"],
      environment: ["PATH": bin.path, "HOME": home.path, "DESKRUN_TOOLS_URL": server.url], columns: 120)
    let outcome = session.finish()
    #expect(outcome.output.contains("█"), "\(outcome.output)")
    #expect(outcome.output.contains(": installed as \(home.path)/.deskrun/tools/helm"))
  }

  @Test func `the demo needs none`() async throws {
    let outcome = try await DemoFolder().run(["setup"])
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("The demo needs no programs"))
  }
}
