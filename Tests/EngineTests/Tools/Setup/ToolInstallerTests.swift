import Foundation
import TestSupport
import Testing

@testable import Basics
@testable import Tools

enum DownloadPrograms {
  static let areFound = ["curl", "tar", "gzip"].allSatisfy { name in
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
    }
  }
}

/// Downloads with the real curl from a server on this computer.
@Suite(.enabled(if: DownloadPrograms.areFound, "curl and tar are not installed")) struct ToolInstallerTests {
  private let server: LoopbackServer
  private let home: TemporaryFolder
  private let content = Array("#!/bin/sh\necho kind v0.32.0\n".utf8) + [UInt8](repeating: 0x23, count: 3000)

  init() throws {
    server = try LoopbackServer()
    home = try TemporaryFolder()
  }

  private var folder: ToolsFolder { ToolsFolder(path: home.path + "/tools") }

  private func installer(path: String? = nil, believesServer: Bool = false) throws -> ToolInstaller {
    let environment = [
      "PATH": path ?? ProcessInfo.processInfo.environment["PATH"] ?? "", "HOME": home.path,
      ToolSource.variable: server.url,
    ]
    var source = try ToolSource(environment: environment)
    source.believesServer = believesServer
    return ToolInstaller(runner: SystemToolRunner(), environment: environment, folder: folder, source: source)
  }

  private func digest(_ bytes: [UInt8]) -> String {
    var digest = SHA256()
    digest.update(bytes)
    return digest.hexadecimal()
  }

  private func kind(_ bytes: [UInt8]) -> PinnedTool {
    PinnedTool(
      tool: .kind, version: "0.32.0", url: "https://example.invalid/kind",
      checksumURL: "https://example.invalid/kind.sum",
      checksum: .pinned(digest(bytes)))
  }

  private func bytes(_ path: String) -> [UInt8]? { FileManager.default.contents(atPath: path).map(Array.init) }

  @Test func `a download with the right checksum becomes a program`() async throws {
    server.serve(content, at: "example.invalid/kind")
    let told = Lock<[ToolInstaller.Progress]>([])
    let path = try await installer().install(kind(content), inPlaceOf: nil) { step in
      told.withLock { $0.append(step) }
    }
    #expect(path == folder.program(.kind))
    #expect(bytes(path) == content)
    #expect(access(path, X_OK) == 0)
    #expect(folder.contents == ["kind"], "nothing else stays")
    #expect(told.withLock { $0 }.contains(.downloading(Int64(content.count), of: Int64(content.count))))
    #expect(told.withLock { $0.last } == .verifying)
  }

  @Test func `another checksum is refused, names both digests, and the file is deleted`() async throws {
    let other = content + [0]
    server.serve(other, at: "example.invalid/kind")
    let error = await #expect(throws: EngineError.self) {
      try await installer().install(kind(content), inPlaceOf: nil) { _ in }
    }
    #expect(error?.why?.contains(digest(content)) == true)
    #expect(error?.why?.contains(digest(other)) == true)
    #expect(folder.contents == [])
  }

  @Test func `a connection that breaks is continued where it broke`() async throws {
    server.serve(content, at: "example.invalid/kind", breaksAfter: [1000, 500])
    _ = try await installer().install(kind(content), inPlaceOf: nil) { _ in }
    #expect(bytes(folder.program(.kind)) == content)
    #expect(
      server.requests == ["example.invalid/kind", "example.invalid/kind from 1000", "example.invalid/kind from 1500"])
  }

  @Test func `the next call continues what was given up`() async throws {
    server.serve(content, at: "example.invalid/kind", breaksAfter: [100, 100, 100])
    let error = await #expect(throws: EngineError.self) {
      try await installer().install(kind(content), inPlaceOf: nil) { _ in }
    }
    #expect(error?.fix?.contains("continues") == true, "\(String(describing: error))")
    #expect(!FileManager.default.fileExists(atPath: folder.program(.kind)))
    _ = try await installer().install(kind(content), inPlaceOf: nil) { _ in }
    #expect(bytes(folder.program(.kind)) == content)
    #expect(server.requests.last == "example.invalid/kind from 300")
  }

  @Test func `what is complete already is not loaded again`() async throws {
    server.serve(content, at: "example.invalid/kind")
    let installer = try installer()
    try FileIO.makePrivateFolder(folder.path)
    try Data(content).write(to: URL(fileURLWithPath: installer.part(kind(content))))
    _ = try await installer.install(kind(content), inPlaceOf: nil) { _ in }
    #expect(server.requests == [])
    #expect(bytes(folder.program(.kind)) == content)
  }

  @Test func `what is longer than the file is loaded from the beginning`() async throws {
    server.serve(content, at: "example.invalid/kind")
    let installer = try installer()
    try FileIO.makePrivateFolder(folder.path)
    try Data(content + content).write(to: URL(fileURLWithPath: installer.part(kind(content))))
    _ = try await installer.install(kind(content), inPlaceOf: nil) { _ in }
    #expect(bytes(folder.program(.kind)) == content)
    #expect(server.requests.last == "example.invalid/kind")
  }

  @Test func `what is left of another file is not kept`() async throws {
    server.serve(content, at: "example.invalid/kind")
    let installer = try installer()
    try FileIO.makePrivateFolder(folder.path)
    try Data(content.reversed().prefix(100)).write(to: URL(fileURLWithPath: installer.part(kind(content))))
    _ = try await installer.install(kind(content), inPlaceOf: nil) { _ in }
    #expect(bytes(folder.program(.kind)) == content)
    #expect(server.requests == ["example.invalid/kind from 100", "example.invalid/kind"])
  }

  @Test func `a file that the server does not have is told`() async throws {
    let error = await #expect(throws: EngineError.self) {
      try await installer().install(kind(content), inPlaceOf: nil) { _ in }
    }
    #expect(error?.why?.contains("404") == true)
    #expect(error?.what.contains("/example.invalid/kind") == true)
  }

  @Test func `without curl nothing is tried`() async throws {
    let error = await #expect(throws: EngineError.self) {
      try await installer(path: home.path).install(kind(content), inPlaceOf: nil) { _ in }
    }
    #expect(error?.kind == .toolMissing)
    #expect(error?.what == "curl is not installed")
    #expect(server.requests == [])
  }

  @Test(arguments: ["{}  kind-linux-amd64\n", "{}\n", "{}"])
  func `a publisher's file with the checksum counts where none is pinned`(form: String) async throws {
    server.serve(content, at: "example.invalid/kind")
    server.serve(Array(form.replacingOccurrences(of: "{}", with: digest(content)).utf8), at: "example.invalid/kind.sum")
    _ = try await installer(believesServer: true).install(kind([]), inPlaceOf: nil) { _ in }
    #expect(bytes(folder.program(.kind)) == content)
  }

  @Test func `a page in place of a checksum is refused`() async throws {
    server.serve(content, at: "example.invalid/kind")
    server.serve(Array("<html>Log in</html>".utf8), at: "example.invalid/kind.sum")
    let error = await #expect(throws: EngineError.self) {
      try await installer(believesServer: true).install(kind([]), inPlaceOf: nil) { _ in }
    }
    #expect(error?.what.hasSuffix("has no SHA-256 checksum") == true, "\(String(describing: error))")
  }

  @Test func `a program in an archive is unpacked`() async throws {
    let place = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: place.path + "/linux-amd64", withIntermediateDirectories: true)
    try place.write("#!/bin/sh\n", to: "linux-amd64/helm", mode: 0o755)
    try place.write("a licence", to: "linux-amd64/LICENSE")
    let tar = try #require(ToolLocator(environment: ProcessInfo.processInfo.environment).find(program: "tar"))
    _ = try await SystemToolRunner().run(
      ToolCall(
        tar, ["-czf", place.path + "/helm.tgz", "-C", place.path, "linux-amd64"],
        environment: ProcessInfo.processInfo.environment))
    let archive = try #require(bytes(place.path + "/helm.tgz"))
    server.serve(archive, at: "example.invalid/helm")
    var offer = kind(archive)
    (offer.tool, offer.url, offer.member) = (.helm, "https://example.invalid/helm", "linux-amd64/helm")
    _ = try await installer().install(offer, inPlaceOf: nil) { _ in }
    #expect(bytes(folder.program(.helm)) == Array("#!/bin/sh\n".utf8))
    #expect(folder.contents == ["helm"], "neither the archive nor the rest of it stays")
  }

  @Test(arguments: [
    "https://evil.invalid", "http://10.0.0.1:80", "http://127.0.0.1", "http://127.0.0.1:80/x", "file:///x",
  ])
  func `only a server of this computer can stand in for the publishers`(url: String) {
    #expect(throws: EngineError.self) { try ToolSource(environment: [ToolSource.variable: url]) }
  }
}

