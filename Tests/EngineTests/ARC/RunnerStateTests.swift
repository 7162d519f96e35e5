import ARCTestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Kubernetes

/// The state of a runner is the same for both generations of ARC, and for objects that one created and the other took
/// over.
@Suite struct RunnerStateTests {
  /// A pod whose container `runner` is in this state.
  private static func pod(_ phase: String, _ state: JSONValue) -> Pod {
    Pod([
      "metadata": ["name": "r", "labels": ["actions-ephemeral-runner": "True"]], "spec": ["nodeName": "n"],
      "status": [
        "phase": .string(phase),
        "containerStatuses": [["name": "runner", "image": "i", "ready": true, "restartCount": 0, "state": state]],
      ],
    ])
  }

  private static let running = pod("Running", ["running": ["startedAt": "2026-11-24T00:00:00Z"]])
  private static let creating = pod("Pending", ["waiting": ["reason": "ContainerCreating"]])
  private static let endedWell = pod("Running", ["terminated": ["exitCode": 0, "reason": "Completed"]])

  private static func word(_ status: JSONValue, _ pod: Pod?, isDeleted: Bool = false) -> String {
    var metadata: JSONObject = ["name": "r", "labels": ["actions.github.com/scale-set-name": "web"]]
    if isDeleted { metadata["deletionTimestamp"] = "2026-11-24T00:00:00Z" }
    return RunnerState(EphemeralRunner(["metadata": .object(metadata), "status": status]), pod: pod).word
  }

  @Test(arguments: ["", "Pending", "Running"])
  func `a runner that is ready without a job is idle whatever its phase`(phase: String) {
    #expect(Self.word(["phase": .string(phase), "ready": true], Self.running) == "idle")
    #expect(Self.word(["phase": .string(phase), "ready": true], nil) == "idle")
    #expect(Self.word(["phase": .string(phase), "ready": true, "jobId": "", "jobRequestId": 0], nil) == "idle")
    #expect(Self.word(["phase": .string(phase), "ready": false], Self.running) == "starting")
    #expect(Self.word(["phase": .string(phase)], Self.creating) == "starting")
  }

  @Test(arguments: ["", "Pending", "Running"])
  func `a job id means busy whatever the phase`(phase: String) {
    #expect(Self.word(["phase": .string(phase), "ready": true, "jobId": "j"], Self.running) == "busy")
    #expect(Self.word(["phase": .string(phase), "ready": false, "jobId": "j"], Self.running) == "busy")
    // Up to ARC 0.12 there is only the number of the request.
    #expect(Self.word(["phase": .string(phase), "ready": true, "jobRequestId": 7], Self.running) == "busy")
  }

  @Test func `a job that is over is not busy`() {
    // From 0.15 on.
    #expect(Self.word(["phase": "Succeeded", "ready": false, "jobId": "j"], Self.endedWell) == "finishing")
    // Up to 0.14: deleted without a change of the phase.
    #expect(Self.word(["phase": "Running", "ready": true, "jobId": "j"], Self.running, isDeleted: true) == "finishing")
    #expect(Self.word(["phase": "Running", "ready": true, "jobId": "j"], Self.endedWell) == "finishing")
    #expect(Self.word(["phase": "Pending", "ready": true], Self.endedWell) == "finishing")
    for phase in ["Failed", "Outdated"] {
      #expect(Self.word(["phase": .string(phase), "ready": false, "jobId": "j"], nil) == "failing")
    }
  }

  @Test func `counts are of runners never of statuses`() {
    let set = ScaleSet([
      "metadata": ["name": "web", "generation": 3, "annotations": ["runner-scale-set-id": "4"]],
      "status": ["phase": "Running", "currentRunners": 9, "runningEphemeralRunners": 9, "observedGeneration": 3],
    ])
    let runners = [
      ClusterObjects.runner("web-runner-a", ["phase": "Pending", "ready": true]),
      ClusterObjects.runner("web-x7f2k-runner-b", ["phase": "Running", "ready": true]),
      ClusterObjects.runner("web-runner-c", ["phase": "Running", "ready": true, "jobId": "1"]),
      ClusterObjects.runner("web-runner-d", ["phase": "Pending", "ready": false]),
    ]
    let snapshot = Snapshot(takenAt: 0, controller: nil, scaleSets: [set], runners: runners, pods: [])
    #expect(snapshot.counts == ["web": .init(idle: 2, busy: 1, starting: 1)])
    #expect(set.generation == 3 && set.observedGeneration == 3 && !set.isOutdated)
  }

  @Test func `definitions tell whether they are from before 0.15`() {
    func definition(_ status: JSONValue) -> JSONValue {
      ["spec": ["versions": [["name": "v1alpha1", "schema": ["openAPIV3Schema": ["properties": ["status": status]]]]]]]
    }
    let (old, new) = (
      definition(["properties": ["currentRunners": [:]]]), definition(["properties": ["observedGeneration": [:]]])
    )
    let (oldRunners, newRunners) = (definition(["required": ["currentReplicas"]]), definition(["properties": [:]]))
    #expect(ResourceDefinitions.isFromBefore015(scaleSets: old, runnerSets: oldRunners))
    #expect(ResourceDefinitions.isFromBefore015(scaleSets: new, runnerSets: oldRunners), "applied halfway")
    #expect(!ResourceDefinitions.isFromBefore015(scaleSets: new, runnerSets: newRunners))
    #expect(!ResourceDefinitions.isFromBefore015(scaleSets: nil, runnerSets: nil), "the chart installs them")
  }

  @Test func `the job of a deleted runner depends on the version`() {
    #expect(RunnerDeletion.killsJob(ARCRelease("0.15.0")) && !RunnerDeletion.killsJob(ARCRelease("0.14.2")))
    #expect(RunnerDeletion.words(for: 1, ARCRelease("0.15.1")).contains("fails"))
    #expect(RunnerDeletion.words(for: 2, ARCRelease("0.14.2")).contains("when its job is over"))
  }
}
