import ARCTestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// When ending runners are reported as cycling, and when they are normal.
extension DiagnosisTests {
  /// Runners with these lifetimes, with or without a job.
  private func memory(_ lives: [(seconds: Int64, hadJob: Bool, code: Int?)]) -> RunnerMemory {
    var memory = RunnerMemory()
    memory.apply([], at: Self.now - 200)
    for (index, life) in lives.enumerated() {
      let end = Self.now - 100 + Int64(index)
      let object = EphemeralRunner([
        "metadata": [
          "name": .string("gone-\(index)"), "labels": ["actions.github.com/scale-set-name": "web"],
          "creationTimestamp": .string(Timestamp.text(end - life.seconds)),
        ],
        "status": life.hadJob ? busy : idle,
      ])
      let pod = life.code.map { JobLogTests.dead("gone-\(index)", reason: $0 == 0 ? "Completed" : "Error", code: $0) }
      // A runner with a failed container may never have been observed in this state: this one was, if its code is
      // known.
      let runner = Runner(object, pod: pod, jobPods: [])
      memory.apply([RunnerChange(before: nil, after: runner)], at: end - 1)
      memory.apply([RunnerChange(before: runner, after: nil)], at: end)
    }
    return memory
  }

  /// Streams of pods and of runners may be seconds apart on a busy machine: a runner that ends well would look lost,
  /// and the fix deletes it.
  @Test func `a pod that disappears while the cluster is watched is not a lost job at once`() throws {
    let object = EphemeralRunner([
      "metadata": ["name": "late", "labels": ["actions.github.com/scale-set-name": "web"]], "status": busy,
    ])
    let lacking = Runner(object, pod: nil, jobPods: [])
    #expect(lacking.lacksPod)
    // Complete lists showed it first: certain when it is still so two seconds later.
    var listed = RunnerMemory()
    listed.apply([RunnerChange(before: nil, after: lacking)], at: Self.now)
    #expect(!listed.hasLostPod("late", at: Self.now + 1) && listed.willBeLost("late", at: Self.now + 1))
    #expect(listed.hasLostPod("late", at: Self.now + 2))
    // Its pod was there, and disappeared in the stream of pods.
    var watched = RunnerMemory()
    watched.apply(
      [RunnerChange(before: nil, after: Runner(object, pod: Pod(["metadata": ["name": "late"]]), jobPods: []))],
      at: Self.now)
    watched.apply([RunnerChange(before: nil, after: lacking)], at: Self.now + 5)
    #expect(!watched.hasLostPod("late", at: Self.now + 15) && !watched.willBeLost("late", at: Self.now + 15))
    #expect(watched.hasLostPod("late", at: Self.now + 25))
    watched.apply([RunnerChange(before: lacking, after: nil)], at: Self.now + 26)
    #expect(!watched.hasLostPod("late", at: Self.now + 60) && !watched.hasPodless)
  }

  @Test func `idle runners that are deleted for a new template do not exit by themselves`() throws {
    var memory = RunnerMemory()
    memory.apply([], at: Self.now - 200)
    for index in 0..<4 {
      func runner(deleted: Bool, code: Int?) -> Runner {
        var metadata: JSONObject = [
          "name": .string("gone-\(index)"), "labels": ["actions.github.com/scale-set-name": "web"],
          "creationTimestamp": .string(Timestamp.text(Self.now - 60)),
        ]
        if deleted { metadata["deletionTimestamp"] = .string(Timestamp.text(Self.now - 31)) }
        let pod = code.map { JobLogTests.dead("gone-\(index)", reason: "Error", code: $0) }
        return Runner(
          EphemeralRunner(["metadata": .object(metadata), "status": idle]), pod: pod, jobPods: [])
      }
      let (ready, asked, dead) = (
        runner(deleted: false, code: nil), runner(deleted: true, code: nil), runner(deleted: true, code: 143)
      )
      #expect(ready.state == .idle)
      memory.apply([RunnerChange(before: nil, after: ready)], at: Self.now - 40)
      memory.apply([RunnerChange(before: ready, after: asked)], at: Self.now - 31)
      memory.apply([RunnerChange(before: asked, after: dead)], at: Self.now - 30)
      memory.apply([RunnerChange(before: dead, after: nil)], at: Self.now - 29)
    }
    #expect(memory.recent("web").count == 4)
    #expect(memory.shortLived("web") == [])
    #expect(memory.reported("web") == [])
  }

  @Test func `one runner for each finished job is how it should be`() throws {
    var known = try Self.circumstances([ClusterObjects.runner("a", idle)])
    known.memory = memory(Array(repeating: (20, true, 0), count: 20))
    #expect(rules(known) == [])
  }

  @Test func `a cancelled run leaves runners that were not needed`() throws {
    var known = try Self.circumstances([ClusterObjects.runner("a", idle)])
    known.memory = memory([(30, false, nil), (40, false, nil)])
    #expect(rules(known) == [])
    // A third one that was ready was scaled down.
    known.memory = memory([(30, false, nil), (40, false, nil), (20, false, nil)])
    known.memory.note(.listens, runner: "gone-2", scaleSet: "web")
    #expect(rules(known) == [])
  }

  @Test func `idle runners that got old and went are no matter`() throws {
    var known = try Self.circumstances([ClusterObjects.runner("a", idle)])
    known.memory = memory(Array(repeating: (4000, false, nil), count: 6))
    #expect(rules(known) == [])
  }

  @Test func `the causes of cycling are told apart`() throws {
    var known = try Self.circumstances()
    known.memory = memory([(2, false, 0), (2, false, 0), (3, false, 0)])
    #expect(rules(known) == [.noCommand])
    known.memory = memory([(2, false, 2), (2, false, 2), (3, false, 2)])
    #expect(rules(known) == [.cycling])
    known.memory.note(.root, runner: "gone-1", scaleSet: "web")
    #expect(rules(known) == [.rootRefused])
    // It is no longer reported after a while.
    var later = known
    later.memory.apply([], at: Self.now + 600)
    #expect(rules(later) == [])
  }
}
