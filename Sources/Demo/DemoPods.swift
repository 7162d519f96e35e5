import Engine

extension DemoWorld {
  private static let nodeSuffix = "control-plane"
  var nodeName: String { "\(state.cluster)-\(Self.nodeSuffix)" }

  // MARK: Containers

  private func container(
    _ name: String, image: String, state: JSONValue, ready: Bool, restarts: Int = 0
  ) -> JSONValue {
    [
      "name": .string(name), "image": .string(image), "imageID": "", "lastState": [:], "ready": .bool(ready),
      "restartCount": .int(restarts), "started": .bool(ready), "state": state,
    ]
  }

  private func running(_ since: Double) -> JSONValue { ["running": ["startedAt": time(since)]] }
  private func waiting(_ reason: String, _ message: String? = nil) -> JSONValue {
    var state: JSONObject = ["reason": .string(reason)]
    if let message { state["message"] = .string(message) }
    return ["waiting": .object(state)]
  }
  private func ended(_ code: Int, _ start: Double, _ end: Double) -> JSONValue {
    [
      "terminated": [
        "exitCode": .int(code), "reason": code == 0 ? "Completed" : "Error", "startedAt": time(start),
        "finishedAt": time(end),
      ]
    ]
  }

  private func pod(
    _ metadata: JSONObject, spec: JSONObject, phase: String, scheduled: Bool = true, statuses: [JSONValue],
    initStatuses: [JSONValue] = []
  ) -> JSONValue {
    var spec = spec
    if scheduled { spec["nodeName"] = .string(nodeName) }
    var status: JSONObject = [
      "phase": .string(phase), "hostIP": "172.18.0.2", "qosClass": "BestEffort",
      "conditions": [["type": "PodScheduled", "status": scheduled ? "True" : "False"]],
    ]
    if !initStatuses.isEmpty { status["initContainerStatuses"] = .array(initStatuses) }
    if scheduled { status["containerStatuses"] = .array(statuses) }
    return [
      "apiVersion": "v1", "kind": "Pod", "metadata": .object(metadata), "spec": .object(spec),
      "status": .object(status),
    ]
  }

  // MARK: Pods

  func runnerPod(_ runner: DemoRunner, _ set: DemoScaleSet) -> JSONValue {
    var labels = labels(set, component: "runner")
    labels["actions-ephemeral-runner"] = "True"
    let phase = runner.phase(at: now)
    let metadata = metadata(
      runner.name, kind: "Pod", created: runner.created, labels: labels, namespace: set.namespace,
      version: Self.digit(runner, now))
    var state: JSONValue
    var podPhase = "Pending"
    var isReady = false
    switch phase {
    case .scheduling, .pulling, .creating: state = waiting("ContainerCreating")
    case .idle, .busy: (state, podPhase, isReady) = (running(runner.ready), "Running", true)
    case .finishing:
      state =
        runner.hasNoCommand
        ? ended(0, runner.exited, runner.exited) : ended(0, runner.ready, runner.over)
      podPhase = "Succeeded"
    }
    if let image = runner.badImage, phase == .creating {
      let message =
        "failed to pull and unpack image \"\(image)\": failed to resolve reference \"\(image)\": \(image): not found"
      let isBackingOff = Int(now - runner.creating) % 60 > 12
      state =
        isBackingOff
        ? waiting("ImagePullBackOff", "Back-off pulling image \"\(image)\": ErrImagePull: \(message)")
        : waiting("ErrImagePull", message)
    }
    let hasSidecar =
      set.mode == "dind"
      || set.values["template"]?["spec"]?["initContainers"]?.arrayValue?.contains { $0["name"] == "dind" } == true
    var initStatuses: [JSONValue] = []
    if hasSidecar, phase != .scheduling {
      let up = now >= runner.creating && runner.badImage == nil
      initStatuses = [
        container(
          "init-dind-externals", image: set.image,
          state: up ? ended(0, runner.pulling, runner.creating) : state, ready: up),
        container(
          "dind", image: "docker:dind", state: up ? running(runner.creating) : waiting("PodInitializing"), ready: up),
      ]
      if !up { state = waiting("PodInitializing") }
    }
    return pod(
      metadata, spec: ["restartPolicy": "Never", "containers": [["name": "runner", "image": .string(set.image)]]],
      phase: podPhase, scheduled: phase != .scheduling,
      statuses: [container("runner", image: set.image, state: state, ready: isReady)], initStatuses: initStatuses)
  }

