import Testing

@testable import ARC
@testable import Basics
@testable import Deployment
@testable import Installations
@testable import Tools

/// What a cluster lacks for an installation's runners, based on responses of the API. The objects have the format of
/// Kubernetes.
@Suite struct ClusterFitTests {
  private func installation(
    _ texts: [(PodSetting, [String])] = [], _ mode: ContainerMode = .kubernetes, maximum: Int = 5, instances: Int = 1,
    caches: [String] = [], image: String? = nil
  ) throws -> Installation {
    var settings = PodSettings()
    for (setting, texts) in [(.namespace, ["ci"])] + texts { try settings.set(setting, texts) }
    return try Installation(
      name: InstallationName("web"), target: GitHubTarget("https://github.com/acme"), mode: mode,
      runners: instances > 1 ? .one : RunnerCounts(minimum: 0, maximum: maximum),
      caches: caches.map { try CachePath($0) }, instances: instances, image: image,
      authentication: .token(.literal(Secret("t"))), settings: settings)
  }

  private func need(_ installation: Installation) -> RunnerNeed {
    RunnerNeed(
      installation,
      values: ScaleSetValues(
        .init(
          scaleSet: "web", githubURL: installation.target.url, secretName: "s", mode: installation.mode, minimum: 0,
          maximum: 5,
          volumes: CacheLocation.volumes(of: installation, scaleSet: "web", isKind: false, cacheRoot: "/c"),
          settings: installation.settings)
      ).json)
  }

  private func problems(
    _ installation: Installation, _ change: (inout ClusterFacts) -> Void = { _ in }
  ) -> [FitProblem] {
    var facts = Self.good
    change(&facts)
    return ClusterFit.problems(need(installation), facts)
  }

  /// A cluster that lacks nothing.
  private static var good: ClusterFacts {
    var facts = ClusterFacts(namespace: "ci")
    facts.take(storageClasses: list([storageClass("standard", isDefault: true)]))
    facts.take(nodes: list([node("a")]))
    return facts
  }

  private static func list(_ items: [JSONValue]) -> JSONValue { ["items": .array(items)] }

  private static func storageClass(
    _ name: String, _ provisioner: String = "rancher.io/local-path", isDefault: Bool = false
  ) -> JSONValue {
    [
      "metadata": [
        "name": .string(name),
        "annotations": ["storageclass.kubernetes.io/is-default-class": .string(isDefault ? "true" : "false")],
      ], "provisioner": .string(provisioner),
    ]
  }

  private static func node(
    _ name: String, arch: String = "amd64", os: String = "linux", taints: [JSONValue] = [], cpu: String = "8",
    memory: String = "32886588Ki", isClosed: Bool = false, labels: JSONObject = [:]
  ) -> JSONValue {
    var all = labels
    (all["kubernetes.io/arch"], all["kubernetes.io/os"]) = (.string(arch), .string(os))
    return [
      "metadata": ["name": .string(name), "labels": .object(all)],
      "spec": ["taints": .array(taints), "unschedulable": .bool(isClosed)],
      "status": ["allocatable": ["cpu": .string(cpu), "memory": .string(memory)]],
    ]
  }

  private static func named(_ name: String, _ spec: JSONValue, _ status: JSONValue = [:]) -> JSONValue {
    ["metadata": ["name": .string(name)], "spec": spec, "status": status]
  }

  @Test(arguments: ContainerMode.allCases)
  func `a cluster that has everything is silent`(mode: ContainerMode) throws {
    #expect(try problems(installation([], mode)).isEmpty)
  }

  // MARK: Storage

