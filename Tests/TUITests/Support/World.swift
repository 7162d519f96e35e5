import Engine
import Foundation

@testable import ARC
@testable import Basics
@testable import DashboardCore
@testable import DashboardPanes
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import TUI
@testable import TerminalKit
@testable import Tools

/// A cluster for tests: objects as in the API, at a fixed time.
struct World {
  static let now: Int64 = Timestamp.parse("2026-11-24T12:08:58Z") ?? 0

  var installations: [Installation]
  var sets: [JSONValue] = []
  var runners: [JSONValue] = []
  var pods: [JSONValue] = []
  var controller: ControllerState? = ControllerState(version: "0.14.2", isReady: true)

  private static func stamp(_ ago: Int64) -> JSONValue { .string(Timestamp.text(now - ago)) }

  init() throws {
    func installation(
      _ name: String, _ path: String, _ mode: ContainerMode, _ maximum: Int, image: String? = nil, caches: [String] = []
    ) throws -> Installation {
      try Installation(
        name: InstallationName(name), target: GitHubTarget("https://github.com/\(path)"), mode: mode,
        runners: RunnerCounts(minimum: 1, maximum: maximum), caches: caches.map { try CachePath($0) }, image: image,
        authentication: .token(.literal(Secret("ghp_neverShownAnywhere0000000000000000000"))))
    }
    installations = [
      try installation("nix-builder", "acme/infra", .cachedPrivilegedKubernetes, 2, caches: ["/root/.cache/nix"]),
      try installation("tools-dind", "acme/tools", .dind, 3, image: "acme/runner:missing"),
      try installation("web-ci", "acme/web", .kubernetes, 5),
    ]
    for installation in installations { addSet(installation.name.description, url: installation.target.url) }
    addRunner(
      "nix-builder-x-4klcg", set: "nix-builder", age: 300,
      job: ("build (x86_64-linux)", "acme/infra", "nix.yml", "main"))
    addRunner("nix-builder-x-ftc28", set: "nix-builder", age: 720)
    addRunner(
      "web-ci-x-96cfc", set: "web-ci", age: 90, job: ("test (3.12)", "acme/web", "ci.yml", "main"),
      jobPod: "node:22-bookworm")
    addRunner("web-ci-x-j82pq", set: "web-ci", age: 50, job: ("lint", "acme/web", "ci.yml", "refs/pull/88/merge"))
    addRunner("web-ci-x-j7chb", set: "web-ci", age: 125)
    addRunner("web-ci-x-x0p2d", set: "web-ci", age: 6, phase: "Pending")
    addFailing("tools-dind-x-8r2mk", set: "tools-dind", age: 420, image: "acme/runner:missing")
  }

  mutating func addSet(_ name: String, url: String) {
    sets.append([
      "metadata": [
        "name": .string(name), "namespace": "arc-systems", "uid": .string("set-\(name)-\(url)"),
        "creationTimestamp": Self.stamp(7200), "annotations": ["runner-scale-set-id": "7"],
        "labels": ["app.kubernetes.io/version": "0.14.2", "actions.github.com/scale-set-name": .string(name)],
      ],
      "spec": ["githubConfigUrl": .string(url), "minRunners": 1, "maxRunners": 5], "status": ["phase": "Running"],
    ])
    pods.append([
      "metadata": [
        "name": .string("\(name)-754b578d-listener"), "namespace": "arc-systems", "uid": .string("listener-\(name)"),
        "creationTimestamp": Self.stamp(7100),
        "labels": [
          "app.kubernetes.io/component": "runner-scale-set-listener",
          "actions.github.com/scale-set-name": .string(name),
        ],
      ],
      "spec": ["nodeName": "deskrun-control-plane"],
      "status": [
        "phase": "Running",
        "containerStatuses": [
          [
            "name": "listener", "image": "listener:1", "ready": true,
            "state": ["running": ["startedAt": Self.stamp(7100)]],
          ]
        ],
      ],
    ])
  }

