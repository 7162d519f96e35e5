import Engine

/// The embedded cluster at one moment, as objects of the API.
struct DemoWorld {
  let state: DemoState
  let clock: DemoClock
  /// The demo's second.
  let now: Double
  let namespace = ClusterTarget.namespace
  private let cache: DemoCache?

  /// - Parameter cache: one of this state.
  init(state: DemoState, wall: Double, cache: DemoCache? = nil) {
    self.state = state
    self.cache = cache
    clock = DemoClock(state: state, wall: wall)
    now = clock.now
  }

  func time(_ demo: Double) -> JSONValue { .string(Timestamp.text(Int64(clock.wall(of: demo)))) }

  /// The scale sets there are, those that are leaving among them.
  var scaleSets: [DemoScaleSet] {
    let present = state.releases.filter { $0.value.chart == "gha-runner-scale-set" }.map { name, release in
      let make = { DemoScaleSet(name: name, release: release, state: state) }
      return cache?.scaleSet(name, make) ?? make()
    }
    let leaving = state.leaving.compactMap { name, leaving -> DemoScaleSet? in
      let set = DemoScaleSet(name: name, release: leaving.release, state: state, leavingSince: leaving.at)
      if let gone = set.goneAt(), now >= gone { return nil }
      return set
    }
    return (present + leaving).filter { set in
      // A controller of another version deletes the scale set soon after it came.
      guard let controller = controllerRelease, set.leavingSince == nil else { return true }
      return ARCVersion.isSameMinor(controller.version, set.release.version) || now < set.release.installedAt + 2
    }.sorted { $0.name < $1.name }
  }

  /// Whether the controller behaves as from ARC 0.15 on; that of the version it will get where there is none.
  var isFrom015: Bool {
    (controllerRelease.flatMap { ARCRelease($0.version) } ?? SupportedARC.newest).isInPlaceGeneration
  }

  /// Whether a runner has a job now.
  func hasJob(_ runner: String) -> Bool {
    scaleSets.contains { set in
      set.runners(at: now).contains { $0.name == runner && $0.phase(at: now) == .busy }
    }
  }

  var controllerRelease: DemoState.Release? {
    state.releases.values.first { $0.chart == "gha-runner-scale-set-controller" }
  }
  var controllerName: String? {
    state.releases.first { $0.value.chart == "gha-runner-scale-set-controller" }?.key
  }

  /// The objects of a kind, by its plural.
  func objects(_ plural: String) -> [JSONValue] {
    let objects = usualObjects(plural)
    return DemoTrouble(self)?.change(objects, plural) ?? objects
  }

  private func usualObjects(_ plural: String) -> [JSONValue] {
    switch plural {
    case "pods": pods
    case "ephemeralrunners":
      scaleSets.flatMap { set in
        set.runners(at: now).map { runner in cached("EphemeralRunner", runner) { ephemeralRunner(runner, set) } }
      }
    case "ephemeralrunnersets": scaleSets.filter { $0.refusal == nil }.map(ephemeralRunnerSet)
    case "autoscalingrunnersets": scaleSets.map(autoscalingRunnerSet)
    case "autoscalinglisteners": scaleSets.filter(hasListener).map(autoscalingListener)
    case "deployments": controllerDeployment.map { [$0] } ?? []
    case "customresourcedefinitions":
      state.definitions.flatMap(ARCRelease.init).map { DemoDefinitions($0).objects.map(\.1) } ?? []
    case "nodes": [node]
    case "namespaces":
      ["default", "kube-system"].map(namespaceObject) + (state.releases.isEmpty ? [] : [namespaceObject(namespace)])
    case "secrets", "configmaps": kept(plural)
    case "events": events
    default: []
    }
  }

  /// An object of a runner, which changes with its phase alone unless its image cannot be pulled.
  func cached(_ kind: String, _ runner: DemoRunner, _ make: () -> JSONValue) -> JSONValue {
    guard let cache, runner.badImage == nil, !runner.hasNoCommand else { return make() }
    return cache.object("\(kind)/\(runner.name)/\(Self.digit(runner, now))", make)
  }

  // MARK: Metadata

  func metadata(
    _ name: String, kind: String, created: Double, labels: JSONObject = [:], annotations: JSONObject = [:],
    namespaced: Bool = true, version: String = ""
  ) -> JSONObject {
    var random = DemoRandom(state.seed, kind, name, String(created))
    var object: JSONObject = ["name": .string(name)]
    if namespaced { object["namespace"] = .string(namespace) }
    object["uid"] = .string(random.uuid())
    object["resourceVersion"] = .string(String(1000 + Int(created - state.anchorDemo + 1e7) % 9_000_000) + version)
    object["creationTimestamp"] = time(created)
    if !labels.isEmpty { object["labels"] = .object(labels) }
    if !annotations.isEmpty { object["annotations"] = .object(annotations) }
    return object
  }