@Suite struct PinnedToolsTests {
  @Test(arguments: PinnedTools.Platform.allCases)
  func `every platform has a pinned digest for each program`(platform: PinnedTools.Platform) throws {
    var digests: Set<String> = []
    for tool in PinnedTools.tools {
      let offer = try #require(PinnedTools.offer(tool, for: platform))
      #expect(offer.url.hasPrefix("https://"))
      #expect(offer.url.contains("v\(offer.version)"))
      #expect(offer.checksumURL.hasPrefix(offer.url))
      guard case .pinned(let digest) = offer.checksum else {
        Issue.record("\(tool) is not pinned")
        continue
      }
      #expect(ToolInstaller.digest(in: digest) == digest)
      digests.insert(digest)
      let oldest = try #require(ToolVersion.oldest(of: tool))
      let numbers = try #require(ToolVersion(text: "v" + offer.version).numbers)
      #expect(oldest.lexicographicallyPrecedes(numbers))
    }
    #expect(digests.count == 3, "no digest is that of another program")
  }

  @Test func `the length of the last answer counts`() {
    let headers = "HTTP/1.1 302 Found\r\nContent-Length: 5\r\n\r\nHTTP/2 200\r\ncontent-length: 77\r\n\r\n"
    #expect(ToolDownload.total(headers: headers) == 77)
    #expect(
      ToolDownload.total(headers: "HTTP/1.1 206 P\r\nContent-Length: 5\r\nContent-Range: bytes 95-99/100\r\n") == 100)
    #expect(ToolDownload.total(headers: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n") == nil)
  }
}

