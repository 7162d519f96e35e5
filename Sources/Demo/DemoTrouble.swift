import Engine

/// A simulated problem (`--demo-trouble RULE`): the objects and logs of the installation web-ci become those of a
/// cluster with that problem. It is named after the finding rule that detects it.
struct DemoTrouble {
  let rule: FindingRule
  let world: DemoWorld

  /// The affected scale set.
  static let victim = "web-ci"
  var victim: String { Self.victim }
  /// The cluster it was deployed on before its context was pointed at this one.
  static let formerCluster = ClusterIdentity(
    uid: "5b0c6f1e-2d8a-4c53-9b7e-61f0a3d94c27", server: "https://127.0.0.1:41237")

  init?(_ world: DemoWorld) {
    guard let rule = world.state.trouble.flatMap(FindingRule.init(rawValue:)) else { return nil }
    self.rule = rule
    self.world = world
  }

  func ago(_ seconds: Double) -> JSONValue { .string(Timestamp.text(Int64(world.clock.wall - seconds))) }

  private func isOurs(_ object: JSONValue) -> Bool {
    object["metadata"]?["labels"]?["actions.github.com/scale-set-name"]?.stringValue == victim
  }

  private func isRunner(_ pod: JSONValue) -> Bool {
    pod["metadata"]?["labels"]?["actions-ephemeral-runner"]?.stringValue == "True"
  }

  // MARK: Objects

  /// The objects of a kind, modified for the problem.
  func change(_ objects: [JSONValue], _ plural: String) -> [JSONValue] {
    switch plural {
    case "autoscalingrunnersets": return objects.flatMap(scaleSet)
    case "autoscalinglisteners": return objects.map(listener)
    case "ephemeralrunners": return objects.compactMap { isOurs($0) ? runner($0) : $0 }
    case "pods": return objects.filter { !isJobPodOfOurs($0) }.compactMap(pod) + jobPods(objects)
    case "deployments":
      switch rule {
      case .controllerMissing: return []
      case .controllerNotReady:
        return objects.map { $0.setting(["status"], ["replicas": 1, "unavailableReplicas": 1]) }
      default: return objects
      }
    case "events": return objects + events(objects)
    default: return objects
    }
  }

  private func scaleSet(_ set: JSONValue) -> [JSONValue] {
    let isVictim = set["metadata"]?["name"]?.stringValue == victim
    if rule == .notConfigured, isVictim {
      return [
        set,
        set.setting(["metadata", "name"], "old-ci")
          .setting(["metadata", "labels", "actions.github.com/scale-set-name"], "old-ci")
          .setting(["metadata", "labels", OwnershipMark.installation], "old-ci")
          .setting(["metadata", "annotations", "meta.helm.sh/release-name"], "old-ci"),
      ]
    }
    guard isVictim else { return [set] }
    switch rule {
    case .notDeployed: return []
    case .outdated: return [set.setting(["status", "phase"], "Outdated")]
    case .versionSkew:
      return [
        set.setting(["metadata", "labels", "app.kubernetes.io/version"], .string(SupportedARC.tooOld.description))
      ]
    case .limitLost: return [set.setting(["spec", "maxRunners"], .null)]
    case .drift:
      return [set.setting(["spec", "minRunners"], 0).setting(["spec", "runnerScaleSetLabels"], ["gpu"])]
    case .valuesChanged: return [set.setting(["metadata", "labels", OwnershipMark.values], "0f3c9a7be51d8824")]
    case .stuckDeleting: return [set.setting(["metadata", "deletionTimestamp"], ago(900))]
    case .atLimit: return [set.setting(["spec", "maxRunners"], .int(limit))]
    default: return [set]
    }
  }

  /// The current number of runners, so that the limit is reached. It is below the configured limit, as if someone had
  /// changed it without deskrun, so that the fix is always the same.
  private var limit: Int {
    guard let set = world.scaleSets.first(where: { $0.name == victim }) else { return 1 }
    return max(1, min(set.runners(at: world.now).count, set.maximum - 1))
  }

