import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Kubernetes
@testable import Tools

/// Two concurrent changes of an installation.
@Suite struct InstallationMergeTests {
  static func installation(
    minimum: Int = 1, maximum: Int = 5, instances: Int = 1, caches: [String] = [], image: String? = nil,
    labels: [String] = [], mode: ContainerMode = .kubernetes, token: String = "ghp_0123456789abcdef"
  ) throws -> Installation {
    try Installation(
      name: InstallationName("web-ci"), target: GitHubTarget("https://github.com/acme/web"), mode: mode,
      runners: instances > 1 ? .one : RunnerCounts(minimum: minimum, maximum: maximum),
      caches: caches.map { text in try CachePath(text) }, instances: instances, image: image, labels: labels,
      authentication: .token(.literal(Secret(token))))
  }

  @Test func `different fields are joined`() throws {
    let merged = try InstallationMerge.merge(
      base: Self.installation(labels: ["gpu"]),
      mine: Self.installation(maximum: 6, labels: []),
      theirs: Self.installation(minimum: 2, caches: ["/c1"], image: "acme/runner:2", labels: ["gpu"], token: "ghp_new"))
    #expect(
      merged
        == (try Self.installation(
          minimum: 2, maximum: 6, caches: ["/c1"], image: "acme/runner:2", labels: [], token: "ghp_new")))
  }

  @Test func `the same change twice is no conflict`() throws {
    let merged = try InstallationMerge.merge(
      base: Self.installation(), mine: Self.installation(maximum: 6),
      theirs: Self.installation(maximum: 6, image: "a:1"))
    #expect(merged == (try Self.installation(maximum: 6, image: "a:1")))
  }

  @Test func `a conflict names the field both values and the command`() throws {
    let refusal = #expect(throws: EngineError.self) {
      try InstallationMerge.merge(
        base: Self.installation(), mine: Self.installation(maximum: 6, caches: ["/c1", "/c2"]),
        theirs: Self.installation(maximum: 8, caches: ["/c3"]))
    }
    #expect(refusal?.kind == .invalid)
    #expect(refusal?.why == "max runners: now 8 (was 5), wanted 6; caches: now /c3 (was none), wanted /c1, /c2")
    #expect(
      refusal?.fix == "To set it anyway: `deskrun edit web-ci --max-runners 6 --cache /c1 --cache /c2`")
  }

  @Test func `a conflict of credentials shows none`() throws {
    let refusal = #expect(throws: EngineError.self) {
      try InstallationMerge.merge(
        base: Self.installation(), mine: Self.installation(token: "mine-secret"),
        theirs: Self.installation(token: "their-secret"))
    }
    #expect(refusal?.why == "credentials: changed by both")
    #expect(refusal?.description.contains("secret") == false)
  }

  @Test func `changes that do not go together say what was changed`() throws {
    let refusal = #expect(throws: EngineError.self) {
      try InstallationMerge.merge(
        base: Self.installation(), mine: Self.installation(minimum: 4), theirs: Self.installation(maximum: 3))
    }
    #expect(refusal?.what.contains("the two changes conflict") == true)
    #expect(refusal?.why == "Changed meanwhile: maximum of runners: 5, not 3")
  }

  @Test func `counts do not vanish when instances were made meanwhile`() throws {
    let refusal = #expect(throws: EngineError.self) {
      try InstallationMerge.merge(
        base: Self.installation(), mine: Self.installation(maximum: 9), theirs: Self.installation(instances: 3))
    }
    #expect(refusal?.why?.contains("instances: now 3") == true)
    let other = try InstallationMerge.merge(
      base: Self.installation(), mine: Self.installation(image: "a:1"), theirs: Self.installation(instances: 3))
    #expect(other == (try Self.installation(instances: 3, image: "a:1")))
  }
}