  func jobPod(_ runner: DemoRunner, _ set: DemoScaleSet) -> JSONValue? {
    guard let image = runner.job.container, runner.phase(at: now) == .busy, now >= runner.busy + 3 else { return nil }
    return pod(
      metadata(
        "\(runner.name)-workflow", kind: "Pod", created: runner.busy + 2, labels: ["runner-pod": .string(runner.name)],
        namespace: set.namespace),
      spec: ["restartPolicy": "Never", "containers": [["name": "job", "image": .string(image)]]], phase: "Running",
      statuses: [container("job", image: image, state: running(runner.busy + 3), ready: true)])
  }

  func listenerPod(_ set: DemoScaleSet) -> JSONValue {
    let isUp = now >= set.listeningSince
    let image = "ghcr.io/actions/gha-runner-scale-set-controller:\(set.release.version)"
    return pod(
      metadata(
        set.listenerName, kind: "Pod", created: max(set.registeredAt, set.listeningSince - 1.5),
        labels: labels(set, component: "runner-scale-set-listener"), version: isUp ? "2" : "1"),
      spec: ["restartPolicy": "Never", "containers": [["name": "listener", "image": .string(image)]]],
      phase: isUp ? "Running" : "Pending",
      statuses: [
        container(
          "listener", image: image, state: isUp ? running(set.listeningSince) : waiting("ContainerCreating"),
          ready: isUp)
      ])
  }

  var controllerDeployment: JSONValue? {
    guard let release = controllerRelease, let name = controllerName else { return nil }
    let isReady = now >= controllerReadyAt
    var labels: JSONObject = [
      "actions.github.com/controller-service-account-name": .string("\(name)-gha-rs-controller"),
      "actions.github.com/controller-service-account-namespace": .string(namespace),
      "app.kubernetes.io/instance": .string(name), "app.kubernetes.io/managed-by": "Helm",
      "app.kubernetes.io/name": "gha-rs-controller", "app.kubernetes.io/namespace": .string(namespace),
      "app.kubernetes.io/part-of": "gha-rs-controller", "app.kubernetes.io/version": .string(release.version),
      "helm.sh/chart": .string("gha-rs-controller-\(release.version)"),
    ]
    let given = (try? JSONValue(parsing: release.values))?["labels"]?.objectValue?.members ?? []
    for (key, value) in given { labels[key] = value }
    return [
      "apiVersion": "apps/v1", "kind": "Deployment",
      "metadata": .object(
        metadata(
          "\(name)-gha-rs-controller", kind: "Deployment", created: release.installedAt, labels: labels,
          version: isReady ? "2" : "1")),
      "spec": ["replicas": 1],
      "status": isReady
        ? ["availableReplicas": 1, "readyReplicas": 1, "replicas": 1, "updatedReplicas": 1]
        : ["replicas": 1, "unavailableReplicas": 1, "updatedReplicas": 1],
    ]
  }

  var controllerReadyAt: Double { max(controllerRelease?.installedAt ?? 0, state.node?.startedAt ?? 0) + 1 }

  var controllerPodName: String? {
    guard let release = controllerRelease, let name = controllerName else { return nil }
    var random = DemoRandom(state.seed, "controller", String(release.installedAt))
    return "\(name)-gha-rs-controller-\(random.suffix(9))-\(random.suffix())"
  }

