import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Kubernetes
@testable import Tools

/// The pod settings: options, configuration, Helm values.
@Suite struct PodSettingTests {
  private static let every: [(setting: PodSetting, texts: [String])] = [
    (.environment, ["HTTP_PROXY=http://proxy:3128", "EMPTY="]), (.secretEnvironment, ["npm:NPM_TOKEN", "more"]),
    (.cpus, ["500m"]), (.memory, ["4Gi"]), (.workSize, ["50Gi"]), (.storageClass, ["fast"]),
    (.runnerGroup, ["Big ones"]),
    (.serviceAccount, ["builder"]), (.pullPolicy, ["IfNotPresent"]), (.pullSecrets, ["registry"]),
    (.nodeSelector, ["kubernetes.io/arch=arm64"]), (.tolerations, ["ci", "ci=yes:NoSchedule", "gpu:NoExecute"]),
    (.dindImage, ["docker:28-dind"]), (.dindArguments, ["--mtu=1400", "--registry-mirror=https://m"]),
    (.namespace, ["ci-runners"]), (.proxy, ["http=http://proxy:3128", "https=https://proxy.acme.com"]),
    (.proxySecret, ["proxy-login"]), (.proxyExceptions, [".acme.com", "10.0.0.0/8"]),
    (.certificates, ["/etc/acme.pem"]),
    (.cacheClaims, ["build:/home/runner/.cache", "npm:/home/runner/.npm"]),
  ]

  private func settings(_ chosen: Set<PodSetting>) throws -> PodSettings {
    var settings = PodSettings()
    for (setting, texts) in Self.every where chosen.contains(setting) { try settings.set(setting, texts) }
    return settings
  }

  private func installation(
    _ settings: PodSettings, _ mode: ContainerMode = .kubernetes, _ url: String = "https://github.com/acme"
  ) throws(EngineError) -> Installation {
    try Installation(
      name: InstallationName("web"), target: GitHubTarget(url), mode: mode,
      authentication: .token(.literal(Secret("t"))), settings: settings)
  }

  private func json(_ settings: PodSettings, _ mode: ContainerMode) -> ScaleSetValues {
    ScaleSetValues(
      .init(
        scaleSet: "web", githubURL: "https://github.com/acme", secretName: "s", mode: mode, minimum: 1, maximum: 5,
        storageClass: "standard", settings: settings))
  }