  func labels(_ set: DemoScaleSet, component: String) -> JSONObject {
    let parts = set.path.split(separator: "/").map(String.init)
    var labels: JSONObject = [:]
    if parts.count > 1 { labels["actions.github.com/repository"] = .string(parts[1]) }
    labels["actions.github.com/organization"] = .string(parts.first ?? "")
    labels["actions.github.com/scale-set-name"] = .string(set.name)
    labels["actions.github.com/scale-set-namespace"] = .string(namespace)
    labels["app.kubernetes.io/component"] = .string(component)
    labels["app.kubernetes.io/instance"] = .string(set.name)
    labels["app.kubernetes.io/managed-by"] = "Helm"
    labels["app.kubernetes.io/name"] = .string(set.name)
    labels["app.kubernetes.io/part-of"] = component == "autoscaling-runner-set" ? "gha-rs" : "gha-runner-scale-set"
    labels["app.kubernetes.io/version"] = .string(set.release.version)
    labels["helm.sh/chart"] = .string("gha-rs-\(set.release.version)")
    if component == "autoscaling-runner-set" {
      for (key, value) in set.values["labels"]?.objectValue?.members ?? [] { labels[key] = value }
    }
    return labels
  }

  // MARK: ARC's kinds

  func hasListener(_ set: DemoScaleSet) -> Bool {
    set.refusal == nil && set.leavingSince == nil && now >= set.registeredAt && controllerRelease != nil
  }

  private func autoscalingRunnerSet(_ set: DemoScaleSet) -> JSONValue {
    var annotations: JSONObject = [
      "meta.helm.sh/release-name": .string(set.name), "meta.helm.sh/release-namespace": .string(namespace),
      "actions.github.com/cleanup-manager-role-binding": .string("\(set.name)-gha-rs-manager"),
      "actions.github.com/cleanup-manager-role-name": .string("\(set.name)-gha-rs-manager"),
    ]
    let isRegistered = set.refusal == nil && now >= set.registeredAt && controllerRelease != nil
    if isRegistered {
      annotations["actions.github.com/runner-group-name"] = "Default"
      annotations["actions.github.com/runner-scale-set-name"] = .string(set.name)
      annotations["runner-scale-set-id"] = .string(String(set.id))
    }
    let runners = set.runners(at: now)
    let running = runners.filter { $0.badImage == nil && now >= $0.ready }.count
    var metadata = metadata(
      set.name, kind: "AutoscalingRunnerSet", created: set.release.installedAt,
      labels: labels(set, component: "autoscaling-runner-set"), annotations: annotations,
      version: "\(runners.count)\(running)\(isRegistered ? 1 : 0)")
    metadata["finalizers"] = ["autoscalingrunnerset.actions.github.com/finalizer"]
    metadata["generation"] = .int(set.release.revision)
    if let leaving = set.leavingSince { metadata["deletionTimestamp"] = time(leaving) }
    var spec: JSONObject = [
      "githubConfigSecret": .string(set.secretName), "githubConfigUrl": .string(set.url),
      "maxRunners": set.values["maxRunners"] ?? .null, "minRunners": set.values["minRunners"] ?? .null,
      "runnerScaleSetName": .string(set.name),
    ]
    if let group = set.values["runnerGroup"] { spec["runnerGroup"] = group }
    if let labels = set.values["scaleSetLabels"] { spec["runnerScaleSetLabels"] = labels }
    spec["template"] = set.values["template"] ?? [:]
    return [
      "apiVersion": "actions.github.com/v1alpha1", "kind": "AutoscalingRunnerSet", "metadata": .object(metadata),
      "spec": .object(spec),
      "status": status(
        set, isRunning: isRegistered && now >= set.listeningSince, runners: runners.count, ready: running),
    ]
  }

  private func status(_ set: DemoScaleSet, isRunning: Bool, runners: Int, ready: Int) -> JSONValue {
    guard isFrom015 else {
      return [
        "currentRunners": .int(runners), "failedEphemeralRunners": 0, "pendingEphemeralRunners": .int(runners - ready),
        "phase": isRunning ? "Running" : "Pending", "runningEphemeralRunners": .int(ready),
      ]
    }
    return [
      "phase": isRunning ? "Running" : "Pending",
      "observedGeneration": .int(set.release.revision - (isRunning ? 0 : 1)),
    ]
  }