  /// The controller copies the limits of the scale set to its listener.
  private func listener(_ listener: JSONValue) -> JSONValue {
    guard rule == .atLimit, listener["spec"]?["autoscalingRunnerSetName"]?.stringValue == victim else {
      return listener
    }
    return listener.setting(["spec", "maxRunners"], .int(limit))
  }

  static let waits: Set<FindingRule> = [
    .unschedulable, .mountFails, .hostPath, .workClaim, .containerFails, .podRejected, .registryLimit,
  ]

  private func runner(_ runner: JSONValue) -> JSONValue? {
    let name = runner["metadata"]?["name"]?.stringValue ?? ""
    let old = runner.setting(["metadata", "creationTimestamp"], ago(900))
    switch rule {
    case .stuckDeleting, .notDeployed: return nil
    case .podRefused:
      return old.setting(
        ["status"],
        [
          "phase": "Failed", "reason": "InvalidPod",
          "message": .string("Pod \"\(name)\" is invalid: spec.volumes[2].name: Duplicate value: \"work\""),
        ])
    case .podSecurity, .limitRange:
      return old.setting(
        ["status"], ["phase": "Failed", "reason": "InvalidPod", "message": .string(refusal(ofPod: name))])
    case .jitRefused, .quota: return old.setting(["status"], [:])
    case _ where Self.waits.contains(rule): return old.setting(["status"], ["phase": "Pending", "ready": false])
    case .neverRegistered, .dockerMissing:
      return old.setting(["status"], ["phase": world.isFrom015 ? "Pending" : "Running", "ready": false])
    case .rootRefused, .cycling:
      return old.setting(
        ["status"],
        [
          "phase": "Pending", "ready": false,
          "failures": ["a": ago(200), "b": ago(120), "c": ago(40)],
        ])
    case .stuckFinished:
      return old.setting(["metadata", "deletionTimestamp"], ago(800)).setting(["status"], ["phase": "Succeeded"])
    case .outOfMemory where !world.isFrom015:
      // Up to ARC 0.14 it is deleted at once, but remains for as long as GitHub holds its job: about ten minutes.
      return old.setting(["metadata", "deletionTimestamp"], ago(120)).setting(["status"], .object(busy(name)))
    case .atLimit, .jobCannotStart, .outOfMemory, .evicted, .podGone, .nodeLost:
      return old.setting(["status"], .object(busy(name)))
    case .queueStuck, .registrationLost:
      return old.setting(["status"], ["phase": world.isFrom015 ? "Pending" : "Running", "ready": true])
    default: return runner
    }
  }

  /// The message that the controller writes when an admission plugin rejects a pod.
  private func refusal(ofPod name: String) -> String {
    let why =
      rule == .podSecurity
      ? "violates PodSecurity \"baseline:latest\": privileged (container \"dind\" must not set "
        + "securityContext.privileged=true)"
      : "maximum memory usage per Container is 2Gi, but limit is 4Gi"
    return "Failed to create the pod: pods \"\(name)\" is forbidden: \(why)"
  }

  private func busy(_ name: String) -> JSONObject {
    [
      "phase": "Running", "ready": true, "jobId": .string("job-\(name)"), "jobDisplayName": "build",
      "jobRepositoryName": "acme/web", "jobWorkflowRef": "acme/web/.github/workflows/ci.yml@refs/heads/main",
      "workflowRunId": 17_000_000_001,
    ]
  }

  private func isJobPodOfOurs(_ pod: JSONValue) -> Bool {
    guard rule == .jobCannotStart || rule == .podGone || Self.waits.contains(rule) else { return false }
    return pod["metadata"]?["labels"]?["runner-pod"] != nil
  }

