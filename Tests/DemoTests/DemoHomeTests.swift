import Engine
import Foundation
import TestSupport
import Testing

@testable import Demo

/// The demo only changes its own folder.
@Suite struct DemoHomeTests {
  private func prepare(_ root: String) throws {
    _ = try DemoCluster.prepare(root: root, executable: "/bin/true", options: DemoOptions(seed: 7))
  }

  @Test func `what only a demo that starts can follow is refused by one that exists, with the way to it`() throws {
    let folder = try TemporaryFolder(isCreated: false)
    func prepare(_ options: DemoOptions) throws {
      _ = try DemoCluster.prepare(root: folder.path, executable: "/bin/true", options: options)
    }
    try prepare(DemoOptions(runners: 12))
    for options in [DemoOptions(runners: 30), DemoOptions(isEmpty: true)] {
      let error = #expect(throws: EngineError.self) { try prepare(options) }
      #expect(error?.kind == .usage && error?.fix?.contains("deskrun --demo-reset --demo-") == true)
    }
    // The same options again, and no options.
    try prepare(DemoOptions(runners: 12))
    try prepare(DemoOptions())
    try DemoCluster.reset(root: folder.path)
    try prepare(DemoOptions(isEmpty: true))
  }

  private func names(_ root: String) throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: root))
  }

  @Test func `a folder of the user is neither reset nor used`() throws {
    let folder = try TemporaryFolder()
    for name in ["bin", "state", "home"] {
      try FileManager.default.createDirectory(atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
      try folder.write("mine", to: "\(name)/precious")
    }
    for attempt in [{ try DemoCluster.reset(root: folder.path) }, { try prepare(folder.path) }] {
      let error = #expect(throws: EngineError.self) { try attempt() }
      #expect(error?.what.contains("is not a folder of the demo") == true)
      #expect(error?.fix?.contains("DESKRUN_DEMO_HOME") == true)
    }
    #expect(try names(folder.path) == ["bin", "state", "home"])
    for name in ["bin", "state", "home"] { #expect(try names("\(folder.path)/\(name)") == ["precious"]) }
  }

  @Test func `one that only looks like the demos is the users`() throws {
    let folder = try TemporaryFolder(isCreated: false)
    try prepare(folder.path)
    try FileManager.default.removeItem(atPath: folder.path + "/" + DemoHome.marker)
    // A real program of that name, not a link to deskrun.
    try FileManager.default.removeItem(atPath: folder.path + "/bin/helm")
    try folder.write("mine", to: "bin/helm")
    #expect(throws: EngineError.self) { try DemoCluster.reset(root: folder.path) }
    #expect(try names(folder.path + "/bin").contains("helm"))
  }

  @Test func `its own is reset and used again`() throws {
    let folder = try TemporaryFolder(isCreated: false)
    try prepare(folder.path)
    try folder.write("of a user who put something beside", to: "notes.txt")
    try DemoCluster.reset(root: folder.path)
    #expect(try names(folder.path) == [DemoHome.marker, "notes.txt"])
    try prepare(folder.path)
    #expect(try names(folder.path + "/state").contains("state.json"))
  }

  @Test func `one of an earlier version is recognized`() throws {
    let folder = try TemporaryFolder(isCreated: false)
    try prepare(folder.path)
    try FileManager.default.removeItem(atPath: folder.path + "/" + DemoHome.marker)
    try DemoCluster.reset(root: folder.path)
    try prepare(folder.path)
    #expect(try names(folder.path).contains(DemoHome.marker))
  }

  @Test func `an empty folder becomes the demos`() throws {
    let folder = try TemporaryFolder()
    try prepare(folder.path)
    #expect(try names(folder.path).contains(DemoHome.marker))
  }
}