  @Test func `every setting reads back from its own words`() throws {
    #expect(Set(Self.every.map(\.setting)) == Set(PodSetting.allCases))
    let all = try settings(Set(PodSetting.allCases))
    for (setting, texts) in Self.every { #expect(all.row(setting).values == texts) }
    #expect(PodSettings().rows.allSatisfy { $0.values.isEmpty })
  }

  @Test(arguments: PodSetting.allCases) func `a setting is kept in the configuration`(setting: PodSetting) throws {
    let settings = try settings([setting])
    var entry = JSONObject()
    PodSettingsCoding.encode(settings, into: &entry)
    #expect(entry.count == 1)
    #expect(try PodSettingsCoding.decode(.object(entry), name: "web") == settings)
    PodSettingsCoding.encode(PodSettings(), into: &entry)
    #expect(entry.isEmpty)
  }

  @Test func `a setting in the configuration that cannot be is named`() {
    for entry: JSONValue in [["CPUs": 3], ["Memory": "much"], ["Environment": [1]], ["PullPolicy": "Sometimes"]] {
      #expect(throws: EngineError.self) { try PodSettingsCoding.decode(entry, name: "web") }
    }
  }

  @Test(arguments: ContainerMode.allCases) func `the runner has them in every mode`(mode: ContainerMode) throws {
    let settings = try settings([
      .environment, .secretEnvironment, .cpus, .memory, .serviceAccount, .pullPolicy, .pullSecrets, .nodeSelector,
      .tolerations, .runnerGroup,
    ])
    let values = json(settings, mode).json
    let spec = try #require(values["template"]?["spec"])
    let runner = try #require(spec["containers"]?.arrayValue?.first { $0["name"] == "runner" })
    let variables = runner["env"]?.arrayValue ?? []
    #expect(variables.contains(["name": "HTTP_PROXY", "value": "http://proxy:3128"]))
    #expect(
      variables.contains(["name": "NPM_TOKEN", "valueFrom": ["secretKeyRef": ["name": "npm", "key": "NPM_TOKEN"]]]))
    #expect(runner["envFrom"] == [["secretRef": ["name": "more"]]])
    #expect(
      runner["resources"]
        == ["requests": ["cpu": "500m", "memory": "4Gi"], "limits": ["cpu": "500m", "memory": "4Gi"]])
    #expect(runner["imagePullPolicy"] == "IfNotPresent")
    #expect(spec["imagePullSecrets"] == [["name": "registry"]])
    #expect(spec["serviceAccountName"] == "builder")
    #expect(spec["nodeSelector"] == ["kubernetes.io/arch": "arm64"])
    #expect(
      spec["tolerations"] == [
        ["key": "ci", "operator": "Exists"],
        ["key": "ci", "operator": "Equal", "value": "yes", "effect": "NoSchedule"],
        ["key": "gpu", "operator": "Exists", "effect": "NoExecute"],
      ])
    #expect(values["runnerGroup"] == "Big ones")
  }

  @Test func `job pods have what concerns them, through the hook template`() throws {
    let settings = try settings([.memory, .tolerations, .pullSecrets, .environment])
    for mode in [ContainerMode.kubernetes, .cachedPrivilegedKubernetes] {
      let values = json(settings, mode)
      let pod = try #require(values.hookTemplate?["spec"])
      #expect(pod["containers"]?[0]?["resources"]?["limits"] == ["memory": "4Gi"])
      #expect(pod["tolerations"]?.arrayValue?.count == 3)
      #expect(pod["imagePullSecrets"] == [["name": "registry"]])
      let runner = values.json["template"]?["spec"]?["containers"]?[0]
      #expect(runner?["volumeMounts"]?.arrayValue?.contains { $0["mountPath"] == "/etc/hooks" } == true)
    }
    #expect(json(try self.settings([.environment]), .kubernetes).hookTemplate == nil)
    #expect(json(settings, .dind).hookTemplate == nil)
  }

  @Test func `the work volume and the daemon`() throws {
    let claim = json(try settings([.workSize, .storageClass]), .kubernetes).json["containerMode"]?[
      "kubernetesModeWorkVolumeClaim"]
    #expect(claim?["resources"]?["requests"]?["storage"] == "50Gi")
    #expect(claim?["storageClassName"] == "fast")
    let docker = json(try settings([.dindImage, .dindArguments]), .dind).json
    #expect(docker["containerMode"] == nil)
    let daemon = docker["template"]?["spec"]?["initContainers"]?.arrayValue?.first { $0["name"] == "dind" }
    #expect(daemon?["image"] == "docker:28-dind")
    #expect(daemon?["args"]?.arrayValue?.suffix(2) == ["--mtu=1400", "--registry-mirror=https://m"])
    #expect(daemon?["args"]?.arrayValue?.first == "dockerd")
  }

  @Test func `a variable of deskrun's can be set otherwise`() throws {
    var settings = PodSettings()
    try settings.set(.environment, ["ACTIONS_RUNNER_REQUIRE_JOB_CONTAINER=true"])
    let variables = json(settings, .kubernetes).json["template"]?["spec"]?["containers"]?[0]?["env"]?.arrayValue
    #expect(variables == [["name": "ACTIONS_RUNNER_REQUIRE_JOB_CONTAINER", "value": "true"]])
  }

  @Test(arguments: [
    "ACTIONS_RUNNER_CONTAINER_HOOK_TEMPLATE", "ACTIONS_RUNNER_CONTAINER_HOOKS", "ACTIONS_RUNNER_POD_NAME",
    "ACTIONS_RUNNER_INPUT_JITCONFIG",
  ])
  func `the variables that make the runner what it is cannot be set`(name: String) throws {
    for (setting, text) in [(PodSetting.environment, "\(name)=x"), (.secretEnvironment, "secret:\(name)")] {
      var settings = PodSettings()
      try settings.set(setting, [text])
      let error = #expect(throws: EngineError.self) { _ = try installation(settings) }
      #expect(error?.what == "--\(setting.rawValue): \(name) cannot be set")
      #expect(error?.why?.contains("ARC and deskrun set it") == true)
    }
  }

  @Test func `a variable is set once, whichever option sets it`() throws {
    var settings = PodSettings()
    let same = #expect(throws: EngineError.self) { try settings.set(.environment, ["A=1", "B=2", "A=3"]) }
    #expect(same?.what == "--env has A twice")
    try settings.set(.environment, ["A=1"])
    try settings.set(.secretEnvironment, ["secret:A"])
    let error = #expect(throws: EngineError.self) { _ = try installation(settings) }
    #expect(error?.what == "A is given with --env and with --env-from")
  }

  @Test func `what a mode cannot have is refused with the reason`() throws {
    func refusal(_ setting: PodSetting, _ mode: ContainerMode, _ url: String = "https://github.com/acme") -> String? {
      do { _ = try installation(settings([setting]), mode, url) } catch { return (error as? EngineError)?.what }
      return nil
    }
    #expect(refusal(.workSize, .dind) == "--work-size 50Gi is for the mode kubernetes alone")
    #expect(
      refusal(.storageClass, .cachedPrivilegedKubernetes) == "--storage-class fast is for the mode kubernetes alone")
    #expect(refusal(.dindImage, .kubernetes) == "--dind-image is for the mode dind alone")
    #expect(refusal(.dindArguments, .kubernetes) == "--dind-arg is for the mode dind alone")
    #expect(refusal(.runnerGroup, .dind, "https://github.com/acme/web") == "A repository has no runner groups")
    for setting in [PodSetting.environment, .cpus, .nodeSelector, .pullPolicy, .serviceAccount] {
      #expect(refusal(setting, .dind, "https://github.com/acme/web") == nil)
    }
    #expect(refusal(.workSize, .kubernetes) == nil)
  }

  @Test(arguments: [
    (PodSetting.environment, "NAME"), (.environment, "1A=b"), (.environment, "=b"),
    (.environment, "T=ghp_0123456789012345678901234567890123456"), (.secretEnvironment, "Big:KEY"),
    (.secretEnvironment, "s:1 a"), (.cpus, "two"), (.cpus, "-1"), (.cpus, "0"), (.memory, "4"), (.memory, "4GB"),
    (.workSize, "Gi"), (.storageClass, "a/b"), (.pullPolicy, "always"), (.pullSecrets, ""), (.nodeSelector, "disk"),
    (.nodeSelector, "a b=c"), (.tolerations, "a:Never"), (.tolerations, ""), (.dindImage, "a b"),
    (.dindArguments, "dockerd"),
  ])
  func `a value that cannot be is refused`(setting: PodSetting, text: String) {
    var settings = PodSettings()
    #expect(throws: EngineError.self) { try settings.set(setting, [text]) }
    #expect(settings == PodSettings())
  }

  @Test func `changes of different settings are merged, of the same they conflict`() throws {
    let base = try installation(settings([.cpus]))
    var (mine, theirs) = (base, base)
    try mine.settings.set(.memory, ["8Gi"])
    try theirs.settings.set(.environment, ["A=b"])
    let merged = try InstallationMerge.merge(base: base, mine: mine, theirs: theirs)
    #expect(merged.settings.memory == "8Gi")
    #expect(merged.settings.environment == [EnvironmentVariable("A", "b")])
    #expect(merged.settings.cpus == "500m")
    try theirs.settings.set(.memory, ["2Gi"])
    #expect(throws: EngineError.self) { try InstallationMerge.merge(base: base, mine: mine, theirs: theirs) }
    #expect(
      InstallationDifference.list(from: base, to: mine) == ["memory: none, not 8Gi"])
  }
}
