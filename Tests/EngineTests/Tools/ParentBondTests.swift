#if os(Linux)
import Foundation
import Glibc
import TestSupport
import Testing
import ToolsTestSupport

@testable import Tools

/// The children that the kernel can be asked to kill with their parent.
@Suite struct ParentBondTests {
  private func bound(_ program: String) -> ToolCall? {
    ParentBond.bound(ToolCall(program, ["a", "b"], environment: ["X": "1"]), isOffered: true)
  }

  @Test func `a program is started through this one`() throws {
    let call = try #require(bound("/bin/sh"))
    #expect(call.executable == "/proc/self/exe")
    #expect(call.arguments == [ParentBond.command, String(getpid()), "/bin/sh", "a", "b"])
    #expect(call.environment == ["X": "1"])
    #expect(ParentBond.bound(ToolCall("/bin/sh", [], environment: [:]), isOffered: false) == nil)
  }

  @Test func `scripts and programs that would lose the bond are not`() throws {
    let folder = try TemporaryFolder()
    #expect(bound(try folder.write("#!/bin/sh\nexec kubectl\n", to: "script", mode: 0o755)) == nil)
    #expect(bound(folder.path + "/absent") == nil)
    #expect(bound(folder.path) == nil)
    let copy = folder.path + "/sh"
    try Data(contentsOf: URL(fileURLWithPath: "/bin/sh")).write(to: URL(fileURLWithPath: copy))
    chmod(copy, 0o755)
    #expect(bound(copy) != nil)
    chmod(copy, 0o4755)
    #expect(bound(copy) == nil)
    chmod(copy, 0o644)
    #expect(bound(copy) == nil)
    // For another processor: an interpreter of the system may start it.
    var other = try Data(contentsOf: URL(fileURLWithPath: "/bin/sh"))
    other[18] ^= 0xFF
    try other.write(to: URL(fileURLWithPath: copy))
    chmod(copy, 0o755)
    #expect(bound(copy) == nil)
  }
}
#endif