/// The program that is used: from PATH first, then from setup.
@Suite struct ToolPrecedenceTests {
  private let home: TemporaryFolder
  private let bin: TemporaryFolder

  init() throws { (home, bin) = (try TemporaryFolder(), try TemporaryFolder()) }

  private var locator: ToolLocator { ToolLocator(environment: ["PATH": bin.path, "DESKRUN_HOME": home.path]) }

  private func installOwn() throws -> String {
    try FileManager.default.createDirectory(atPath: home.path + "/tools", withIntermediateDirectories: true)
    return try home.write("#!/bin/sh\n", to: "tools/helm", mode: 0o755)
  }

  @Test func `without one on PATH that of setup is used`() throws {
    #expect(throws: EngineError.self) { try locator.locate(.helm) }
    let own = try installOwn()
    #expect(try locator.locate(.helm) == own)
    #expect(locator.origin(.helm) == .setup(inPlaceOf: nil))
  }

  @Test func `one on PATH counts first`() throws {
    _ = try installOwn()
    let other = try bin.write("#!/bin/sh\n", to: "helm", mode: 0o755)
    #expect(try locator.locate(.helm) == other)
    #expect(locator.origin(.helm) == .path)
  }

  @Test func `one on PATH that was too old counts again when it changes`() throws {
    let own = try installOwn()
    let other = try bin.write("#!/bin/sh\n", to: "helm", mode: 0o755)
    try ToolsFolder(path: home.path + "/tools").noteReplaced(.helm, other)
    #expect(try locator.locate(.helm) == own)
    #expect(locator.origin(.helm) == .setup(inPlaceOf: other))
    try bin.write("#!/bin/sh\necho newer\n", to: "helm", mode: 0o755)
    #expect(try locator.locate(.helm) == other)
  }

  @Test func `the variable counts before both`() throws {
    _ = try installOwn()
    let other = try bin.write("#!/bin/sh\n", to: "other", mode: 0o755)
    let locator = ToolLocator(
      environment: ["PATH": bin.path, "DESKRUN_HOME": home.path, "DESKRUN_HELM": other])
    #expect(try locator.locate(.helm) == other)
    #expect(locator.origin(.helm) == .override)
  }
}
