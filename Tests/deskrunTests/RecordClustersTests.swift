import TestSupport
import Testing

@testable import CommandOutput
@testable import deskrun

/// `deskrun record` on several clusters, with the built program in the demo.
@Suite(.ownThreads) struct RecordClustersTests {
  private let demo = DemoFolder()

  @Test func `record tells of all clusters, each event with its context`() throws {
    let session = try demo.onTerminal(["--demo-clusters", "2", "record", "-o", "json"])
    try session.wait(for: #""cluster":{"context":"kind-deskrun","state":"ready""#)
    try session.wait(for: #""cluster":{"context":"prod","state":"ready""#)
    session.send("\u{03}")
    _ = try session.waitForEnd()
  }
}