  /// Adds a scale set of another owner in a namespace, with a busy runner.
  mutating func addForeign(_ name: String, in namespace: String, annotations: [String: String], runner: String) {
    var all: JSONObject = ["runner-scale-set-id": "9"]
    for (key, value) in annotations.sorted(by: { $0.key < $1.key }) { all[key] = .string(value) }
    let labels: JSONObject = [
      "app.kubernetes.io/version": "0.14.2", "actions.github.com/scale-set-name": .string(name),
      "actions.github.com/scale-set-namespace": .string(namespace),
    ]
    func metadata(_ name: String, _ labels: JSONObject, in place: String) -> JSONObject {
      [
        "name": .string(name), "namespace": .string(place), "uid": .string("\(place)/\(name)"),
        "creationTimestamp": Self.stamp(7200), "labels": .object(labels),
      ]
    }
    func pod(_ metadata: JSONObject, _ container: String) -> JSONValue {
      [
        "metadata": .object(metadata), "spec": ["nodeName": "deskrun-control-plane"],
        "status": [
          "phase": "Running",
          "containerStatuses": [
            [
              "name": .string(container), "image": "x:1", "ready": true,
              "state": ["running": ["startedAt": Self.stamp(7100)]],
            ]
          ],
        ],
      ]
    }
    var set = metadata(name, labels, in: namespace)
    set["annotations"] = .object(all)
    sets.append([
      "metadata": .object(set),
      "spec": ["githubConfigUrl": .string("https://github.com/acme/\(name)"), "minRunners": 1, "maxRunners": 3],
      "status": ["phase": "Running"],
    ])
    var (listener, own) = (labels, labels)
    listener["app.kubernetes.io/component"] = "runner-scale-set-listener"
    own["actions-ephemeral-runner"] = "True"
    pods.append(pod(metadata("\(name)-\(namespace)-listener", listener, in: "arc-systems"), "listener"))
    pods.append(pod(metadata(runner, own, in: namespace), "runner"))
    runners.append([
      "metadata": .object(metadata(runner, own, in: namespace)),
      "status": [
        "phase": "Running", "ready": true, "jobId": "1", "jobDisplayName": "bench", "jobRepositoryName": "acme/models",
      ],
    ])
  }

  private func labels(_ set: String) -> JSONValue {
    ["actions-ephemeral-runner": "True", "actions.github.com/scale-set-name": .string(set)]
  }

  mutating func addRunner(
    _ name: String, set: String, age: Int64, phase: String = "Running",
    job: (name: String, repository: String, workflow: String, ref: String)? = nil, jobPod: String? = nil
  ) {
    let isUp = phase == "Running"
    var status: JSONObject = ["phase": .string(phase), "ready": .bool(isUp)]
    if let job {
      status["jobId"] = "1"
      status["jobRequestId"] = 12
      status["jobDisplayName"] = .string(job.name)
      status["jobRepositoryName"] = .string(job.repository)
      status["jobWorkflowRef"] = .string("\(job.repository)/.github/workflows/\(job.workflow)@\(job.ref)")
      status["workflowRunId"] = 4711
    }
    let metadata: JSONObject = [
      "name": .string(name), "namespace": "arc-systems", "uid": .string(name), "creationTimestamp": Self.stamp(age),
      "labels": labels(set),
    ]
    runners.append(["metadata": .object(metadata), "status": .object(status)])
    pods.append([
      "metadata": .object(metadata), "spec": ["nodeName": "deskrun-control-plane"],
      "status": [
        "phase": .string(phase),
        "containerStatuses": [
          [
            "name": "runner", "image": "ghcr.io/actions/actions-runner:latest", "ready": .bool(isUp),
            "state": isUp
              ? ["running": ["startedAt": Self.stamp(age - 4)]] : ["waiting": ["reason": "ContainerCreating"]],
          ]
        ],
      ],
    ])
    guard let jobPod else { return }
    pods.append([
      "metadata": [
        "name": .string("\(name)-workflow"), "namespace": "arc-systems", "uid": .string("\(name)-workflow"),
        "creationTimestamp": Self.stamp(31), "labels": ["runner-pod": .string(name)],
      ],
      "spec": ["nodeName": "deskrun-control-plane"],
      "status": [
        "phase": "Running",
        "containerStatuses": [
          ["name": "job", "image": .string(jobPod), "ready": true, "state": ["running": ["startedAt": Self.stamp(30)]]]
        ],
      ],
    ])
  }

  mutating func addFailing(_ name: String, set: String, age: Int64, image: String) {
    let metadata: JSONObject = [
      "name": .string(name), "namespace": "arc-systems", "uid": .string(name), "creationTimestamp": Self.stamp(age),
      "labels": labels(set),
    ]
    runners.append(["metadata": .object(metadata), "status": ["phase": "Pending"]])
    pods.append([
      "metadata": .object(metadata), "spec": ["nodeName": "deskrun-control-plane"],
      "status": [
        "phase": "Pending",
        "containerStatuses": [
          [
            "name": "runner", "image": .string(image), "ready": false,
            "state": ["waiting": ["reason": "ErrImagePull", "message": .string("\(image): not found")]],
          ]
        ],
      ],
    ])
  }

  mutating func remove(_ name: String) {
    runners.removeAll { $0["metadata"]?["name"]?.stringValue == name }
    pods.removeAll { $0["metadata"]?["name"]?.stringValue?.hasPrefix(name) == true }
  }

  var snapshot: Snapshot {
    Snapshot(
      takenAt: Self.now, controller: controller, scaleSets: sets.map(ScaleSet.init),
      runners: runners.map(EphemeralRunner.init), pods: pods.map(Pod.init))
  }

  var observation: ClusterObservation {
    ClusterObservation(cluster: .ready(version: "v1.36.1"), snapshot: snapshot, heardAt: Self.now)
  }

  var configuration: Configuration {
    var configuration = Configuration()
    for installation in installations { configuration.set(installation) }
    return configuration
  }
}
