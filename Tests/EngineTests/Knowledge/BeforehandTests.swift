import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// What is known before anything is deployed.
@Suite struct BeforehandTests {
  private func rules(_ values: String?, mode: ContainerMode = .kubernetes, checks: [DoctorCheck] = []) throws
    -> [FindingRule]
  {
    let installation = try Installation(
      name: InstallationName("web"), target: GitHubTarget("https://github.com/acme/web"), mode: mode,
      caches: mode == .dind ? [] : [CachePath("/home/runner/.cache")], authentication: .token(.literal(Secret("t"))))
    return Diagnosis.beforehand(installation, values: values, checks: checks).map(\.rule)
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
    #expect(try rules("# command: containers: - name: work\nmaxRunners: 3") == [])
    #expect(try rules("template: {spec: {nodeSelector: {disk: ssd}}}") == [])
  }

  @Test func `a runner without command or image is known to cycle`() throws {
    #expect(try rules(Self.whole.replacing("command: [", with: "args: [")) == [.noCommand])
    #expect(try rules(Self.whole.replacing("image: ghcr.io/acme/runner:1", with: "env: []")) == [.podRefused])
  }

  @Test func `root, volumes of the mode, and Docker over TCP`() throws {
    let root = "template:\n  spec:\n    securityContext:\n      runAsUser: 0"
    #expect(try rules(root) == [.rootRefused])
    #expect(try rules(root, mode: .cachedPrivilegedKubernetes) == [])
    #expect(try rules(root + "\nenv: [{name: RUNNER_ALLOW_RUNASROOT, value: \"1\"}]") == [])
    let work = "template:\n  spec:\n    volumes:\n      - name: work\n        emptyDir: {}"
    #expect(try rules(work) == [.workClaim])
    #expect(try rules(work, mode: .dind) == [])
    let docker = "env:\n  - name: DOCKER_HOST\n    value: tcp://localhost:2376"
    #expect(try rules(docker, mode: .dind) == [.dockerMissing])
    #expect(try rules(docker) == [])
  }

  @Test func `caches in memory are told of before they are filled`() throws {
    let check = HostChecks.cachePlace(path: "/tmp/c", isInMemory: true, freeBytes: 1 << 30, totalBytes: 8 << 30)
    #expect(try rules(nil, checks: [check]) == [.cachePlace])
    #expect(try rules(nil, mode: .dind, checks: [check]) == [])
  }
}