  @Test func `a mode with a volume needs a storage class that exists`() throws {
    let found = try problems(installation()) { $0.take(storageClasses: Self.list([Self.storageClass("fast")])) }
    #expect(found.map(\.kind) == [.storageClass])
    #expect(found[0].isRefusal)
    #expect(found[0].what == "The cluster has no default StorageClass")
    #expect(found[0].fix.contains("--storage-class fast"))
    for mode in [ContainerMode.dind, .cachedPrivilegedKubernetes] {
      #expect(try problems(installation([], mode)) { $0.take(storageClasses: Self.list([])) }.isEmpty)
    }
    #expect(
      try problems(installation([(.storageClass, ["fast"])])).first?.what == "The cluster has no StorageClass fast")
  }

  @Test func `an access mode that the class cannot give is refused`() throws {
    let installation = try installation()
    var need = need(installation)
    need.workClaim = ["accessModes": ["ReadWriteMany"], "resources": ["requests": ["storage": "1Gi"]]]
    var facts = Self.good
    #expect(ClusterFit.problems(need, facts).map(\.kind) == [.accessMode])
    facts.take(storageClasses: Self.list([Self.storageClass("nfs", "nfs.csi.k8s.io", isDefault: true)]))
    #expect(ClusterFit.problems(need, facts).isEmpty)
  }

  @Test(arguments: [
    (["ReadWriteMany"], 5, ContainerMode.kubernetes, true), (["ReadWriteOnce"], 1, .kubernetes, true),
    (["ReadWriteOnce"], 5, .kubernetes, false), (["ReadOnlyMany"], 1, .kubernetes, false),
    (["ReadWriteOncePod"], 1, .kubernetes, false), (["ReadWriteOncePod"], 1, .dind, true),
    (["ReadOnlyMany", "ReadWriteMany"], 5, .dind, true),
  ])
  func `a claim is refused with its access modes where runners cannot share it`(
    modes: [String], maximum: Int, mode: ContainerMode, isFine: Bool
  ) throws {
    let found = try problems(installation([(.cacheClaims, ["build:/home/runner/.cache"])], mode, maximum: maximum)) {
      $0.take(
        claims: Self.list([
          Self.named("build", [:], ["phase": "Bound", "accessModes": .array(modes.map(JSONValue.string))])
        ]))
    }
    #expect(found.isEmpty == isFine)
    guard !isFine else { return }
    #expect(found.first?.isRefusal == true)
    #expect(found.first?.why?.contains(modes.joined(separator: ", ")) == true)
  }

  @Test func `a claim that is missing or lost is refused`() throws {
    let installation = try installation([(.cacheClaims, ["build:/home/runner/.cache"])])
    #expect(problems(installation).first?.what == "No PersistentVolumeClaim build found in namespace ci")
    let lost = problems(installation) {
      $0.take(claims: Self.list([Self.named("build", ["accessModes": ["ReadWriteMany"]], ["phase": "Lost"])]))
    }
    #expect(lost.first?.what.contains("Lost") == true)
  }

  // MARK: The namespace

  @Test(arguments: [
    ("privileged", ContainerMode.dind, [String]()), ("baseline", .kubernetes, []), ("baseline", .dind, ["privileged"]),
    ("baseline", .cachedPrivilegedKubernetes, ["privileged", "non-default capabilities"]),
    (
      "restricted", .kubernetes,
      ["allowPrivilegeEscalation != false", "unrestricted capabilities", "runAsNonRoot != true", "seccompProfile"]
    ),
  ])
  func `Pod Security refuses what a mode needs`(level: String, mode: ContainerMode, words: [String]) throws {
    let found = try problems(installation([], mode)) {
      $0.take(namespace: ["metadata": ["labels": ["pod-security.kubernetes.io/enforce": .string(level)]]])
    }
    #expect(found.map(\.kind) == (words.isEmpty ? [] : [.podSecurity]))
    for word in words { #expect(found.first?.why?.contains(word) == true, "\(word): \(found)") }
  }

  @Test func `Pod Security refuses caches of the host, and no claims`() throws {
    func found(_ installation: Installation) -> [FitProblem] {
      problems(installation) {
        $0.take(namespace: ["metadata": ["labels": ["pod-security.kubernetes.io/enforce": "baseline"]]])
        $0.take(claims: Self.list([Self.named("build", ["accessModes": ["ReadWriteMany"]], ["phase": "Bound"])]))
      }
    }
    let host = found(try installation(caches: ["/home/runner/.npm"]))
    #expect(host.first?.why?.contains("hostPath volumes (\"cache-0\"") == true)
    #expect(host.first?.fix.contains("--cache-claim") == true)
    #expect(found(try installation([(.cacheClaims, ["build:/home/runner/.cache"])])).isEmpty)
  }

  private func quota(_ hard: JSONValue, used: JSONValue = [:]) -> (inout ClusterFacts) -> Void {
    { $0.take(quotas: Self.list([Self.named("compute", ["hard": hard], ["hard": hard, "used": used])])) }
  }

  @Test func `a quota demands amounts that pods must name`() throws {
    let demand = quota(["limits.cpu": "8", "limits.memory": "32Gi"])
    let found = try problems(installation(), demand)
    #expect(found.allSatisfy { $0.isRefusal })
    #expect(
      Set(found.map(\.kind)) == [
        .quota(name: "compute", resource: "limits.cpu"), .quota(name: "compute", resource: "limits.memory"),
      ])
    #expect(try problems(installation([(.cpus, ["1"]), (.memory, ["4Gi"])]), demand).isEmpty)
    // A default of the LimitRange is sufficient.
    let ranged = try problems(installation()) {
      demand(&$0)
      $0.take(
        limitRanges: Self.list([
          Self.named(
            "limits", ["limits": [["type": "Container", "default": ["cpu": "1", "memory": "2Gi"]]]])
        ]))
    }
    #expect(!ranged.contains { $0.isRefusal })
  }

  @Test func `a quota says how many runners fit`() throws {
    let settings: [(PodSetting, [String])] = [(.cpus, ["2"])]
    #expect(try problems(installation(settings), quota(["requests.cpu": "1"])).first?.isRefusal == true)
    let some = try problems(installation(settings), quota(["requests.cpu": "7"]))
    #expect(some.first?.what == "At most 3 of the 5 runners of web fit into the quota compute")
    #expect(some.first?.isRefusal == false)
    #expect(try problems(installation(settings), quota(["requests.cpu": "20"])).isEmpty)
    let full = try problems(installation(settings), quota(["requests.cpu": "20"], used: ["requests.cpu": "19"]))
    #expect(full.first?.what == "The quota compute has no room left for a runner of web")
    #expect(try problems(installation(), quota(["pods": "3"])).first?.what.hasPrefix("At most 3 of the 5") == true)
    #expect(try problems(installation(), quota(["requests.storage": "5Gi"])).first?.isRefusal == true)
  }

  @Test func `a LimitRange is judged in the words of Kubernetes`() throws {
    func found(_ entry: JSONValue, _ texts: [(PodSetting, [String])]) throws -> [FitProblem] {
      try problems(installation(texts)) { $0.take(limitRanges: Self.list([Self.named("limits", ["limits": [entry]])])) }
    }
    let most: JSONValue = ["type": "Container", "max": ["memory": "2Gi"]]
    #expect(
      try found(most, [(.memory, ["4Gi"])]).first?.why
        == "maximum memory usage per Container is 2.0 GiB, but limit of runner is 4.0 GiB")
    #expect(try found(most, [(.memory, ["1Gi"])]).isEmpty)
    let silent = try found(most, [])
    #expect(silent.first?.isRefusal == false)
    #expect(silent.first?.what == "Runners of web get a limit of 2.0 GiB of memory")
    #expect(try found(["type": "Container", "min": ["cpu": "1"]], [(.cpus, ["500m"])]).first?.isRefusal == true)
    let pod: JSONValue = ["type": "Pod", "max": ["cpu": "2"]]
    #expect(try found(pod, []).first?.why?.contains("no limit is specified") == true)
    #expect(try found(pod, [(.cpus, ["2"])]).isEmpty)
    let claim: JSONValue = ["type": "PersistentVolumeClaim", "max": ["storage": "5Gi"]]
    #expect(try found(claim, []).first?.isRefusal == true)
    #expect(try found(claim, [(.workSize, ["5Gi"])]).isEmpty)
  }

  // MARK: Nodes

  private func nodes(_ items: [JSONValue], _ texts: [(PodSetting, [String])] = []) throws -> [FitProblem] {
    try problems(installation(texts)) { $0.take(nodes: Self.list(items)) }
  }

  @Test func `nodes are a warning, since others may be added`() throws {
    let gpu: JSONValue = ["key": "gpu", "value": "yes", "effect": "NoSchedule"]
    let found = try [
      nodes([Self.node("a", os: "windows")]), nodes([Self.node("a")], [(.nodeSelector, ["disk=ssd"])]),
      nodes([Self.node("a", taints: [gpu])]), nodes([Self.node("a", cpu: "2")], [(.cpus, ["4"])]),
      nodes([Self.node("a", memory: "4Gi")], [(.memory, ["8Gi"])]), nodes([Self.node("a", arch: "arm64")]),
    ]
    #expect(
      found.map { $0.map(\.kind) } == [[.windows], [.nodeSelector], [.taints], [.nodeSize], [.nodeSize], [.arm]])
    #expect(found.allSatisfy { $0.allSatisfy { !$0.isRefusal } })
    #expect(found[2].first?.fix.contains("--toleration gpu=yes:NoSchedule") == true)
  }

  @Test(arguments: ["gpu", "gpu=yes", "gpu=yes:NoSchedule"])
  func `a toleration opens a node`(text: String) throws {
    let gpu: JSONValue = ["key": "gpu", "value": "yes", "effect": "NoSchedule"]
    #expect(try nodes([Self.node("a", taints: [gpu])], [(.tolerations, [text])]).isEmpty)
    #expect(
      try nodes([Self.node("a", taints: [gpu])], [(.tolerations, ["gpu=no:NoSchedule"])]).map(\.kind) == [.taints])
  }

  @Test func `one node that fits is enough, and trouble of the moment is none`() throws {
    let pressure: JSONValue = ["key": "node.kubernetes.io/disk-pressure", "effect": "NoSchedule"]
    let soft: JSONValue = ["key": "x", "effect": "PreferNoSchedule"]
    #expect(try nodes([Self.node("a", taints: [pressure, soft])]).isEmpty)
    #expect(try nodes([Self.node("a", os: "windows"), Self.node("b", arch: "arm64"), Self.node("c")]).isEmpty)
    #expect(try nodes([Self.node("a", isClosed: true)]).isEmpty)
    #expect(try nodes([]).isEmpty)
  }

  // MARK: The proxy, and unreadable objects

  @Test func `the Secret of a proxy must exist with both keys`() throws {
    let installation = try installation([(.proxy, ["http://proxy:3128"]), (.proxySecret, ["login"])])
    #expect(problems(installation).first?.fix.contains("kubectl create secret generic login -n ci") == true)
    #expect(problems(installation) { $0.proxyKeys = ["username"] }.first?.what.hasSuffix("has no password") == true)
    #expect(problems(installation) { $0.proxyKeys = ["username", "password"] }.isEmpty)
  }

  @Test func `what may not be read is said once and stops nothing`() throws {
    var facts = ClusterFacts(namespace: "ci")
    let error = EngineError(
      .unauthorized, "refused", why: "nodes is forbidden: User \"ci\" cannot list resource \"nodes\"")
    for kind in ClusterFacts.Kind.allCases { facts.unread[kind] = error }
    let need = need(try installation([(.cacheClaims, ["build:/home/runner/.cache"])]))
    #expect(ClusterFit.problems(need, facts).isEmpty)
    let said = try #require(ClusterFit.unchecked(need, facts))
    #expect(said.contains("storage classes, nodes, the namespace, resource quotas, limit ranges, volume claims"))
    #expect(said.contains("nodes is forbidden"))
    #expect(ClusterFit.unchecked(need, Self.good) == nil)
  }

  @Test func `commands in fixes act on the cluster that lacks something`() throws {
    let secret = try #require(
      problems(try installation([(.proxy, ["http://proxy:3128"]), (.proxySecret, ["login"])])).first)
    let labels = try #require(problems(try installation([(.nodeSelector, ["gpu=yes"])])).first)
    let invocation = Invocation().on(.existing(context: "prod", kubeconfig: "/k.yaml"))
    for (problem, command) in [
      (secret, "kubectl --context prod --kubeconfig /k.yaml create secret generic login -n ci"),
      (labels, "kubectl --context prod --kubeconfig /k.yaml label node"),
    ] {
      #expect(invocation.completing(problem.error).fix?.contains(command) == true, "\(problem.fix)")
      let plan = invocation.completing(Plan(title: "Add web", steps: [], warnings: [problem.warning]))
      #expect(plan.warnings[0].contains(command))
    }
  }
}
