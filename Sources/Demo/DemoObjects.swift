import Engine

/// The embedded cluster at a moment, as API objects.
struct DemoWorld {
  let state: DemoState
  let clock: DemoClock
  /// The time in demo seconds.
  let now: Double
  let namespace = ClusterTarget.namespace
  /// What is shared between moments of the same state.
  private let cache: DemoCache

  /// - Parameter cache: a cache for this state.
  init(state: DemoState, wall: Double, cache: DemoCache? = nil) {
    self.state = state
    self.cache = cache ?? DemoCache(state)
    clock = DemoClock(state: state, wall: wall)
    now = clock.now
  }

  /// Whether both moments have the same state, that is, nothing modified it between them.
  func isOfSameState(_ other: DemoWorld) -> Bool { cache === other.cache }

  /// The same world at another moment.
  func at(wall: Double) -> DemoWorld { DemoWorld(state: state, wall: wall, cache: cache) }

  func time(_ demo: Double) -> JSONValue { .string(Timestamp.text(Int64(clock.wall(of: demo)))) }

  /// The existing scale sets, including those being deleted.
  var scaleSets: [DemoScaleSet] { everyScaleSet.filter { now < $0.gone }.map(\.set) }

  /// All scale sets, including deleted ones, with their deletion times.
  var everyScaleSet: [(set: DemoScaleSet, gone: Double)] { cache.scaleSets }

  /// Whether a scale set exists.
  func has(_ set: DemoScaleSet) -> Bool { everyScaleSet.contains { $0.set === set && now < $0.gone } }

  /// Whether the controller behaves as in ARC 0.15 and later. Without a controller, this depends on the version that
  /// would be installed.
  var isFrom015: Bool { cache.isFrom015 }

  /// Whether a runner has a job now.
  func hasJob(_ runner: String) -> Bool {
    scaleSets.contains { $0.runner(named: runner, at: now)?.phase(at: now) == .busy }
  }

  var controllerRelease: DemoState.Release? { cache.controllerRelease }
  var controllerName: String? {
    state.releases.first { $0.value.chart == "gha-runner-scale-set-controller" }?.key
  }

  /// The objects of a kind, by its plural.
  func objects(_ plural: String) -> [JSONValue] {
    let objects = usualObjects(plural)
    return DemoTrouble(self)?.change(objects, plural) ?? objects
  }

  private func usualObjects(_ plural: String) -> [JSONValue] {
    commonObjects(plural) + scaleSets.flatMap { objects(plural, of: $0) }
  }

  /// The objects of a kind that belong to no scale set. Of these, only the controller's change over time.
  func commonObjects(_ plural: String) -> [JSONValue] {
    switch plural {
    case "pods": controllerPod.map { [$0] } ?? []
    case "deployments": controllerDeployment.map { [$0] } ?? []
    case "customresourcedefinitions":
      state.definitions.flatMap(ARCRelease.init).map { DemoDefinitions($0).objects.map(\.1) } ?? []
    case "nodes": [node]
    case "namespaces":
      (["default", "kube-system"] + (state.releases.isEmpty ? [] : releaseNamespaces)).map(namespaceObject)
    case "storageclasses": [storageClass]
    case "persistentvolumeclaims": claims
    case "secrets", "configmaps": kept(plural)
    default: []
    }
  }

  /// A scale set's objects of a kind, including those of its runners.
  func objects(_ plural: String, of set: DemoScaleSet) -> [JSONValue] {
    let own = ownObjects(plural, of: set)
    guard ["pods", "ephemeralrunners", "events"].contains(plural) else { return own }
    var runners = set.runners(at: now)
    if plural == "events" { runners += set.formerRunners(before: now, within: 120) }
    return own + runners.flatMap { objects(plural, of: $0, in: set) }
  }

  /// A scale set's objects of a kind, without those of its runners.
  func ownObjects(_ plural: String, of set: DemoScaleSet) -> [JSONValue] {
    switch plural {
    case "pods": hasListener(set) ? [listenerPod(set)] : []
    case "ephemeralrunnersets": set.refusal == nil ? [ephemeralRunnerSet(set)] : []
    case "autoscalingrunnersets": [autoscalingRunnerSet(set)]
    case "autoscalinglisteners": hasListener(set) ? [autoscalingListener(set)] : []
    default: []
    }
  }

  /// A runner's objects of a kind.
  func objects(_ plural: String, of runner: DemoRunner, in set: DemoScaleSet) -> [JSONValue] {
    switch plural {
    case "pods": [runnerPod(runner, set)] + (jobPod(runner, set).map { [$0] } ?? [])
    case "ephemeralrunners": [ephemeralRunner(runner, set)]
    case "events": events(runner, set)
    default: []
    }
  }

