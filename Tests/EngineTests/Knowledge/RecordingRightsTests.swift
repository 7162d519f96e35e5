import ARCTestSupport
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// Recording with credentials that may only read one namespace.
@Suite(.timeLimit(.minutes(20))) struct RecordingRightsTests {
  private final class Told: Sendable {
    let events = Lock<[JobRecorder.Event]>([])

    var limits: [ReadingLimits?] {
      events.withLock { $0.compactMap { if case .limits(let limits) = $0 { limits } else { nil } } }
    }
  }

  @Test func `jobs of that namespace are recorded, and what is not is said once`() async throws {
    let folder = try TemporaryFolder()
    let environment = ["HOME": folder.path, "DESKRUN_HOME": folder.path + "/deskrun", "PATH": ""]
    let paths = try Paths(environment: environment)
    var toolbox = Toolbox(runner: SystemToolRunner(), environment: environment, target: .existing(context: "prod"))
    toolbox.pipe = NamespacedCluster(.init(namespaces: ["team-a"]))
    toolbox.knownNamespaces = { _ in ["team-a"] }
    let recorder = JobRecorder(
      toolbox: toolbox, store: ConfigurationStore(paths: paths), interval: .milliseconds(50))
    let told = Told()
    let task = Task { try await recorder.run { event in told.events.withLock { $0.append(event) } } }
    let history = JobHistory(path: paths.history)
    #expect(try await eventually { history.load().map(\.scaleSet) == ["team-a/ci"] })
    #expect(try await eventually { told.limits.count == 1 })
    task.cancel()
    try await task.value
    #expect(told.limits.count == 1 && told.limits.first??.namespaces == ["team-a"])
  }
}
