import Foundation
import TestSupport
import Testing

/// The dashboard with two clusters, one of which hangs: the built program on a terminal, with the demo.
@Suite(.serialized, .ownThreads) struct SeveralClusterJourneyTests {
  /// The proxies of a demo's dashboards.
  private func proxies(_ demo: DemoFolder) -> [pid_t] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return all.compactMap(pid_t.init).filter { process in
      let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
      let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      return words.first?.hasPrefix(demo.path) == true && words.dropFirst().first == "proxy"
    }
  }

  @Test func `a cluster that hangs delays no other, comes back, and leaves no proxy behind`() async throws {
    let demo = DemoFolder()
    _ = try await demo.run(["--demo-clusters", "2", "--demo-outage", "hang", "list"])
    let board = try DashboardSession(demo, columns: 120, rows: 34)
    // The first cluster is complete while the second has not responded yet.
    try board.see("web-ci-runner-")
    try board.see("asking")
    try board.press("4", see: "BUSY/MAX")
    try board.see("does not answer")
    _ = try await demo.run(["--demo-outage", "none", "list"])
    board.press("r")
    try board.see("/4 busy")
    // Select it, and go back.
    try board.press("j" + "\r", see: "prod ─ 2 of 5")
    board.press("\u{1B}")
    try board.see("1 Installations ─ 5")
    #expect(proxies(demo).count == 2)
    board.press("q")
    #expect(board.finish().status == 0)
    #expect(proxies(demo).isEmpty)
  }

  @Test func `clusters of the kubeconfig that have ARC are shown too where that is asked for`() async throws {
    let demo = DemoFolder()
    _ = try await demo.run(["--demo-clusters", "2", "list"])
    let one = try DashboardSession(demo, ["--context", "kind-deskrun"], columns: 120, rows: 34)
    try one.see("lives on prod")
    #expect(!one.screen.contains("CLUSTER"))
    one.press("q")
    #expect(one.finish().status == 0)
    let all = try DashboardSession(demo, ["--context", "kind-deskrun", "--all-contexts"], columns: 120, rows: 34)
    try all.see("● prod")
    try all.see("/4 busy")
    all.press("q")
    #expect(all.finish().status == 0)
    #expect(proxies(demo).isEmpty)
  }
}
