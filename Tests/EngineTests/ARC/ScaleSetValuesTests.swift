import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Kubernetes
@testable import Tools

@Suite struct ScaleSetValuesTests {
  static func input(
    _ mode: ContainerMode, volumes: [HostVolume] = [], labels: [String] = [], storageClass: String? = "standard"
  ) -> ScaleSetValues {
    ScaleSetValues(
      .init(
        scaleSet: "web-ci", githubURL: "https://github.com/acme/web", secretName: "web-ci-credentials", mode: mode,
        minimum: 1, maximum: 5, labels: labels, volumes: volumes, storageClass: storageClass))
  }

  static let cache = HostVolume(
    name: "cache-0", nodePath: "/host-cache/deskrun/web-ci/cache-0", target: "/root/.cache", isOwn: true)
  static let dockerCache = HostVolume(
    name: "cache-1", nodePath: "/host-cache/deskrun/web-ci/cache-1", target: "/var/lib/docker", isOwn: true)
  static let socket = HostVolume(
    name: "mount-0", nodePath: "/var/run/docker.sock", target: "/var/run/host-docker.sock", kind: .socket)

  @Test(arguments: ContainerMode.allCases)
  func `plain`(mode: ContainerMode) throws {
    try expectGolden(Self.input(mode).json.encoded(pretty: true), "values/\(mode.rawValue).json")
  }

  @Test(arguments: ContainerMode.allCases)
  func `with caches and mounts`(mode: ContainerMode) throws {
    let values = Self.input(mode, volumes: [Self.cache, Self.dockerCache, Self.socket], labels: ["linux", "fast"])
    try expectGolden(values.json.encoded(pretty: true), "values/\(mode.rawValue)-caches.json")
    if let template = values.hookTemplate {
      try expectGolden(template.encoded(pretty: true), "values/\(mode.rawValue)-caches-hook.json")
    }
  }

  /// The runner is not root, and a socket such as Docker's only admits its group.
  @Test func `runners get the group of a mounted socket`() {
    let socket = HostVolume(
      name: "mount-0", nodePath: "/host-mounts/run/docker.sock", target: "/var/run/docker.sock", kind: .socket,
      group: 998)
    let values = Self.input(.kubernetes, volumes: [socket])
    #expect(values.json["template"]?["spec"]?["securityContext"] == ["supplementalGroups": [998]])
    #expect(values.hookTemplate?["spec"]?["securityContext"] == ["supplementalGroups": [998]])
    // Root needs no group.
    let privileged = Self.input(.cachedPrivilegedKubernetes, volumes: [socket])
    #expect(privileged.json["template"]?["spec"]?["securityContext"]?["supplementalGroups"] == nil)
  }

  private func containers(_ values: ScaleSetValues, _ list: String = "containers") -> [JSONValue] {
    values.json["template"]?["spec"]?[list]?.arrayValue ?? []
  }

  @Test(arguments: ContainerMode.allCases, [true, false])
  func `the runner always has image and command`(mode: ContainerMode, cached: Bool) throws {
    let values = Self.input(mode, volumes: cached ? [Self.cache] : [])
    let runner = try #require(containers(values).first { $0["name"] == "runner" })
    #expect(runner["image"] == "ghcr.io/actions/actions-runner:latest")
    #expect(runner["command"] == ["/home/runner/run.sh"])
  }

  @Test(arguments: ContainerMode.allCases)
  func `counts are bare numbers`(mode: ContainerMode) {
    let text = Self.input(mode).json.encoded()
    #expect(text.contains(#""minRunners":1"#))
    #expect(text.contains(#""maxRunners":5"#))
  }

  @Test func `Kubernetes mode always has a work claim`() {
    let claim = Self.input(.kubernetes).json["containerMode"]?["kubernetesModeWorkVolumeClaim"]
    #expect(claim?["storageClassName"] == "standard")
    #expect(claim?["accessModes"] == ["ReadWriteOnce"])
    #expect(claim?["resources"]?["requests"]?["storage"]?.stringValue != nil)
    let elsewhere = Self.input(.kubernetes, storageClass: nil).json["containerMode"]?["kubernetesModeWorkVolumeClaim"]
    #expect(elsewhere != nil)
    #expect(elsewhere?["storageClassName"] == nil)
  }

