import Engine
import Foundation
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Demo
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// Normal operation over a long time causes no findings except the initial problem of the demo.
@Suite struct NormalWorkTests {
  private func state(seed: UInt64) throws -> (DemoState, Configuration) {
    let folder = try TemporaryFolder(isCreated: false)
    let root = folder.path
    let environment = try DemoCluster.prepare(root: root, executable: "/bin/true", options: DemoOptions(seed: seed))
    let configuration = try ConfigurationStore(paths: Paths(environment: environment)).load()
    return (DemoStore(folder: root + "/state").load(), configuration)
  }

  /// Observes the demo in regular intervals, like a dashboard, and lists unexpected findings.
  ///
  /// - Parameter jobs: the minimum number of jobs that must have ended.
  private func falseAlarms(seed: UInt64, step: Double, hours: Double, jobs: Int) throws -> [String] {
    let (state, configuration) = try state(seed: seed)
    var known = ClusterKnowledge(place: ClusterPlace(context: "kind-deskrun"))
    known.take(.configuration(.success(configuration)), at: Int64(state.anchorWall))
    var heard: [String: Double] = [:]
    var alarms: [String] = []
    for after in stride(from: 0, to: hours * 3600, by: step) {
      let world = DemoWorld(state: state, wall: state.anchorWall + after)
      func list<Object: ScannedObject>(_ plural: String) throws -> [Object] {
        try ScannedList<Object>(
          Array(JSONValue.object(["items": .array(world.objects(plural))]).encoded().utf8)
        ).items
      }
      let snapshot = Snapshot(
        takenAt: Int64(state.anchorWall + after), controller: (try list("deployments") as [ControllerState]).first,
        scaleSets: try list("autoscalingrunnersets"), runners: try list("ephemeralrunners"), pods: try list("pods"))
      let now = snapshot.takenAt
      known.take(
        .observed(ClusterObservation(cluster: .ready(version: "v1.36.1"), snapshot: snapshot, heardAt: now)), at: now)
      var gathered = Gathering()
      gathered.events = KubeEvents(try list("events"))
      known.take(.gathered(gathered), at: now)
      for (set, pod) in snapshot.listenerPods {
        guard case .success(let lines) = world.log(pod: pod.name, container: "listener") else { continue }
        var facts: [ListenerFact] = []
        for line in lines where line.time > heard[set] ?? 0 {
          let stamped = "\(Timestamp.text(Int64(world.clock.wall(of: line.time)))) \(line.text)"
          guard let fact = ListenerLog.fact(ArraySlice(Array(stamped.utf8))) else { continue }
          facts.append(fact)
        }
        known.take(.listener(scaleSet: set, facts), at: now)
        heard[set] = lines.last?.time ?? heard[set]
      }
      for finding in known.findings where finding.rule != .imagePull {
        alarms.append("after \(Int(after)) s: \(finding.rule.rawValue): \(finding.title) \(finding.evidence)")
      }
    }
    // Since ARC 0.14 the listener's log does not contain results; that the jobs ended is visible.
    #expect(known.jobs.jobs.count { $0.result != .running } > jobs)
    return alarms
  }

  @Test(arguments: Rounds.some(1, of: [1, 2] as [UInt64])) func `some time looked at closely`(seed: UInt64) throws {
    let isLong = Rounds.soak != nil
    let alarms = try falseAlarms(seed: seed, step: 3, hours: isLong ? 0.4 : 0.1, jobs: isLong ? 10 : 3)
    #expect(alarms.isEmpty, "\(alarms.prefix(5).joined(separator: "\n"))")
  }

  @Test(arguments: Rounds.some(1, of: [3, 4] as [UInt64])) func `a day looked at now and then`(seed: UInt64) throws {
    let alarms = try falseAlarms(seed: seed, step: Rounds.soak == nil ? 1031 : 211, hours: 24, jobs: 10)
    #expect(alarms.isEmpty, "\(alarms.prefix(5).joined(separator: "\n"))")
  }
}
