import TestSupport

@testable import Demo

/// The state of a new demo, which is created once for all tests that only work out from it what is when.
enum PreparedDemo {
  static let seed7: Result<DemoState, any Error> = Result {
    let folder = try TemporaryFolder(isCreated: false)
    _ = try DemoCluster.prepare(root: folder.path, executable: "/bin/true", options: DemoOptions(seed: 7))
    return DemoStore(folder: folder.path + "/state").load()
  }
}