  // MARK: Metadata

  func metadata(
    _ name: String, kind: String, created: Double, labels: JSONObject = [:], annotations: JSONObject = [:],
    namespaced: Bool = true, namespace: String? = nil, version: String = ""
  ) -> JSONObject {
    var random = DemoRandom(state.seed, kind, name, String(created))
    var object: JSONObject = ["name": .string(name)]
    if namespaced { object["namespace"] = .string(namespace ?? self.namespace) }
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
    labels["actions.github.com/scale-set-namespace"] = .string(set.namespace)
    labels["app.kubernetes.io/component"] = .string(component)
    labels["app.kubernetes.io/instance"] = .string(set.name)
    labels["app.kubernetes.io/managed-by"] = "Helm"
    labels["app.kubernetes.io/name"] = .string(set.name)
    labels["app.kubernetes.io/part-of"] = component == "autoscaling-runner-set" ? "gha-rs" : "gha-runner-scale-set"
    labels["app.kubernetes.io/version"] = .string(set.release.version)
    labels["helm.sh/chart"] = .string("gha-rs-\(set.release.version)")
    if component == "autoscaling-runner-set" {
      for (key, value) in set.values["labels"]?.objectValue?.members ?? [] { labels[key] = value }
      for (key, value) in (set.release.labels ?? [:]).sorted(by: { $0.key < $1.key }) { labels[key] = .string(value) }
    }
    return labels
  }

  // MARK: ARC's kinds

  func hasListener(_ set: DemoScaleSet) -> Bool {
    set.refusal == nil && set.leavingSince == nil && now >= set.registeredAt && controllerRelease != nil
  }

  private func autoscalingRunnerSet(_ set: DemoScaleSet) -> JSONValue {
    var annotations: JSONObject = [
      "actions.github.com/cleanup-manager-role-binding": .string("\(set.name)-gha-rs-manager"),
      "actions.github.com/cleanup-manager-role-name": .string("\(set.name)-gha-rs-manager"),
    ]
    let own = ["meta.helm.sh/release-name": set.name, "meta.helm.sh/release-namespace": set.namespace]
    for (key, value) in (set.release.annotations ?? own).sorted(by: { $0.key < $1.key }) {
      annotations[key] = .string(value)
    }
    let isRegistered = set.refusal == nil && now >= set.registeredAt && controllerRelease != nil
    if isRegistered {
      annotations["actions.github.com/runner-group-name"] = "Default"
      annotations["actions.github.com/runner-scale-set-name"] = .string(set.name)
      annotations["runner-scale-set-id"] = .string(String(set.id))
    }
    let (runners, running) = set.counts(at: now)
    var metadata = metadata(
      set.name, kind: "AutoscalingRunnerSet", created: set.release.installedAt,
      labels: labels(set, component: "autoscaling-runner-set"), annotations: annotations, namespace: set.namespace,
      version: "\(runners)\(running)\(isRegistered ? 1 : 0)")
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
        set, isRunning: isRegistered && now >= set.listeningSince, runners: runners, ready: running),
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
    let (runners, running) = set.counts(at: now)
    return [
      "apiVersion": "actions.github.com/v1alpha1", "kind": "EphemeralRunnerSet",
      "metadata": .object(
        metadata(
          set.runnerSet, kind: "EphemeralRunnerSet", created: set.registeredAt,
          labels: labels(set, component: "runner-set"), namespace: set.namespace, version: "\(runners)\(running)")),
      "spec": isFrom015
        ? ["actionableRevision": 1, "patchID": 1, "replicas": .int(max(set.minimum, runners))]
        : ["patchID": 1, "replicas": .int(max(set.minimum, runners))],
      "status": isFrom015
        ? ["appliedActionableRevision": 1, "phase": "Running"]
        : [
          "currentReplicas": .int(runners), "pendingEphemeralRunners": .int(runners - running),
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
        "autoscalingRunnerSetName": .string(set.name), "autoscalingRunnerSetNamespace": .string(set.namespace),
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
      ], namespace: set.namespace, version: Self.digit(runner, now))
    metadata["generateName"] = .string("\(set.runnerSet)-runner-")
    metadata["finalizers"] = [
      "ephemeralrunner.actions.github.com/finalizer",
      "ephemeralrunner.actions.github.com/runner-registration-finalizer",
    ]
    if let ending = state.endingRunners?[runner.name] {
      metadata["deletionTimestamp"] = time(ending)
    } else if !isFrom015, runner.phase(at: now) == .finishing {
      // Up to 0.14 a runner that succeeded is deleted without another phase.
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

  /// A part of the resource version that changes with the runner.
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