  private func ephemeralRunnerSet(_ set: DemoScaleSet) -> JSONValue {
    let runners = set.runners(at: now)
    let running = runners.filter { $0.badImage == nil && now >= $0.ready }.count
    return [
      "apiVersion": "actions.github.com/v1alpha1", "kind": "EphemeralRunnerSet",
      "metadata": .object(
        metadata(
          set.runnerSet, kind: "EphemeralRunnerSet", created: set.registeredAt,
          labels: labels(set, component: "runner-set"), version: "\(runners.count)\(running)")),
      "spec": isFrom015
        ? ["actionableRevision": 1, "patchID": 1, "replicas": .int(max(set.minimum, runners.count))]
        : ["patchID": 1, "replicas": .int(max(set.minimum, runners.count))],
      "status": isFrom015
        ? ["appliedActionableRevision": 1, "phase": "Running"]
        : [
          "currentReplicas": .int(runners.count), "pendingEphemeralRunners": .int(runners.count - running),
          "runningEphemeralRunners": .int(running), "failedEphemeralRunners": 0, "phase": "Running",
        ],
    ]
  }

  private func autoscalingListener(_ set: DemoScaleSet) -> JSONValue {
    var metadata = metadata(
      set.listenerName, kind: "AutoscalingListener", created: set.registeredAt,
      labels: labels(set, component: "runner-scale-set-listener"))
    metadata["finalizers"] = ["autoscalinglistener.actions.github.com/finalizer"]
    return [
      "apiVersion": "actions.github.com/v1alpha1", "kind": "AutoscalingListener", "metadata": .object(metadata),
      "spec": [
        "autoscalingRunnerSetName": .string(set.name), "autoscalingRunnerSetNamespace": .string(namespace),
        "ephemeralRunnerSetName": .string(set.runnerSet), "githubConfigSecret": .string(set.secretName),
        "githubConfigUrl": .string(set.url), "maxRunners": .int(set.maximum), "minRunners": .int(set.minimum),
        "runnerScaleSetId": .int(set.id),
      ],
    ]
  }

  private func ephemeralRunner(_ runner: DemoRunner, _ set: DemoScaleSet) -> JSONValue {
    var metadata = metadata(
      runner.name, kind: "EphemeralRunner", created: runner.created, labels: labels(set, component: "runner"),
      annotations: [
        "actions.github.com/patch-id": "1", "actions.github.com/runner-group-name": "Default",
        "actions.github.com/runner-scale-set-name": .string(set.name),
      ], version: Self.digit(runner, now))
    metadata["generateName"] = .string("\(set.runnerSet)-runner-")
    metadata["finalizers"] = [
      "ephemeralrunner.actions.github.com/finalizer",
      "ephemeralrunner.actions.github.com/runner-registration-finalizer",
    ]
    if let ending = state.endingRunners?[runner.name] {
      metadata["deletionTimestamp"] = time(ending)
    } else if !isFrom015, runner.phase(at: now) == .finishing {
      // Up to 0.14 a runner that ended well is deleted without another phase.
      metadata["deletionTimestamp"] = time(runner.over)
    }
    metadata["ownerReferences"] = [
      [
        "apiVersion": "actions.github.com/v1alpha1", "blockOwnerDeletion": true, "controller": true,
        "kind": "EphemeralRunnerSet", "name": .string(set.runnerSet),
      ]
    ]
    return [
      "apiVersion": "actions.github.com/v1alpha1", "kind": "EphemeralRunner", "metadata": .object(metadata),
      "spec": [
        "githubConfigSecret": .string(set.secretName), "githubConfigUrl": .string(set.url),
        "runnerScaleSetId": .int(set.id), "spec": ["containers": [["name": "runner", "image": .string(set.image)]]],
      ],
      "status": .object(status(runner)),
    ]
  }

  /// A part of the resource version that changes when the runner does.
  static func digit(_ runner: DemoRunner, _ now: Double) -> String {
    switch runner.phase(at: now) {
    case .scheduling: "1"
    case .pulling: "2"
    case .creating: "3"
    case .idle: "4"
    case .busy: "5"
    case .finishing: "6"
    }
  }

  private func status(_ runner: DemoRunner) -> JSONObject {
    var status: JSONObject = [:]
    switch runner.phase(at: now) {
    case .scheduling, .pulling, .creating: status = ["phase": "Pending", "ready": false]
    case .idle: status = ["phase": isFrom015 ? "Pending" : "Running", "ready": true]
    case .finishing where runner.hasNoCommand: status = ["phase": "Running", "ready": false]
    case .busy, .finishing:
      let isOver = runner.phase(at: now) == .finishing
      let job = runner.job
      status = [
        "jobDisplayName": .string(job.name), "jobId": .string(job.id),
        "jobRepositoryName": .string("\(job.owner)/\(job.repository)"), "jobRequestId": .int(job.requestID),
        "jobWorkflowRef": .string(
          "\(job.owner)/\(job.repository)/.github/workflows/\(job.workflow)@\(job.ref)"),
        "phase": isOver && isFrom015 ? "Succeeded" : "Running", "ready": .bool(!isOver),
        "workflowRunId": .int(job.runID),
      ]
    }
    status["runnerId"] = .int(runner.job.requestID % 9000)
    status["runnerName"] = .string(runner.name)
    return status
  }
}
