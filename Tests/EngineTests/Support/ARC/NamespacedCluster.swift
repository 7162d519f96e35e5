import Synchronization

@testable import ARC
@testable import Basics
@testable import Kubernetes
@testable import Tools

/// A cluster with scale sets in several namespaces, some of which the credentials may read. It records its requests.
package final class NamespacedCluster: KubernetesPipe {
  package struct Rights: Sendable {
    /// Whether lists of all namespaces are allowed.
    package var everywhere: Bool
    package var namespaces: Set<String>
    /// Resources that may not be read in any namespace.
    package var denied: Set<String> = []
    /// Resources that may be listed but not watched.
    package var unwatched: Set<String> = []

    package init(
      everywhere: Bool = false, namespaces: Set<String> = [], denied: Set<String> = [], unwatched: Set<String> = []
    ) {
      (self.everywhere, self.namespaces, self.denied) = (everywhere, namespaces, denied)
      self.unwatched = unwatched
    }
  }

  private let rights: Lock<Rights>
  private let objects: [String: [JSONValue]]
  private let questions = Lock<[String]>([])
  /// Whether it accepts requests without responding.
  private let hangs = Lock(false)
  private let asksWhetherItIsThere = Lock(0)

  /// Creates two teams with a scale set of the same name each, a controller in `arc-systems`, and in each namespace
  /// pods that do not belong to ARC.
  package init(_ rights: Rights) {
    self.rights = Lock(rights)
    var objects: [String: [JSONValue]] = [:]
    for namespace in ["team-a", "team-b"] {
      objects["autoscalingrunnersets", default: []].append(Self.scaleSet("ci", in: namespace))
      let runner = "ci-\(namespace)-runner-x"
      objects["ephemeralrunners", default: []].append(Self.runner(runner, of: "ci", in: namespace))
      objects["pods", default: []] += [
        Self.pod(
          runner, in: namespace, container: "runner",
          labels: Self.labels("ci", namespace).merging(["actions-ephemeral-runner": "True"]) { $1 }),
        Self.pod("\(runner)-workflow", in: namespace, container: "job", labels: ["runner-pod": runner]),
        Self.pod("database", in: namespace, container: "db", labels: ["app": "db"]),
        Self.pod(
          "ci-\(namespace == "team-a" ? "aaaa" : "bbbb")-listener", in: "arc-systems", container: "listener",
          labels: Self.labels("ci", namespace).merging([
            "app.kubernetes.io/component": "runner-scale-set-listener"
          ]) { $1 }),
      ]
    }
    objects["deployments"] = [
      [
        "metadata": [
          "name": "arc", "namespace": "arc-systems",
          "labels": ["app.kubernetes.io/part-of": "gha-rs-controller", "app.kubernetes.io/version": "0.14.2"],
        ], "status": ["readyReplicas": 1],
      ]
    ]
    self.objects = objects
  }

  private static func labels(_ name: String, _ namespace: String) -> [String: String] {
    ["actions.github.com/scale-set-name": name, "actions.github.com/scale-set-namespace": namespace]
  }

  package static func scaleSet(
    _ name: String, in namespace: String, labels: [String: String] = [:], annotations: [String: String] = [:]
  ) -> JSONValue {
    let annotations = annotations.merging(["runner-scale-set-id": "7"]) { $1 }
    return [
      "metadata": [
        "name": .string(name), "namespace": .string(namespace), "uid": .string("\(namespace)-\(name)"),
        "labels": object(labels.merging(["app.kubernetes.io/version": "0.14.2"]) { $1 }),
        "annotations": object(annotations),
      ], "spec": ["githubConfigUrl": "https://github.com/acme/web", "maxRunners": 3],
    ]
  }

  private static func runner(_ name: String, of set: String, in namespace: String) -> JSONValue {
    [
      "metadata": [
        "name": .string(name), "namespace": .string(namespace), "labels": object(labels(set, namespace)),
      ], "status": ["phase": "Running", "ready": true, "jobId": "1", "jobDisplayName": "build"],
    ]
  }

  private static func pod(
    _ name: String, in namespace: String, container: String, labels: [String: String]
  ) -> JSONValue {
    [
      "metadata": [
        "name": .string(name), "namespace": .string(namespace), "uid": .string("\(namespace)/\(name)"),
        "labels": object(labels),
      ],
      "status": [
        "phase": "Running",
        "containerStatuses": [
          ["name": .string(container), "state": ["running": ["startedAt": "2026-11-24T00:00:00Z"]]]
        ],
      ],
    ]
  }

  private static func object(_ texts: [String: String]) -> JSONValue {
    .object(JSONObject(texts.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
  }

  /// Changes what the credentials may read.
  package func allow(_ rights: Rights) { self.rights.withLock { $0 = rights } }

  /// Stops or resumes responding to requests. Watches continue, without events.
  package func hang(_ hangs: Bool) { self.hangs.withLock { $0 = hangs } }

  /// How often it was probed.
  package var probes: Int { asksWhetherItIsThere.withLock { $0 } }

  /// The paths of the requests with their queries.
  package var asked: [String] { questions.withLock { $0 } }

  /// A parsed path.
  private struct Question {
    var namespace: String?
    var resource: String
    var selector: [(key: String, value: String?)]

    init(_ path: String) {
      let parts = path.split(separator: "?", maxSplits: 1)
      let words = parts[0].split(separator: "/").map(String.init)
      if let at = words.firstIndex(of: "namespaces"), at + 1 < words.count { namespace = words[at + 1] }
      resource = words.last ?? ""
      let term = parts.dropFirst().first?.split(separator: "&").first { $0.hasPrefix("labelSelector=") }
      let text = term.map { String($0.dropFirst("labelSelector=".count)) } ?? ""
      let plain = text.replacing("%2F", with: "/").replacing("%3D", with: "=")
      selector = plain.split(separator: ",").map { term in
        let sides = term.split(separator: "=").map(String.init)
        return (sides[0], sides.count > 1 ? sides[1] : nil)
      }
    }
  }

  private func find(_ path: String, isWatch: Bool) throws -> [JSONValue] {
    questions.withLock { $0.append(path) }
    let question = Question(path)
    let rights = rights.withLock { $0 }
    let isAllowed = rights.everywhere || question.namespace.map(rights.namespaces.contains) ?? false
    guard isAllowed, !rights.denied.contains(question.resource),
      !isWatch || !rights.unwatched.contains(question.resource)
    else {
      let place = question.namespace.map { "in the namespace \"\($0)\"" } ?? "at the cluster scope"
      throw EngineError(
        .unauthorized, "The cluster does not allow this",
        why: "\(question.resource) is forbidden: User \"ci\" cannot list resource \"\(question.resource)\" \(place)")
    }
    return (objects[question.resource] ?? []).filter { object in
      question.namespace.map { object["metadata"]?["namespace"] == .string($0) } ?? true
        && question.selector.allSatisfy { term in
          guard let label = object["metadata"]?["labels"]?[term.key]?.stringValue else { return false }
          return term.value.map { $0 == label } ?? true
        }
    }
  }

  package func get(_ path: String, timeout: Duration) async throws -> [UInt8] {
    if path == "/version" { return Array(#"{"gitVersion":"v1.36.1"}"#.utf8) }
    if path == "/readyz" {
      asksWhetherItIsThere.withLock { $0 += 1 }
      let end = ContinuousClock.now + timeout
      while hangs.withLock({ $0 }) {
        guard .now < end else { throw EngineError(.timedOut, "The cluster does not answer") }
        try await Task.sleep(for: .milliseconds(2))
      }
      return Array("ok".utf8)
    }
    let items = try find(path, isWatch: false)
    return Array(JSONValue.object(["metadata": ["resourceVersion": "7"], "items": .array(items)]).encoded().utf8)
  }

  package func stream(
    _ path: String, onLines: @Sendable ([ArraySlice<UInt8>]) async throws -> Void
  ) async throws {
    for object in try find(path, isWatch: true) {
      try await onLines([Array(JSONValue.object(["type": "ADDED", "object": object]).encoded().utf8)[...]])
    }
    let end =
      #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7","annotations":{"k8s.io/initial-events-end":"true"}}}}"#
    try await onLines([Array(end.utf8)[...]])
    try await Task.sleep(for: .seconds(3600))
  }

  package func close() async {}
}