  private func pod(_ pod: JSONValue) -> JSONValue? {
    guard isOurs(pod) else {
      let isController = pod["metadata"]?["name"]?.stringValue == world.controllerPodName
      if isController, rule == .controllerMissing { return nil }
      guard isController, rule == .controllerNotReady else { return pod }
      return waiting(pod, "CrashLoopBackOff", "back-off 2m40s restarting failed container=manager")
    }
    guard isRunner(pod) else {
      switch rule {
      case .listenerMissing, .listenerRefused, .notDeployed, .stuckDeleting: return nil
      case _ where Self.cycles.contains(rule): return listener(pod)
      case .nodeLost: return cutOff(pod)
      default: return pod
      }
    }
    let old = pod.setting(["metadata", "creationTimestamp"], ago(900))
    switch rule {
    case .nodeLost: return cutOff(old)
    case .podRefused, .podSecurity, .quota, .limitRange, .stuckDeleting, .notDeployed, .jitRefused, .podGone: return nil
    case .unschedulable:
      return old.setting(["spec", "nodeName"], nil).setting(
        ["status"],
        [
          "phase": "Pending",
          "conditions": [
            [
              "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
              "message": "0/1 nodes are available: 1 Insufficient memory. preemption: not helpful",
            ]
          ],
        ])
    case .mountFails, .hostPath, .workClaim: return waiting(old, "ContainerCreating", nil)
    case .containerFails:
      return waiting(old, "CreateContainerConfigError", "configmap \"web-ci-extra\" not found")
    case .registryLimit:
      let image = pod["spec"]?["containers"]?[0]?["image"]?.stringValue ?? ""
      return waiting(
        old, "ErrImagePull",
        "failed to pull and unpack image \"\(image)\": failed to copy: httpReadSeeker: failed open: unexpected status "
          + "from GET request to the registry: 429 Too Many Requests - Server message: toomanyrequests: You have "
          + "reached your pull rate limit.")
    case .neverRegistered, .dockerMissing:
      return container(old, "Running", ["running": ["startedAt": ago(600)]], isReady: false)
    case .rootRefused, .cycling:
      let code = rule == .rootRefused ? 1 : 2
      return container(old, "Failed", ended(code, "Error"), isReady: false)
    case .outOfMemory: return container(old, "Failed", ended(137, "OOMKilled"), isReady: false)
    case .evicted:
      return old.setting(
        ["status"],
        [
          "phase": "Failed", "reason": "Evicted",
          "message": "The node was low on resource: ephemeral-storage. Threshold quantity: 10Gi, available: 3Gi.",
        ])
    case .podRejected:
      return old.setting(
        ["status"],
        [
          "phase": "Failed", "reason": "OutOfcpu",
          "message":
            "Pod was rejected: Node didn't have enough resource: cpu, requested: 4000, used: 7100, capacity: 8000",
        ])
    case .stuckFinished: return container(old, "Succeeded", ended(0, "Completed"), isReady: false)
    case .atLimit, .queueStuck, .jobCannotStart, .registrationLost:
      return container(old, "Running", ["running": ["startedAt": ago(800)]], isReady: true)
    default: return pod
    }
  }

  private func waiting(_ pod: JSONValue, _ reason: String, _ message: String?) -> JSONValue {
    var state: JSONObject = ["reason": .string(reason)]
    if let message { state["message"] = .string(message) }
    return container(pod, "Pending", ["waiting": .object(state)], isReady: false)
  }

  private func ended(_ code: Int, _ reason: String) -> JSONValue {
    ["terminated": ["exitCode": .int(code), "reason": .string(reason), "finishedAt": ago(30)]]
  }

  /// Sets the state of a pod's container.
  private func container(_ pod: JSONValue, _ phase: String, _ state: JSONValue, isReady: Bool) -> JSONValue {
    let name = pod["spec"]?["containers"]?[0]?["name"] ?? "runner"
    let image = pod["spec"]?["containers"]?[0]?["image"] ?? ""
    return pod.setting(["status", "phase"], .string(phase)).setting(
      ["status", "containerStatuses"],
      [["name": name, "image": image, "ready": .bool(isReady), "restartCount": 0, "state": state]])
  }

  // MARK: The node

  /// A pod whose node has stopped reporting: not ready, without a reason, container states unchanged.
  private func cutOff(_ pod: JSONValue) -> JSONValue {
    container(pod, "Running", ["running": ["startedAt": ago(600)]], isReady: true).setting(
      ["status", "conditions"],
      [
        ["type": "PodScheduled", "status": "True"], ["type": "Ready", "status": "False"],
        ["type": "ContainersReady", "status": "True"],
      ])
  }