  @Test(arguments: ContainerMode.allCases, [[], [cache, dockerCache, socket]])
  func `no volume is defined twice and every mount has its volume`(mode: ContainerMode, volumes: [HostVolume]) {
    let values = Self.input(mode, volumes: volumes)
    let spec = values.json["template"]?["spec"]
    let names = (spec?["volumes"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
    #expect(Set(names).count == names.count)
    for container in containers(values) + containers(values, "initContainers") {
      let targets = (container["volumeMounts"]?.arrayValue ?? []).compactMap { $0["mountPath"]?.stringValue }
      #expect(Set(targets).count == targets.count)
      for mount in container["volumeMounts"]?.arrayValue ?? [] {
        #expect(names.contains(mount["name"]?.stringValue ?? "none"))
      }
    }
  }

  @Test func `the hooks own volumes are left alone`() throws {
    for mode in [ContainerMode.kubernetes, .cachedPrivilegedKubernetes] {
      let values = Self.input(mode, volumes: [Self.cache])
      let names = (values.json["template"]?["spec"]?["volumes"]?.arrayValue ?? []).compactMap {
        $0["name"]?.stringValue
      }
      for reserved in ["work", "externals", "github"] { #expect(!names.contains(reserved)) }
      let template = try #require(values.hookTemplate)
      #expect(template["spec"]?["initContainers"] == nil)
    }
  }

  @Test func `root is allowed to run`() throws {
    let runner = try #require(containers(Self.input(.cachedPrivilegedKubernetes)).first)
    #expect(runner["securityContext"]?["runAsUser"] == 0)
    #expect(runner["env"]?.arrayValue?.contains(["name": "RUNNER_ALLOW_RUNASROOT", "value": "1"]) == true)
    #expect(runner["env"]?.arrayValue?.contains(["name": "SYSTEMD_IGNORE_CHROOT", "value": "1"]) == true)
    #expect(runner["securityContext"]?["capabilities"]?["add"]?.arrayValue?.count == 12)
  }

  @Test func `the hook template is found where the runner looks`() throws {
    let values = Self.input(.cachedPrivilegedKubernetes)
    let spec = values.json["template"]?["spec"]
    let volume = try #require(spec?["volumes"]?.arrayValue?.first { $0["configMap"] != nil })
    #expect(volume["configMap"]?["name"] == .string(ScaleSetValues.hookTemplateName(scaleSet: "web-ci")))
    let runner = try #require(containers(values).first)
    #expect(
      runner["env"]?.arrayValue?.contains([
        "name": "ACTIONS_RUNNER_CONTAINER_HOOK_TEMPLATE", "value": "/etc/hooks/content",
      ]) == true)
    #expect(runner["volumeMounts"]?.arrayValue?.contains { $0["mountPath"] == "/etc/hooks" } == true)
  }

  @Test func `the daemon gets its own cache`() throws {
    let values = Self.input(.dind, volumes: [Self.cache, Self.dockerCache])
    #expect(values.json["containerMode"] == nil)
    let daemon = try #require(containers(values, "initContainers").first { $0["name"] == "dind" })
    let runner = try #require(containers(values).first)
    #expect(daemon["volumeMounts"]?.arrayValue?.contains { $0["mountPath"] == "/var/lib/docker" } == true)
    #expect(runner["volumeMounts"]?.arrayValue?.contains { $0["mountPath"] == "/var/lib/docker" } == false)
    #expect(
      runner["env"]?.arrayValue?.contains(["name": "DOCKER_HOST", "value": "unix:///var/run/docker.sock"]) == true)
  }

  @Test func `only the name of the secret is in the values`() {
    #expect(Self.input(.kubernetes).json["githubConfigSecret"] == "web-ci-credentials")
  }
}
