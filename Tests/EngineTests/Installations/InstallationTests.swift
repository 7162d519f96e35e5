import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Kubernetes
@testable import Tools

@Suite struct InstallationTests {
  func make(
    mode: ContainerMode = .kubernetes, runners: RunnerCounts = .standard, caches: [String] = [], mounts: [String] = [],
    instances: Int = 1, name: String = "ci", labels: [String] = [], image: String? = nil,
    url: String = "https://github.com/acme/web",
    authentication: Authentication = .token(.literal(Secret("ghp_0123456789abcdef")))
  ) throws -> Installation {
    try Installation(
      name: InstallationName(name), target: GitHubTarget(url), mode: mode, runners: runners,
      caches: caches.map { text in try CachePath(text) }, mounts: mounts.map { text in try Mount(text) },
      instances: instances, image: image, labels: labels, authentication: authentication)
  }

  @Test(arguments: [
    "/root/.cache", "/nix/store", "/var/lib/docker", "/home/runner/.cache", "/usr/local/share/cache", "/opt/tools",
    "/tmp/build", "/data", "/host/dir:/data",
  ])
  func `useful caches`(path: String) throws { _ = try CachePath(path) }

  @Test(arguments: [
    "relative", "/", "/bin", "/usr", "/usr/lib", "/lib64", "/etc", "/etc/ssl", "/proc", "/sys/fs", "/dev/shm",
    "/home/runner", "/home/runner/_work", "/home/runner/externals/x", "/home/runner/bin", "/home/runner/run.sh",
    "/var/lib",
    "/github", "/__e", "/var/run", "/run/x", "/root",
    "/a/../etc", "/data:/etc", "rel:/data", "/:/data", "/a:/b:/c", "", "/a,b",
  ])
  func `dangerous caches`(path: String) {
    #expect {
      try CachePath(path)
    } throws: { ($0 as? EngineError)?.kind == .invalid && ($0 as? EngineError)?.fix != nil }
  }

  @Test func `paths are made plain`() throws {
    #expect(try CachePath("/root//.cache/./x/").target == "/root/.cache/x")
    #expect(try CachePath("~/c:/data", home: "/home/me").source == "/home/me/c")
  }

  @Test func `the nix store is allowed with a warning`() throws {
    let warnings = try make(mode: .cachedPrivilegedKubernetes, caches: ["/nix/store"]).warnings
    #expect(warnings.count == 1)
    #expect(warnings.first?.contains("/nix/store") == true)
    #expect(try make(mode: .cachedPrivilegedKubernetes, caches: ["/root/.cache/nix"]).warnings.isEmpty)
  }

  @Test func mounts() throws {
    let socket = try Mount("/var/run/docker.sock:/var/run/docker.sock:socket")
    #expect(socket.kind == .socket)
    #expect(try Mount("/data").source == "/data")
    #expect(throws: EngineError.self) { try Mount("/a:/b:Pipe") }
    #expect(throws: EngineError.self) { try Mount("/a:/var/run/x") }
  }

  @Test func `targets stand once`() {
    #expect(throws: EngineError.self) { try make(caches: ["/data", "/x:/data"]) }
    #expect(throws: EngineError.self) { try make(caches: ["/data"], mounts: ["/y:/data"]) }
  }

  @Test func `one daemon each directory`() throws {
    #expect {
      try make(mode: .dind, caches: ["/var/lib/docker"])
    } throws: { ($0 as? EngineError)?.fix?.contains("--max-runners 1") == true }
    _ = try make(mode: .dind, runners: .one, caches: ["/var/lib/docker"])
    _ = try make(mode: .dind, caches: ["/var/lib/docker"], instances: 3)
    _ = try make(mode: .dind, caches: ["/root/.cache"])
  }

  @Test func `a chosen directory is shared by all instances`() throws {
    for (caches, mounts) in [(["/srv/d:/var/lib/docker"], []), ([], ["/srv/d:/var/lib/docker"])]
      as [([String], [String])]
    {
      #expect {
        try make(mode: .dind, caches: caches, mounts: mounts, instances: 3)
      } throws: { ($0 as? EngineError)?.why?.contains("Docker daemon") == true }
      #expect {
        try make(mode: .dind, caches: caches, mounts: mounts)
      } throws: { ($0 as? EngineError)?.fix?.contains("--instances") == false }
      _ = try make(mode: .dind, runners: .one, caches: caches, mounts: mounts)
    }
  }

  @Test func `nested daemons of privileged jobs are warned of`() throws {
    let mode = ContainerMode.cachedPrivilegedKubernetes
    let shared = try make(mode: mode, caches: ["/var/lib/docker"]).warnings
    #expect(shared.count == 1 && shared.first?.contains("/var/lib/docker") == true)
    #expect(try make(mode: mode, runners: .one, caches: ["/var/lib/docker"]).warnings.isEmpty)
    #expect(try make(mode: mode, caches: ["/var/lib/docker"], instances: 3).warnings.isEmpty)
    #expect(try make(mode: mode, caches: ["/s:/var/lib/docker"], instances: 3).warnings.count == 1)
  }

  @Test(arguments: ["/var/run/docker.sock", "/run/docker.sock"])
  func `the socket of the daemon beside the runner is its own`(target: String) throws {
    let mount = "/var/run/docker.sock:\(target):Socket"
    #expect {
      try make(mode: .dind, mounts: [mount])
    } throws: { ($0 as? EngineError)?.what.contains(target) == true }
    _ = try make(mode: .kubernetes, mounts: [mount])
    _ = try make(mode: .dind, mounts: ["/var/run/other.sock:/var/run/other.sock:Socket"])
  }

  @Test func `what the node needs itself is not mounted over`() {
    for path in ["/opt", "/opt/cni", "/lib32", "/host-mounts/x"] {
      #expect(CacheLocation.nodePath(forHost: path, cacheRoot: "/c") == "/host-mounts" + path)
    }
    #expect(CacheLocation.nodePath(forHost: "/optional", cacheRoot: "/c") == "/optional")
    #expect(CacheLocation.nodePath(forHost: "/c/x", cacheRoot: "/c") == "/host-cache/deskrun/x")
  }

  @Test(arguments: [(-1, 5), (0, 0), (6, 5), (1, 10_001)])
  func `impossible counts`(minimum: Int, maximum: Int) {
    #expect(throws: EngineError.self) { try RunnerCounts(minimum: minimum, maximum: maximum) }
  }

  @Test func `counts are numbers`() throws {
    #expect(try RunnerCounts.count(" 3 ", field: "--max-runners") == 3)
    #expect {
      try RunnerCounts.count("three", field: "--max-runners")
    } throws: { ($0 as? EngineError)?.what == "--max-runners must be a number, not \"three\"" }
  }

  @Test func instances() throws {
    #expect(try make(instances: 3).scaleSets.map(\.name) == ["ci-1", "ci-2", "ci-3"])
    #expect(try make(instances: 3).scaleSets.allSatisfy { $0.runners == .one })
    #expect(try make().scaleSets.map(\.name) == ["ci"])
    #expect(throws: EngineError.self) { try make(instances: 0) }
    #expect(throws: EngineError.self) { try make(instances: 2, name: String(repeating: "a", count: 44)) }
    _ = try make(instances: 2, name: String(repeating: "a", count: 43))
  }

  @Test(arguments: [[""], ["a b"], ["a,b"], ["x", "X"], [String(repeating: "l", count: 256)]])
  func `bad labels`(labels: [String]) { #expect(throws: EngineError.self) { try make(labels: labels) } }

  @Test(arguments: ["", "http://x/y", "a b", "-x", "x:", "/x", "\"x\""])
  func `bad images`(image: String) { #expect(throws: EngineError.self) { try make(image: image) } }

  @Test func `an enterprise takes tokens alone`() throws {
    let app = Authentication.app(id: "1", installationID: "2", key: .file("/k"))
    #expect(throws: EngineError.self) { try make(url: "https://github.com/enterprises/big", authentication: app) }
    _ = try make(url: "https://github.com/acme", authentication: app)
  }

  @Test func `caches lie where the README says`() throws {
    let installation = try make(mode: .kubernetes, caches: ["/root/.cache", "/srv/c:/data"], mounts: ["/tmp/s:/s"])
    let onKind = CacheLocation.volumes(
      of: installation, scaleSet: "ci", isKind: true, cacheRoot: "/home/me/.cache/deskrun")
    #expect(onKind.map(\.nodePath) == ["/host-cache/deskrun/ci/cache-0", "/srv/c", "/host-mounts/tmp/s"])
    let elsewhere = CacheLocation.volumes(of: installation, scaleSet: "ci", isKind: false, cacheRoot: "/x")
    #expect(elsewhere.map(\.nodePath) == ["/tmp/github-runner-cache/ci/cache-0", "/srv/c", "/tmp/s"])
    let mounts = CacheLocation.nodeMounts(for: [installation], cacheRoot: "/home/me/.cache/deskrun")
    #expect(mounts.map(\.hostPath) == ["/home/me/.cache/deskrun", "/srv/c", "/tmp/s"])
    for path in onKind.compactMap(\.nodePath) {
      #expect(mounts.contains { HostPath.isAtOrBelow(path, $0.nodePath) }, "\(path) is seen by nobody")
    }
  }
}
