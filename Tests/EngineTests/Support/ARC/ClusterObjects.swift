import Basics

@testable import ARC
@testable import Kubernetes

package enum ClusterObjects {
  package static func runner(_ name: String, _ status: JSONValue, set: String = "web") -> EphemeralRunner {
    EphemeralRunner([
      "metadata": ["name": .string(name), "labels": ["actions.github.com/scale-set-name": .string(set)]],
      "status": status,
    ])
  }

  package static func pod(_ name: String, phase: String, job: String? = nil, set: String = "web") -> Pod {
    var labels: [(String, JSONValue)] = [("actions.github.com/scale-set-name", .string(set))]
    labels.append(job.map { ("runner-pod", .string($0)) } ?? ("actions-ephemeral-runner", "True"))
    return Pod([
      "metadata": ["name": .string(name), "labels": .object(JSONObject(labels))],
      "status": ["phase": .string(phase)],
    ])
  }

  package static let idle: JSONValue = ["phase": "Running", "ready": true]
  package static let busy: JSONValue = ["phase": "Running", "ready": true, "jobId": "1", "jobDisplayName": "build"]
}

extension EphemeralRunner {
  /// The runner without its pod.
  package var asRunner: Runner { Runner(self, pod: nil, jobPods: []) }
}
