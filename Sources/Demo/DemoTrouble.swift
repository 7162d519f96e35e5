import Engine

/// Something that goes wrong in the demo when it is told to (`--demo-trouble RULE`): the objects and logs of the
/// installation web-ci become what a cluster with that trouble shows. Named after the rule of the findings that is to see
/// it.
struct DemoTrouble {
  let rule: FindingRule
  let world: DemoWorld

  /// The scale set it happens to.
  static let victim = "web-ci"
  private var victim: String { Self.victim }

  init?(_ world: DemoWorld) {
    guard let rule = world.state.trouble.flatMap(FindingRule.init(rawValue:)) else { return nil }
    self.rule = rule
    self.world = world
  }

  private func ago(_ seconds: Double) -> JSONValue { .string(Timestamp.text(Int64(world.clock.wall - seconds))) }

  private func isOurs(_ object: JSONValue) -> Bool {
    object["metadata"]?["labels"]?["actions.github.com/scale-set-name"]?.stringValue == victim
  }

  private func isRunner(_ pod: JSONValue) -> Bool {
    pod["metadata"]?["labels"]?["actions-ephemeral-runner"]?.stringValue == "True"
  }

  // MARK: Objects

  /// The objects of a kind as they are in this trouble.
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
          .setting(["metadata", "labels", OwnershipMark.installation], "old-ci"),
      ]
    }
    guard isVictim else { return [set] }
    switch rule {
    case .notDeployed: return []
    case .outdated: return [set.setting(["status", "phase"], "Outdated")]
    case .versionSkew: return [set.setting(["metadata", "labels", "app.kubernetes.io/version"], "0.13.1")]
    case .limitLost: return [set.setting(["spec", "maxRunners"], .null)]
    case .drift:
      return [set.setting(["spec", "minRunners"], 0).setting(["spec", "runnerScaleSetLabels"], ["gpu"])]
    case .valuesChanged: return [set.setting(["metadata", "labels", OwnershipMark.values], "0f3c9a7be51d8824")]
    case .stuckDeleting: return [set.setting(["metadata", "deletionTimestamp"], ago(900))]
    case .atLimit: return [set.setting(["spec", "maxRunners"], .int(limit))]
    default: return [set]
    }
  }

  /// So many runners as there are: the limit is reached.
  private var limit: Int {
    max(1, world.scaleSets.first { $0.name == victim }?.runners(at: world.now).count ?? 1)
  }

  /// The controller gives the listener the limits of its scale set.
  private func listener(_ listener: JSONValue) -> JSONValue {
    guard rule == .atLimit, listener["spec"]?["autoscalingRunnerSetName"]?.stringValue == victim else {
      return listener
    }
    return listener.setting(["spec", "maxRunners"], .int(limit))
  }

  private static let waits: Set<FindingRule> = [
    .unschedulable, .mountFails, .hostPath, .workClaim, .containerFails, .podRejected,
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
    case .jitRefused: return old.setting(["status"], [:])
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
    case .atLimit, .jobCannotStart, .outOfMemory, .evicted, .podGone, .nodeLost:
      return old.setting(["status"], .object(busy(name)))
    case .queueStuck, .registrationLost:
      return old.setting(["status"], ["phase": world.isFrom015 ? "Pending" : "Running", "ready": true])
    default: return runner
    }
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
    case .podRefused, .stuckDeleting, .notDeployed, .jitRefused, .podGone: return nil
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

  /// The pod with its containers in this state.
  private func container(_ pod: JSONValue, _ phase: String, _ state: JSONValue, isReady: Bool) -> JSONValue {
    let name = pod["spec"]?["containers"]?[0]?["name"] ?? "runner"
    let image = pod["spec"]?["containers"]?[0]?["image"] ?? ""
    return pod.setting(["status", "phase"], .string(phase)).setting(
      ["status", "containerStatuses"],
      [["name": name, "image": image, "ready": .bool(isReady), "restartCount": 0, "state": state]])
  }

  // MARK: The node

  /// A pod whose node has stopped reporting: not ready, without a reason, and its containers as they were.
  private func cutOff(_ pod: JSONValue) -> JSONValue {
    container(pod, "Running", ["running": ["startedAt": ago(600)]], isReady: true).setting(
      ["status", "conditions"],
      [
        ["type": "PodScheduled", "status": "True"], ["type": "Ready", "status": "False"],
        ["type": "ContainersReady", "status": "True"],
      ])
  }

  // MARK: The listener that cannot work

  /// The troubles in which the listener ends within a second and is replaced every three, as ARC does for ever.
  static let cycles: Set<FindingRule> = [.listenerFailing, .listenerStale, .scaleSetGone]
  private static let cycle = 3.0

  /// Which listener of the cycle this is, and for how many seconds it has existed.
  private var cycleAge: (number: Int, age: Double) {
    let number = (world.clock.wall / Self.cycle).rounded(.down)
    return (Int(number), world.clock.wall - number * Self.cycle)
  }

  /// Whether its container has ended: its words can be read from then on, until its pod is gone.
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

  // MARK: Logs

  /// The lines a runner's log has in this trouble, or nil when it has its usual ones.
  func log(of runner: DemoRunner) -> [(time: Double, text: String)]? {
    guard runner.scaleSet == victim else { return nil }
    let start = world.now - 30
    switch rule {
    case .rootRefused: return [(start, LogHint.root.rawValue)]
    case .cycling: return [(start, "An error occurred: Not configured. Run Config.(sh/cmd) to configure the runner.")]
    case .registrationLost:
      return [90.0, 60, 30].map {
        (
          world.now - $0,
          "[RUNNER ERR BrokerMessageListener] Registration 6c9f2b9e-0b7e-4a43-9d0c-1f2f5c2a7d10 was not found."
        )
      }
    case .dockerMissing: return [(world.now - 600, "\(LogHint.waitsForDocker.rawValue).")]
    default: return nil
    }
  }

  /// What the log of a job says that this trouble makes fail.
  static func jobLine(_ rule: FindingRule) -> String? {
    switch rule {
    case .needsContainer:
      "Error: Jobs without a job container are forbidden on this runner, please add a 'container:' to your job"
    case .hookFails: "Error: failed to create job pod: HTTP request failed"
    case .accessDenied: "System.UnauthorizedAccessException: Access to the path '/home/runner/_work/_tool' is denied."
    default: nil
    }
  }

  private static let tenant = "https://pipelines.actions.githubusercontent.com/tenant"

  /// What the controller's log says of this trouble.
  func controllerLines() -> [(time: Double, logger: String, message: String, details: JSONValue)] {
    let time = world.now - 20 * max(1, world.state.speed)
    let namespace = JSONValue.string(world.namespace)
    switch rule {
    case .listenerRefused:
      return [
        (
          time, "AutoscalingListener", "Unable to create listener pod",
          [
            "autoscalinglistener": ["name": .string("\(victim)-56595456-listener"), "namespace": namespace],
            "error": .string(
              "pods \"\(victim)-56595456-listener\" is forbidden: exceeded quota: compute, requested: pods=1"),
          ]
        )
      ]
    case .jitRefused:
      guard let runner = world.scaleSets.first(where: { $0.name == victim })?.runners(at: world.now).first else {
        return []
      }
      return [
        (
          time, "EphemeralRunner", "Failed to create ephemeral runners secret",
          [
            "ephemeralrunner": ["name": .string(runner.name), "namespace": namespace],
            "error": .string(
              "failed to generate JIT config with generic error: request POST \(Self.tenant)/_apis/runtime/"
                + "runnerscalesets/14/generatejitconfig?api-version=6.0-preview failed(status=\"403 Forbidden\", "
                + "activity_id=\"2487\"): unexpected status code: 403: AccessCheckException: Access denied: the runner "
                + "scale set may not be managed by this identity."),
          ]
        )
      ]
    default: return []
    }
  }

  /// Seconds on the wall since the listener of the cycle ended.
  private var secondsSinceEnd: Double { max(0, cycleAge.age - 0.9) }

  /// What the listener says besides, with the demo's second.
  func listenerLines() -> [(time: Double, text: String)] {
    func at(_ seconds: Double, _ level: String, _ text: String) -> (time: Double, text: String) {
      let time = world.now - seconds * max(1, world.state.speed)
      let stamp = Timestamp.text(Int64(world.clock.wall(of: time)))
      return (time, "time=\(stamp) level=\(level) \(text)")
    }
    /// A listener's last words, as Go's plain log writes them.
    func ended(_ seconds: Double, _ words: String) -> (time: Double, text: String) {
      (world.now - seconds * max(1, world.state.speed), "2026/11/25 14:12:48 Application returned an error: \(words)")
    }
    let maximum = world.scaleSets.first { $0.name == victim }?.maximum ?? 5
    func counted(_ assigned: Int, _ wanted: Int) -> (time: Double, text: String) {
      at(
        190, "INFO",
        "msg=\"Calculated target runner count\" component=worker assigned job=\(assigned) decision=\(wanted) min=0 "
          + "max=\(maximum) currentRunnerCount=\(wanted)")
    }
    switch rule {
    case .atLimit: return [counted(maximum + 9, maximum)]
    case .queueStuck: return [counted(3, 0)]
    // Its runners never get as far as a job.
    case _ where Self.waits.contains(rule): return [counted(0, maximum)]
    case .podRefused, .neverRegistered, .dockerMissing, .rootRefused, .cycling, .stuckFinished, .noCommand:
      return [counted(0, maximum)]
    case .listenerConflict:
      return [
        at(
          60, "ERROR",
          "msg=\"Application returned an error\" error=\"failed to create session: 409 - had issue communicating with "
            + "Actions backend: The actions runner web-ci already has an active session "
            + "RunnerScaleSetSessionConflictException\"")
      ]
    case .listenerStale:
      return [
        ended(
          secondsSinceEnd,
          "handling initial message failed: could not patch ephemeral runner set , patch JSON: "
            + "{\"spec\":{\"patchID\":0,\"replicas\":1}}, error: ephemeralrunnersets.actions.github.com "
            + "\"\(victim)-7s7qd\" not found")
      ]
    case .scaleSetGone:
      return [
        ended(
          secondsSinceEnd,
          "failed to create actions message session client: failed to create message session: failed to do the session "
            + "request: request POST \(Self.tenant)/_apis/runtime/runnerscalesets/14/sessions?api-version=6.0-preview "
            + "failed(status=\"404 Not Found\", activity_id=\"8e0c\"): unexpected status code: 404: "
            + "RunnerScaleSetNotFoundException: No runner scale set found with identifier 14.")
      ]
    case .githubUnreachable:
      let address = "\(Self.tenant)/_apis/runtime/messagequeue/1/messages"
      return [14.0, 12, 8].map {
        at(
          $0, "ERROR",
          "msg=\"request failed\" error=\"Get \\\"\(address)\\\": dial tcp: lookup pipelines.actions.githubusercontent.com: "
            + "no such host\" method=GET url=\(address)")
      }
    case .githubRefuses:
      let address = "https://api.github.com/repos/acme/web/actions/runners/registration-token"
      return [
        ended(
          20,
          "failed to get runner registration token on refresh: failed to issue the request: request POST \(address) "
            + "failed: failed to send request: Post \"\(address)\": POST \(address) giving up after 5 attempt(s)")
      ]
    case .listenerErrors:
      return [90.0, 60, 30].map {
        at(
          $0, "ERROR",
          "msg=\"Application returned an error\" error=\"failed to handle message: unexpected end of JSON input\"")
      }
    default: return []
    }
  }
}

extension JSONValue {
  /// This object with the value at a path of keys; nil takes it away.
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
