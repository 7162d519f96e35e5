import Foundation
import TestSupport
import Testing

@testable import Basics

@Suite struct DirectoryTreeTests {
  private func scratch(_ body: (URL) throws -> Void) throws {
    let folder = try TemporaryFolder()
    try withExtendedLifetime(folder) { try body(folder.url) }
  }

  @Test func `deletes a tree and nothing a link points to`() throws {
    try scratch { root in
      let outside = root.appendingPathComponent("outside/keep.txt")
      let inside = root.appendingPathComponent("cache/a/b")
      for folder in [outside.deletingLastPathComponent(), inside] {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      }
      try Data("keep".utf8).write(to: outside)
      try Data("gone".utf8).write(to: inside.appendingPathComponent("file"))
      try FileManager.default.createSymbolicLink(
        at: inside.appendingPathComponent("link"), withDestinationURL: outside.deletingLastPathComponent())
      #expect(DirectoryTree.delete(root.appendingPathComponent("cache").path) == 0)
      #expect(!FileManager.default.fileExists(atPath: root.appendingPathComponent("cache").path))
      #expect(FileManager.default.fileExists(atPath: outside.path))
    }
  }

  @Test func `counts what is there and not what links point to`() throws {
    try scratch { root in
      let cache = root.appendingPathComponent("cache")
      try FileManager.default.createDirectory(at: cache, withIntermediateDirectories: true)
      try Data(count: 200_000).write(to: root.appendingPathComponent("big"))
      try Data(count: 20_000).write(to: cache.appendingPathComponent("small"))
      try FileManager.default.createSymbolicLink(
        at: cache.appendingPathComponent("link"), withDestinationURL: root.appendingPathComponent("big"))
      let usage = DirectoryTree.usage(of: cache.path)
      #expect(usage.bytes >= 20_000)
      #expect(usage.bytes < 150_000)
      #expect(!usage.isPartial)
    }
  }

  @Test func `what is missing is empty and gone`() {
    #expect(DirectoryTree.usage(of: "/nonexistent/deskrun") == DirectoryTree.Usage())
    #expect(DirectoryTree.delete("/nonexistent/deskrun") == 0)
    #expect(DirectoryTree.names(in: "/nonexistent/deskrun").isEmpty)
  }
}
