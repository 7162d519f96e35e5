import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge

/// One scale set name on two clusters.
@Suite struct SharedScaleSetsTests {
  private func status(
    _ name: String, url: String, group: String? = nil, isLeaving: Bool = false, in namespace: String = "arc-systems",
    uid: String? = nil, application: String? = nil
  ) throws -> InstallationStatus {
    let uid = uid ?? String(UInt64.random(in: 0 ... .max))
    var metadata: JSONObject = ["name": .string(name), "namespace": .string(namespace), "uid": .string(uid)]
    metadata["labels"] =
      application.map { ["argocd.argoproj.io/instance": .string($0)] } ?? ["deskrun/installation": .string(name)]
    if isLeaving { metadata["deletionTimestamp"] = "2026-11-24T12:00:00Z" }
    var spec: JSONObject = ["githubConfigUrl": .string(url)]
    if let group { spec["runnerGroup"] = .string(group) }
    let set = ScaleSet(["metadata": .object(metadata), "spec": .object(spec)])
    let snapshot = Snapshot(takenAt: 0, controller: nil, scaleSets: [set], runners: [], pods: [])
    return try #require(InstallationStatus.joined([], snapshot).first)
  }

  private func conflicts(_ first: InstallationStatus, _ second: InstallationStatus) -> [SharedScaleSets.Conflict] {
    SharedScaleSets.conflicts([("kind-deskrun", [first]), ("prod", [second])])
  }

  @Test func `each of two names the other cluster`() throws {
    let found = conflicts(
      try status("web-ci", url: "https://github.com/acme/web"),
      try status("web-ci", url: "https://github.com/Acme/web/"))
    #expect(found.map(\.cluster) == [0, 1] && found.map(\.other) == [1, 0])
    #expect(found[0].finding.title.contains("the cluster prod has a scale set web-ci"))
    #expect(found[1].finding.title.contains("the cluster kind-deskrun has a scale set web-ci"))
    #expect(found.allSatisfy { $0.finding.rule == .listenerConflict && $0.finding.severity == .bad })
  }

  @Test func `of an organization another runner group helps too`() throws {
    let (repository, organization) = ("https://github.com/acme/web", "https://github.com/acme")
    let own = conflicts(try status("ci", url: repository), try status("ci", url: repository))
    #expect(own.allSatisfy { !$0.finding.remedy.contains("--runner-group") })
    let shared = conflicts(try status("ci", url: organization), try status("ci", url: organization))
    #expect(shared.allSatisfy { $0.finding.remedy.contains("--runner-group") })
    #expect(shared.allSatisfy { $0.finding.remedy.contains("another name") })
  }

  @Test func `another URL, another runner group and one that is being removed are no conflict`() throws {
    let url = "https://github.com/acme"
    let one = try status("ci", url: url)
    #expect(conflicts(one, try status("ci", url: "https://github.com/other")).isEmpty)
    #expect(conflicts(one, try status("ci", url: "https://github.example.com/acme")).isEmpty)
    #expect(conflicts(one, try status("other", url: url)).isEmpty)
    #expect(conflicts(one, try status("ci", url: url, group: "lab")).isEmpty)
    #expect(conflicts(one, try status("ci", url: url, isLeaving: true)).isEmpty)
    #expect(SharedScaleSets.conflicts([("prod", [one])]).isEmpty)
  }

  @Test func `one that others deployed in another namespace conflicts too, and each side is told who can rename it`()
    throws
  {
    let url = "https://github.com/acme"
    let found = conflicts(
      try status("gpu-ci", url: url), try status("gpu-ci", url: url, in: "team-a", application: "runners"))
    #expect(found.map(\.cluster) == [0, 1] && found.map(\.otherName) == ["team-a/gpu-ci", "gpu-ci"])
    let (own, foreign) = (found[0].finding, found[1].finding)
    #expect(!own.isForeign && own.title.contains("the cluster prod has a scale set team-a/gpu-ci"))
    #expect(foreign.isForeign && foreign.installation == "team-a/gpu-ci" && foreign.action == nil)
    for finding in [own, foreign] {
      #expect(finding.remedy.contains("remove gpu-ci on kind-deskrun"))
      #expect(finding.remedy.contains("rename team-a/gpu-ci on prod, which the Argo CD application runners deployed"))
      #expect(finding.remedy.contains("deskrun edit gpu-ci --runner-group"))
    }
    let neither = conflicts(
      try status("gpu-ci", url: url, in: "team-b", application: "one"),
      try status("gpu-ci", url: url, in: "team-a", application: "two"))
    #expect(
      neither.count == 2 && neither.allSatisfy { $0.finding.isForeign && !$0.finding.remedy.contains("deskrun edit") })
  }

  @Test func `two contexts for one cluster are no conflict`() throws {
    let url = "https://github.com/acme/web"
    let one = try status("web-ci", url: url, uid: "4f6c")
    #expect(conflicts(one, one).isEmpty)
    let third = try status("web-ci", url: url)
    let found = SharedScaleSets.conflicts([("admin", [one]), ("user", [one]), ("prod", [third])])
    #expect(found.map(\.other) == [2, 2, 0])
  }

  @Test func `what others have to fix comes after one's own`() throws {
    let url = "https://github.com/acme/web"
    let foreign = conflicts(
      try status("web-ci", url: url, application: "one"), try status("web-ci", url: url, application: "two"))[0].finding
    let own = Finding(.atLimit, "gpu-ci", .warning, "at its limit", remedy: "Raise it")
    #expect(SharedScaleSets.joined([own], [foreign]).map(\.isForeign) == [false, true])
  }

  @Test func `what a listener heard of it is kept with the name of the other cluster`() throws {
    let url = "https://github.com/acme/web"
    let conflict = conflicts(try status("web-ci", url: url), try status("web-ci", url: url))[0].finding
    let heard = Finding(
      .listenerConflict, "web-ci", .bad, "web-ci: another listener has a session", evidence: ["409 Conflict"],
      remedy: "Wait")
    let warning = Finding(.disk, nil, .warning, "disk", remedy: "Free some")
    let joined = SharedScaleSets.joined([heard, warning], [conflict])
    #expect(joined.map(\.rule) == [.listenerConflict, .disk])
    #expect(joined[0].title == conflict.title && joined[0].evidence.contains("409 Conflict"))
    #expect(SharedScaleSets.joined([heard, warning], []) == [heard, warning])
  }
}
