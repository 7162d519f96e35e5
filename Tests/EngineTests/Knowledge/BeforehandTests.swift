import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools
@testable import ValuesFiles

/// Findings that are known before anything is deployed.
@Suite struct BeforehandTests {
  private func rules(_ text: String?, mode: ContainerMode = .kubernetes, checks: [DoctorCheck] = []) throws
    -> [FindingRule]
  {
    let installation = try Installation(
      name: InstallationName("web"), target: GitHubTarget("https://github.com/acme/web"), mode: mode,
      caches: mode == .dind ? [] : [CachePath("/home/runner/.cache")], authentication: .token(.literal(Secret("t"))))
    let plain = try #require(
      DesiredValues.list(installation, isKind: true, cacheRoot: "/c", owner: "o").first)
    let files = try text.map { [try ValuesFile(Array($0.utf8), ValuesReference("/v.yaml"))] } ?? []
    let merged = try MergedValues(plain.values, files: files, chartVersion: "0.14.2")
    return Diagnosis.beforehand(installation, values: merged, checks: checks).map(\.rule)
  }

  private static let whole = """
    template:
      spec:
        containers:
          - name: runner   # the runner itself
            image: ghcr.io/acme/runner:1
            command: ["/home/runner/run.sh"]
            resources: {limits: {memory: 4Gi}}
    """

  @Test func `a values file that is right says nothing`() throws {
    #expect(try rules(nil) == [])
    #expect(try rules("") == [])
    #expect(try rules(Self.whole) == [])
    #expect(try rules("# command: containers: - name: work\nannotations: {a: b}") == [])
    #expect(try rules("template: {spec: {nodeSelector: {disk: ssd}}}") == [])
  }

  @Test func `what a file leaves out deskrun has`() throws {
    #expect(try rules(Self.whole.replacing("command: [", with: "args: [")) == [])
    #expect(try rules(Self.whole.replacing("image: ghcr.io/acme/runner:1", with: "env: []")) == [])
    #expect(try rules("template: {spec: {containers: [{name: side, image: a, command: []}]}}") == [])
  }

  @Test func `a runner whose command or image is removed is known to cycle`() throws {
    #expect(try rules("template: {spec: {containers: [{name: runner, command: ~}]}}") == [.noCommand])
    #expect(try rules("template: {spec: {containers: [{name: runner, command: []}]}}") == [.noCommand])
    #expect(try rules("template: {spec: {containers: [{name: runner, image: ~}]}}") == [.podRefused])
  }

  @Test(arguments: ContainerMode.allCases) func `root is allowed, unless the file forbids it`(mode: ContainerMode)
    throws
  {
    let root = "template: {spec: {securityContext: {runAsUser: 0}"
    #expect(try rules(root + "}}", mode: mode) == [])
    let forbids = ", containers: [{name: runner, env: [{name: RUNNER_ALLOW_RUNASROOT, value: \"\"}]}]}}"
    #expect(try rules(root + forbids, mode: mode) == [.rootRefused])
  }

  @Test func `a work volume that job pods cannot share`() throws {
    let work = "template: {spec: {volumes: [{name: work, emptyDir: {}}]}}"
    #expect(try rules(work) == [.workClaim])
    #expect(try rules(work, mode: .dind) == [])
    #expect(try rules(work, mode: .cachedPrivilegedKubernetes) == [])
    #expect(try rules("template: {spec: {volumes: [{name: work, hostPath: {path: /w}}]}}") == [.workClaim])
    let claim = "template: {spec: {volumes: [{name: work, ephemeral: {volumeClaimTemplate: {spec: {}}}}]}}"
    #expect(try rules(claim) == [])
  }

  @Test func `Docker over TCP, where nothing listens there`() throws {
    let docker =
      "template: {spec: {containers: [{name: runner, env: [{name: DOCKER_HOST, value: \"tcp://localhost:2376\"}]}"
    #expect(try rules(docker + "]}}", mode: .dind) == [.dockerMissing])
    #expect(try rules(docker + "]}}") == [])
    let listening = ", {name: dind, image: \"docker:dind\", args: [dockerd, \"--host=tcp://0.0.0.0:2376\"]}]}}"
    #expect(try rules(docker + listening, mode: .dind) == [])
  }

  @Test func `caches in memory are told of before they are filled`() throws {
    let check = HostChecks.cachePlace(path: "/tmp/c", isInMemory: true, freeBytes: 1 << 30, totalBytes: 8 << 30)
    #expect(try rules(nil, checks: [check]) == [.cachePlace])
    #expect(try rules(nil, mode: .dind, checks: [check]) == [])
  }
}