  // MARK: The failing listener

  /// The problems in which the listener exits within a second and is replaced every three, as ARC keeps doing.
  static let cycles: Set<FindingRule> = [.listenerFailing, .listenerStale, .scaleSetGone]
  static let cycle = 3.0

  /// The number of the current listener in the cycle, and its age in seconds.
  var cycleAge: (number: Int, age: Double) {
    let number = (world.clock.wall / Self.cycle).rounded(.down)
    return (Int(number), world.clock.wall - number * Self.cycle)
  }

  /// Whether its container has exited: from then on its log can be read, until the pod is deleted.
  var hasListenerEnded: Bool { cycleAge.age >= 0.9 }

  private func listener(_ pod: JSONValue) -> JSONValue? {
    let (number, age) = cycleAge
    let made = pod.setting(["metadata", "uid"], .string("listener-\(number)"))
      .setting(["metadata", "creationTimestamp"], ago(age))
      .setting(["metadata", "resourceVersion"], .string("\(number * 10 + Int(age * 3))"))
    switch age {
    case ..<0.4: return waiting(made, "ContainerCreating", nil)
    case ..<0.9: return container(made, "Running", ["running": ["startedAt": ago(age - 0.4)]], isReady: true)
    case ..<2.8:
      let state: JSONValue = [
        "terminated": ["exitCode": 1, "reason": "Error", "startedAt": ago(age - 0.4), "finishedAt": ago(age - 0.9)]
      ]
      return container(made, "Failed", state, isReady: false).setting(
        ["metadata", "deletionTimestamp"], ago(age - 0.9))
    default: return nil
    }
  }

  private func jobPods(_ pods: [JSONValue]) -> [JSONValue] {
    guard rule == .jobCannotStart else { return [] }
    return pods.filter { isOurs($0) && isRunner($0) }.prefix(1).map { pod in
      let name = pod["metadata"]?["name"]?.stringValue ?? ""
      return [
        "kind": "Pod",
        "metadata": [
          "name": .string(name + "-workflow"), "namespace": .string(world.namespace), "uid": .string("uid-\(name)"),
          "creationTimestamp": ago(120), "labels": ["runner-pod": .string(name)],
        ],
        "spec": ["containers": [["name": "job", "image": "acme/tools:gone"]]],
        "status": [
          "phase": "Pending",
          "containerStatuses": [
            [
              "name": "job", "image": "acme/tools:gone", "ready": false, "restartCount": 0,
              "state": ["waiting": ["reason": "ImagePullBackOff", "message": "acme/tools:gone: not found"]],
            ]
          ],
        ],
      ]
    }
  }

  private func events(_ objects: [JSONValue]) -> [JSONValue] {
    let messages: [FindingRule: String] = [
      .mountFails: "MountVolume.SetUp failed for volume \"extra\" : configmap \"web-ci-extra\" not found",
      .hostPath:
        "MountVolume.SetUp failed for volume \"cache\" : hostPath type check failed: /host/nix is not a directory",
      .workClaim: "persistentvolumeclaim \"web-ci-runner-work\" not found",
    ]
    guard let message = messages[rule], let set = world.scaleSets.first(where: { $0.name == victim }) else { return [] }
    return set.runners(at: world.now).map { runner in
      [
        "kind": "Event", "type": "Warning", "reason": "FailedMount", "message": .string(message), "count": 4,
        "firstTimestamp": ago(600), "lastTimestamp": ago(20),
        "involvedObject": ["kind": "Pod", "name": .string(runner.name)],
        "metadata": ["name": .string("\(runner.name).mount"), "uid": .string("mount-\(runner.name)")],
      ]
    }
  }
}

extension JSONValue {
  /// Returns this object with the value set at a path of keys; nil removes it.
  func setting(_ path: [String], _ value: JSONValue?) -> JSONValue {
    guard let key = path.first else { return value ?? .null }
    var object = objectValue ?? [:]
    if path.count == 1 {
      object[key] = value
    } else {
      object[key] = (object[key] ?? [:]).setting(Array(path.dropFirst()), value)
    }
    return .object(object)
  }
}
