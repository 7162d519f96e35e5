import ARCTestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// Findings about scale sets that this deskrun did not deploy.
@Suite struct OthersFindingsTests {
  private static let now: Int64 = 1_795_521_600
  private static let identity = "0123456789abcdef"

  private func knowledge(
    labels: [String: String] = [:], annotations: [String: String] = [:], in namespace: String = "team-a",
    registered: Bool = true, _ configuration: Configuration = Configuration()
  ) -> ClusterKnowledge {
    var object = NamespacedCluster.scaleSet("ci", in: namespace, labels: labels, annotations: annotations).encoded()
    if !registered { object = object.replacing(#""runner-scale-set-id":"7""#, with: #""x":"y""#) }
    let set = ScaleSet((try? JSONValue(parsing: object)) ?? [:])
    var controller = ControllerState(version: "0.14.2", isReady: true)
    controller.namespace = "arc-systems"
    let snapshot = Snapshot(takenAt: Self.now, controller: controller, scaleSets: [set], runners: [], pods: [])
    var known = ClusterKnowledge(place: ClusterPlace(context: "prod"), identity: Self.identity)
    known.take(.configuration(.success(configuration)), at: Self.now)
    known.take(
      .observed(ClusterObservation(cluster: .ready(version: "v1"), snapshot: snapshot, heardAt: Self.now)), at: Self.now
    )
    // A missing listener becomes a finding after a while.
    known.take(
      .observed(ClusterObservation(cluster: .ready(version: "v1"), snapshot: snapshot, heardAt: Self.now + 90)),
      at: Self.now + 90)
    return known
  }

  @Test func `what is wrong with them is told, and deskrun offers no change`() throws {
    let known = knowledge(annotations: ["argocd.argoproj.io/tracking-id": "runners:x/y:team-a/ci"])
    let finding = try #require(known.findings.first { $0.rule == .listenerMissing })
    #expect(finding.installation == "team-a/ci" && finding.isForeign)
    #expect(finding.action == nil)
    #expect(finding.remedy.contains("the Argo CD application runners"))
    #expect(known.statuses.map(\.isForeign) == [true])
  }

  @Test func `that they exist is no finding`() throws {
    let mark = ["deskrun/installation": "ci", "deskrun/owner": "fedcba9876543210"]
    for known in [knowledge(), knowledge(labels: mark, in: "arc-systems")] {
      #expect(!known.findings.contains { $0.rule == .notConfigured })
    }
    #expect(knowledge(labels: mark).statuses.first?.manager == .deskrun(identity: "fedcba9876543210"))
  }

  /// It may be elsewhere in the configuration, in which case neither helm nor another context is the right advice.
  @Test func `another deskrun's scale set of a configured name is left to that deskrun`() throws {
    var configuration = Configuration()
    var elsewhere = try Installation(
      name: InstallationName("ci"), target: GitHubTarget("https://github.com/acme/web"),
      authentication: .token(.literal(Secret("t"))))
    elsewhere.place = ClusterPlace(context: "other")
    configuration.set(elsewhere)
    let here = configuration.on(.existing(context: "prod"))
    let mark = ["deskrun/installation": "ci", "deskrun/owner": "fedcba9876543210"]
    let known = knowledge(labels: mark, in: "arc-systems", here)
    for finding in known.findings where finding.installation == "ci" {
      #expect(finding.action == nil && finding.isForeign)
      #expect(!finding.remedy.contains("helm") && !finding.remedy.contains("--context"))
      #expect(finding.remedy.contains("another deskrun (identity fedcba9876543210)"))
    }
    #expect(known.findings.contains { $0.installation == "ci" })
  }

  @Test func `what this deskrun deployed and no longer configures can be removed`() throws {
    let known = knowledge(
      labels: ["deskrun/installation": "ci", "deskrun/owner": Self.identity], in: "arc-systems")
    let finding = try #require(known.findings.first { $0.rule == .notConfigured })
    #expect(finding.action == .remove && !finding.isForeign)
  }

  /// A forbidden request is not repeated each time something looks unusual.
  @Test func `neither events nor logs are looked for where they may not be read`() throws {
    let set = ScaleSet(NamespacedCluster.scaleSet("ci", in: "team-a"))
    var snapshot = Snapshot(takenAt: Self.now, controller: nil, scaleSets: [set], runners: [], pods: [])
    var limits = ReadingLimits(error: EngineError(.unauthorized, "The cluster does not allow this", why: "forbidden"))
    (limits.namespaces, limits.hidesController, limits.hidesListeners) = (["team-a"], true, true)
    (snapshot.limits, snapshot.listenersProblem) = (limits, limits.error)
    #expect(snapshot.eventNamespaces == ["team-a"])
    #expect(snapshot.unexplained.isEmpty)
    var configuration = Configuration()
    configuration.set(
      try Installation(
        name: InstallationName("web"), target: GitHubTarget("https://github.com/acme/web"),
        authentication: .token(.literal(Secret("t")))))
    var known = ClusterKnowledge(place: ClusterPlace(context: "work"), identity: Self.identity)
    known.take(.configuration(.success(configuration)), at: Self.now)
    let observation = ClusterObservation(cluster: .ready(version: "v1"), snapshot: snapshot, heardAt: Self.now)
    let requests = known.take(.observed(observation), at: Self.now).questions.compactMap { question in
      if case .gathering(let request) = question { request } else { nil }
    }
    // Installations in other namespaces cause one request, where it is permitted.
    #expect(requests.allSatisfy { $0.namespaces == ["team-a"] && !$0.needsController })
    #expect(!requests.isEmpty)
  }

  @Test func `an installation that cannot be seen is not said to be missing`() throws {
    var configuration = Configuration()
    configuration.set(
      try Installation(
        name: InstallationName("web"), target: GitHubTarget("https://github.com/acme/web"),
        authentication: .token(.literal(Secret("t")))))
    var known = knowledge(configuration)
    #expect(known.findings.contains { $0.rule == .notDeployed && $0.installation == "web" })
    var observation = try #require(known.observation)
    var limits = ReadingLimits(error: EngineError(.unauthorized, "The cluster does not allow this", why: "forbidden"))
    limits.namespaces = ["team-a"]
    observation.snapshot?.limits = limits
    known.take(.observed(observation), at: Self.now + 91)
    #expect(!known.findings.contains { $0.rule == .notDeployed })
    #expect(known.gaps().filter { if case .rights = $0 { true } else { false } }.count == 1)
  }
}