  var controllerPod: JSONValue? {
    guard let release = controllerRelease, let name = controllerName, let podName = controllerPodName else {
      return nil
    }
    let isUp = now >= controllerReadyAt
    let image = "ghcr.io/actions/gha-runner-scale-set-controller:\(release.version)"
    let labels: JSONObject = [
      "app.kubernetes.io/component": "controller-manager", "app.kubernetes.io/instance": .string(name),
      "app.kubernetes.io/name": "gha-rs-controller", "app.kubernetes.io/namespace": .string(namespace),
      "app.kubernetes.io/part-of": "gha-rs-controller", "app.kubernetes.io/version": .string(release.version),
    ]
    return pod(
      metadata(podName, kind: "Pod", created: release.installedAt, labels: labels, version: isUp ? "2" : "1"),
      spec: ["containers": [["name": "manager", "image": .string(image)]]], phase: isUp ? "Running" : "Pending",
      statuses: [
        container(
          "manager", image: image, state: isUp ? running(controllerReadyAt) : waiting("ContainerCreating"), ready: isUp)
      ])
  }

  // MARK: Other kinds

  var node: JSONValue {
    [
      "apiVersion": "v1", "kind": "Node",
      "metadata": .object(
        metadata(
          nodeName, kind: "Node", created: state.node?.createdAt ?? 0,
          labels: ["kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux"], namespaced: false)),
      "status": [
        "allocatable": ["cpu": "16", "memory": "64Gi", "pods": "110"],
        "conditions": [["type": "Ready", "status": "True"]], "nodeInfo": ["kubeletVersion": "v1.36.1"],
      ],
    ]
  }

  func namespaceObject(_ name: String) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "Namespace",
      "metadata": .object(namespaceMetadata(name)),
      "status": ["phase": "Active"],
    ]
  }

  private func namespaceMetadata(_ name: String) -> JSONObject {
    let created = state.node?.createdAt ?? 0
    var metadata = metadata(name, kind: "Namespace", created: created, namespaced: false)
    // The uid of this namespace identifies the cluster, so it must not depend on --seed.
    if name == "kube-system" {
      var random = DemoRandom(0, "Namespace", nodeName, String(created))
      metadata["uid"] = .string(random.uuid())
    }
    return metadata
  }

  func kept(_ plural: String) -> [JSONValue] {
    state.kept.filter { $0.key.hasPrefix(plural + "/") }.sorted { $0.key < $1.key }.map { key, kept in
      let name = String(key.dropFirst(plural.count + 1))
      let labels = JSONObject(kept.labels.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
      var metadata = metadata(name, kind: kept.kind, created: kept.changedAt, labels: labels)
      if let home = kept.namespace { metadata["namespace"] = .string(home) }
      return [
        "apiVersion": "v1", "kind": .string(kept.kind),
        "metadata": .object(metadata),
        "data": .object(JSONObject(kept.data.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
      ]
    }
  }

  func events(_ runner: DemoRunner, _ set: DemoScaleSet) -> [JSONValue] {
    var list: [(Double, String, String, String)] = [
      (runner.pulling, "Normal", "Scheduled", "Successfully assigned \(set.namespace)/\(runner.name) to \(nodeName)"),
      (runner.pulling, "Normal", "Pulling", "Pulling image \"\(set.image)\""),
    ]
    if let image = runner.badImage {
      list.append(
        (
          runner.creating, "Warning", "Failed",
          "Failed to pull image \"\(image)\": rpc error: code = NotFound desc = \(image): not found"
        ))
      list.append((runner.creating + 1, "Warning", "Failed", "Error: ErrImagePull"))
      list.append((runner.creating + 14, "Normal", "BackOff", "Back-off pulling image \"\(image)\""))
    } else {
      list.append((runner.creating, "Normal", "Pulled", "Successfully pulled image \"\(set.image)\""))
      list.append((runner.creating, "Normal", "Created", "Created container: runner"))
      list.append((runner.ready, "Normal", "Started", "Started container runner"))
    }
    return list.enumerated().filter { now >= $0.element.0 }.map { index, event in
      let name = "\(runner.name).\(index)"
      return [
        "apiVersion": "v1", "kind": "Event", "type": .string(event.1), "reason": .string(event.2),
        "message": .string(event.3), "count": 1, "firstTimestamp": time(event.0), "lastTimestamp": time(event.0),
        "involvedObject": ["kind": "Pod", "name": .string(runner.name), "namespace": .string(set.namespace)],
        "metadata": .object(metadata(name, kind: "Event", created: event.0, namespace: set.namespace)),
      ]
    }
  }
}
