import Foundation
import TestSupport
import Testing

@testable import Basics
@testable import Tools

@Suite struct SocketFolderTests {
  private func names(_ path: String) -> [String] { DirectoryTree.names(in: path).sorted() }

  @Test func `a folder is private and goes with its owner`() throws {
    let place = try TemporaryFolder()
    let folder = try SocketFolder.make(["XDG_RUNTIME_DIR": place.path])
    #expect(folder.socket.hasPrefix(place.path))
    #expect(folder.socket.utf8.count <= 104)
    let attributes = try FileManager.default.attributesOfItem(atPath: folder.path)
    #expect(attributes[.posixPermissions] as? Int == 0o700)
    try "".write(toFile: folder.socket, atomically: false, encoding: .utf8)
    folder.remove()
    #expect(names(place.path).isEmpty)
  }

  @Test func `what a killed owner left is removed and what is used stays`() throws {
    let place = try TemporaryFolder()
    let used = try SocketFolder.make(["XDG_RUNTIME_DIR": place.path])
    let stale = place.path + "/deskrun-pipe-stale"
    let halfRemoved = place.path + "/deskrun-pipe-half"
    for folder in [stale, halfRemoved, place.path + "/deskrun-other"] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    }
    for name in ["lock", "s"] { try "".write(toFile: "\(stale)/\(name)", atomically: false, encoding: .utf8) }
    let next = try SocketFolder.make(["XDG_RUNTIME_DIR": place.path])
    SocketFolder.removeStale(["XDG_RUNTIME_DIR": place.path])
    let expected = [used.path, next.path, place.path + "/deskrun-other"].map {
      String($0.split(separator: "/").last ?? "")
    }
    #expect(names(place.path) == expected.sorted())
    used.remove()
    next.remove()
  }

  @Test func `a place that cannot be used is passed over`() throws {
    let place = try TemporaryFolder()
    let long = place.path + "/" + String(repeating: "x", count: 90)
    try FileManager.default.createDirectory(atPath: long, withIntermediateDirectories: false)
    let folder = try SocketFolder.make(["XDG_RUNTIME_DIR": long, "TMPDIR": place.path + "/"])
    #expect(folder.path.hasPrefix(place.path + "/deskrun-pipe-"))
    #expect(names(long).isEmpty)
    folder.remove()
  }
}
