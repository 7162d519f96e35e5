import ARCTestSupport
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// When a runner is failing, and when it only failed before.
@Suite struct RunnerProblemTests {
  private func pod(_ status: JSONValue) -> Pod {
    Pod([
      "metadata": ["name": "r", "labels": ["actions-ephemeral-runner": "True"]], "spec": ["nodeName": "n"],
      "status": status,
    ])
  }

  private func waiting(_ reason: String, _ message: String = "") -> Pod {
    pod([
      "phase": "Pending",
      "containerStatuses": [
        [
          "name": "runner", "image": "acme/denied:429",
          "state": ["waiting": ["reason": .string(reason), "message": .string(message)]],
        ]
      ],
    ])
  }

  private func state(_ status: JSONValue, _ pod: Pod?) -> RunnerState {
    Runner(ClusterObjects.runner("r", status), pod: pod, jobPods: []).state
  }

  private let pending: JSONValue = ["phase": "Pending"]

  @Test(arguments: ["OutOfcpu", "UnexpectedAdmissionError", "Terminated", "NodeLost", "NodeAffinity", "SomethingNew"])
  func `a pod that failed as a whole fails the runner, in its own words`(reason: String) {
    let pod = pod(["phase": "Failed", "reason": .string(reason), "message": "the kubelet's own words"])
    #expect(state(pending, pod) == .failing("the kubelet's own words", code: reason))
  }

  @Test(arguments: ["RegistryUnavailable", "ImageInspectError", "SignatureValidationFailed", "SomethingNew"])
  func `a container that waits for anything but its turn fails`(reason: String) {
    #expect(state(pending, waiting(reason, "said so")) == .failing("said so", code: reason))
  }

  @Test(arguments: ["ContainerCreating", "PodInitializing"]) func `a container on its way is starting`(reason: String) {
    guard case .starting = state(pending, waiting(reason)) else {
      Issue.record("\(state(pending, waiting(reason)))")
      return
    }
  }

  @Test func `two restarts of the node are history`() {
    let running = pod([
      "phase": "Running", "containerStatuses": [["name": "runner", "ready": true, "state": ["running": [:]]]],
    ])
    let failures: JSONValue = ["a": "2026-11-25T14:00:00Z", "b": "2026-11-25T15:00:00Z", "c": "2026-11-25T16:00:00Z"]
    #expect(state(["phase": "Running", "ready": true, "failures": failures], running) == .idle)
    guard
      case .busy = state(
        ["phase": "Running", "ready": true, "failures": failures, "jobId": "1", "jobDisplayName": "build"], running)
    else {
      Issue.record("a job comes first")
      return
    }
    #expect(
      state(["phase": "Running", "ready": false, "failures": failures], nil)
        == .failing("its pods failed 3 times", code: "PodFailed"))
  }

  @Test func `the recorded runners are what they were`() throws {
    func runners(_ name: String) throws -> [String: RunnerState] {
      let objects = try ScannedList<EphemeralRunner>(fixture("real/\(name)-ephemeralrunners.json")).items
      let pods = try ScannedList<Pod>(fixture("real/\(name)-pods.json")).items
      let snapshot = Snapshot(takenAt: 0, controller: nil, scaleSets: [], runners: objects, pods: pods)
      return Dictionary(uniqueKeysWithValues: snapshot.runners.map { ($0.name, $0.state) })
    }
    // Killed with its job: GitHub keeps the job, and ARC the runner.
    let killed = try runners("killed")
    #expect(killed["web-ci-kwhpf-runner-7xskv"] == .finishing)
    #expect(killed["web-ci-kwhpf-runner-j8vz7"] == .idle)
    let exits = try runners("exits")
    #expect(exits["mem-ci-bncfx-runner-bc244"] == .failing("its pods failed 5 times", code: "PodFailed"))
    #expect(exits["mem-ci-bncfx-runner-z6ntw"] == .finishing)
    #expect(exits["mem-ci-bncfx-runner-7jtkm"] == .idle)
  }

  @Test(arguments: [
    (
      "failed to resolve reference \"IMAGE\": failed to do request: Head \"https://ghcr.io/v2/x/denied\": dial tcp: lookup ghcr.io on 10.255.255.53:53: no such host",
      PullFailure.Cause.network
    ),
    (
      "rpc error: code = NotFound desc = failed to pull and unpack image \"IMAGE\": failed to resolve reference \"IMAGE\": IMAGE: not found",
      .notFound
    ),
    (
      "Back-off pulling image \"IMAGE\": ErrImagePull: failed to resolve reference \"IMAGE\": unexpected status from HEAD request to https://registry-1.docker.io/v2/x: 429 Too Many Requests",
      .rateLimited
    ),
    (
      "failed to resolve reference \"IMAGE\": failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token: 403 Forbidden",
      .denied
    ),
    (
      "failed to do request: Head \"https://r.example/v2\": tls: failed to verify certificate: x509: certificate signed by unknown authority",
      .certificate
    ),
    ("Back-off pulling image \"IMAGE\"", .unknown), ("", .unknown),
  ]) func `why an image cannot be pulled is said by the registry's words, not by the image's name`(
    message: String, cause: PullFailure.Cause
  ) {
    let image = "acme/denied-429-not-found:x509"
    #expect(PullFailure(message.replacing("IMAGE", with: image), image: image).cause == cause, "\(message)")
  }

  @Test(arguments: [
    (
      "0/1 nodes are available: 1 Insufficient memory. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
      SchedulingObstacle.Cause.resources, "1 Insufficient memory"
    ),
    (
      "0/1 nodes are available: 1 node(s) had untolerated taint(s). preemption: x", .taint,
      "1 node(s) had untolerated taint(s)"
    ),
    (
      "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. preemption: x", .selector,
      "1 node(s) didn't match Pod's node affinity/selector"
    ),
    (
      "0/1 nodes are available: persistentvolumeclaim \"x-work\" not found.", .claim,
      "persistentvolumeclaim \"x-work\" not found"
    ),
    (
      "0/2 nodes are available: 1 Too many pods, 1 node(s) were unschedulable. ", .cordoned,
      "1 Too many pods, 1 node(s) were unschedulable"
    ),
    ("something new", .unknown, "something new"),
  ]) func `why no node takes a pod is told in the scheduler's words`(
    message: String, cause: SchedulingObstacle.Cause, title: String
  ) {
    let obstacle = SchedulingObstacle(message)
    #expect(obstacle.cause == cause)
    #expect(obstacle.title == title)
  }
}
