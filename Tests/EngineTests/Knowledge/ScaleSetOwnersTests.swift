import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// The owners of the scale sets in the cluster.
@Suite struct ScaleSetOwnersTests {
  private func installation(_ name: String, instances: Int = 1) throws -> Installation {
    try Installation(
      name: InstallationName(name), target: GitHubTarget("https://github.com/acme/\(name)"), instances: instances,
      authentication: .token(.literal(Secret("t"))))
  }

  private func set(_ name: String, release: String? = nil, mark: String? = nil) -> ScaleSet {
    ScaleSet([
      "metadata": [
        "name": .string(name), "namespace": .string(ClusterTarget.namespace),
        "annotations": release.map { ["meta.helm.sh/release-name": .string($0)] } ?? [:],
        "labels": mark.map { ["deskrun/installation": .string($0)] } ?? [:],
      ],
      "spec": ["githubConfigUrl": "https://github.com/acme/web"],
    ])
  }

  @Test func `an installation is found under the name its release gave the scale set`() throws {
    let owners = ScaleSetOwners([try installation("web")], [set("arc-x64", release: "web", mark: "web")])
    // Jobs that ran before it was renamed belong to it too.
    #expect(owners.names(of: "web") == ["arc-x64", "web"])
    #expect(owners.names(of: "arc-x64") == nil)
    #expect(owners.installation(ofScaleSet: "arc-x64")?.name.description == "web")
    #expect(owners.unconfigured == [])
  }

  @Test func `what is not deployed is looked for under its configured names`() throws {
    let owners = ScaleSetOwners(
      [try installation("web", instances: 3)], [set("gpu", release: "web-2"), set("web-1", release: "web-1")])
    #expect(owners.names(of: "web") == ["web-1", "gpu", "web-2", "web-3"])
    #expect(owners.sets(of: try installation("web", instances: 3)).map(\.metadata.name) == ["gpu", "web-1"])
  }

  @Test func `a name that another installation's scale set has is not looked for`() throws {
    // Two that swapped their names.
    let owners = ScaleSetOwners(
      [try installation("a"), try installation("b")], [set("b", release: "a"), set("a", release: "b")])
    #expect(owners.names(of: "a") == ["b"])
    #expect(owners.names(of: "b") == ["a"])
    #expect(owners.installation(ofScaleSet: "b")?.name.description == "a")
  }

  @Test func `what only the cluster has goes by its own name`() throws {
    let owners = ScaleSetOwners([try installation("web")], [set("other", release: "theirs"), set("old", mark: "old")])
    #expect(owners.unconfigured.map(\.metadata.name) == ["old", "other"])
    #expect(owners.names(of: "other") == ["other"])
    #expect(owners.names(of: "theirs") == nil)
    #expect(owners.installation(ofScaleSet: "other") == nil)
    #expect(owners.allNames == ["web", "other", "old"])
  }

  @Test func `an event belongs to the scale set with the longest name that fits`() {
    func event(_ object: String) -> KubeEvent {
      KubeEvent(["involvedObject": ["kind": "Pod", "name": .string(object)]])
    }
    let names: Set<String> = ["web", "web-ci"]
    #expect(event("web-ci-x7k2p-runner-9fk2c").scaleSet(among: names) == "web-ci")
    #expect(event("web-x7k2p-runner-9fk2c").scaleSet(among: names) == "web")
    #expect(event("web").scaleSet(among: names) == "web")
    #expect(event("website-1").scaleSet(among: names) == nil)
    #expect(event("").scaleSet(among: names) == nil)
  }
}
