import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Tools

/// Installations of one name on several clusters, in the configuration and its file.
@Suite struct SecondPlaceTests {
  private let lab = ClusterTarget.existing(context: "lab")
  private let prod = ClusterTarget.existing(context: "prod")

  private func installation(
    _ name: String = "web", url: String = "https://github.com/acme", group: String? = nil, instances: Int = 1
  ) throws -> Installation {
    var settings = PodSettings()
    settings.runnerGroup = group
    return try Installation(
      name: InstallationName(name), target: GitHubTarget(url), runners: instances > 1 ? .one : .standard,
      instances: instances, authentication: .token(.literal(Secret("ghp_0123456789abcdef"))), settings: settings)
  }

  private func add(_ installation: Installation, on target: ClusterTarget, to configuration: inout Configuration) {
    var named = configuration.named(installation, on: target)
    named.place = configuration.place(on: target)
    configuration.set(named)
  }

  private func both() throws -> Configuration {
    var configuration = Configuration()
    add(try installation(), on: lab, to: &configuration)
    add(try installation(group: "other"), on: prod, to: &configuration)
    return configuration
  }

  @Test func `the second is in the entry of the first, which the earlier program reads`() throws {
    let configuration = try both()
    #expect(configuration.installations.map(\.name.description) == ["web", "web@prod"])
    let entries = try #require(configuration.json["installations"]?.objectValue)
    #expect(entries.keys == ["web"])
    #expect(entries["web"]?["Context"] == "lab" && entries["web"]?["Places"]?["prod"]?["Context"] == "prod")
    #expect(entries["web"]?["Places"]?["prod"]?["Name"] == "web")
    let again = try Configuration(document: configuration.json)
    #expect(again == configuration && again.unreadable.isEmpty)
    #expect(again.on(prod).installations.map(\.name.plain) == ["web"])
    #expect(again.on(prod).installations.first?.scaleSets.map(\.name) == ["web"])
    #expect(again.on(lab).installations.map(\.name.description) == ["web"])
  }

  @Test func `each keeps what is noted of it, and keys that are not known`() throws {
    var configuration = try both()
    let second = try InstallationName(reference: "web@prod")
    configuration.noteIdentity(of: second, ClusterIdentity(uid: "b", server: nil))
    configuration.noteDeployment(of: second, hasBegun: false)
    #expect(configuration.identity(of: second)?.uid == "b" && configuration.isUndeployed(second))
    let first = try InstallationName("web")
    #expect(configuration.identity(of: first) == nil && !configuration.isUndeployed(first))
    var document = try #require(configuration.json.objectValue)
    var entries = try #require(document["installations"]?.objectValue)
    var entry = try #require(entries["web"]?.objectValue)
    entry["Later"] = 1
    var places = try #require(entry["Places"]?.objectValue)
    var place = try #require(places["prod"]?.objectValue)
    place["Later"] = 2
    places["prod"] = .object(place)
    entry["Places"] = .object(places)
    entries["web"] = .object(entry)
    document["installations"] = .object(entries)
    var read = try Configuration(document: .object(document))
    for name in [first, second] { read.set(try #require(read.installation(named: name))) }
    #expect(read.json["installations"]?["web"]?["Later"] == 1)
    #expect(read.json["installations"]?["web"]?["Places"]?["prod"]?["Later"] == 2)
    #expect(read.json == .object(document))
  }

  @Test func `where the first is removed the second has its name, and nothing else of it is lost`() throws {
    var configuration = try both()
    add(try installation(group: "third"), on: .existing(context: "lab/3"), to: &configuration)
    #expect(configuration.installations.map(\.name.description) == ["web", "web@lab-3", "web@prod"])
    let second = try InstallationName(reference: "web@prod")
    configuration.noteIdentity(of: second, ClusterIdentity(uid: "b", server: nil))
    let first = try InstallationName("web")
    #expect(configuration.renaming(byRemoving: "web") == ["web@prod is called web from then on"])
    #expect(configuration.renaming(byRemoving: "web@prod").isEmpty)
    let isRemoved = configuration.remove(first)
    #expect(isRemoved)
    #expect(configuration.installations.map(\.name.description).sorted() == ["web", "web@lab-3"])
    #expect(configuration.installation(named: first)?.place?.context == "prod")
    #expect(configuration.identity(of: first)?.uid == "b")
    let again = try Configuration(document: configuration.json)
    #expect(Set(again.installations.map(\.name)) == Set(configuration.installations.map(\.name)))
    #expect(again.json["installations"]?["web"]?["Places"]?.objectValue?.keys == ["lab-3"])
    let third = configuration.remove(try InstallationName(reference: "web@lab-3"))
    #expect(third)
    #expect(configuration.json["installations"]?["web"]?["Places"] == nil)
    _ = configuration.remove(first)
    #expect(configuration.installations.isEmpty)
  }

  @Test func `a place that cannot be read is told of, kept, and leaves the first as it is`() throws {
    let document = try JSONValue(
      parsing: """
        {"installations": {"web": {"Name": "web", "Repository": "https://github.com/acme", "AuthValue": "t",
          "Places": {"prod": {"Repository": 3}}},
          "api": {"Name": "api", "Repository": "https://github.com/acme", "AuthValue": "t", "Places": []}}}
        """)
    var configuration = try Configuration(document: document)
    #expect(configuration.installations.map(\.name.description) == ["web"])
    #expect(configuration.unreadable.map(\.name) == ["api", "web@prod"])
    configuration.set(try #require(configuration.installations.first))
    #expect(configuration.json["installations"]?["web"]?["Places"]?["prod"]?["Repository"] == 3)
    #expect(configuration.json["installations"]?["api"]?["Places"] == [])
    _ = configuration.removeUnreadable("web@prod")
    #expect(configuration.unreadable.map(\.name) == ["api"])
    #expect(configuration.json["installations"]?["web"]?["Places"] == nil)
  }

  @Test func `two of one name on one cluster are not both used`() throws {
    var configuration = try both()
    // As in a file that was changed by hand.
    configuration.notePlace(of: try InstallationName(reference: "web@prod"), ClusterPlace(context: "lab"))
    let read = try Configuration(document: configuration.json)
    #expect(read.installations.map(\.name.description) == ["web"])
    #expect(read.unreadable.map(\.name) == ["web@prod"])
    #expect(read.unreadable.first?.problem.why == "it is on lab, where web is already")
    #expect(read.json == configuration.json)
  }

  @Test func `rubbish beside a place does not take its position`() throws {
    let document = try JSONValue(
      parsing: """
        {"installations": {"web": {"Name": "web", "Repository": "https://github.com/acme", "AuthValue": "t",
          "Places": {"x": 5, "prod": {"Repository": "https://github.com/acme", "AuthValue": "t", "Context": "prod"}}},
          "api": {"Name": "api", "Repository": "https://github.com/acme", "AuthValue": "t", "Places": null}}}
        """)
    var configuration = try Configuration(document: document)
    #expect(configuration.installations.map(\.name.description) == ["api", "web", "web@prod"])
    _ = configuration.remove(try InstallationName("web"))
    #expect(configuration.installations.map(\.place?.context) == [nil, "prod"])
    #expect(configuration.json["installations"]?["web"]?["Places"]?["x"] == 5)
    #expect(Configuration.names(in: document) == ["web", "web@x", "web@prod", "api"])
  }

  @Test func `a name alone means the first, and NAME@CONTEXT the one on that cluster`() throws {
    let configuration = try both()
    #expect(configuration.all.named("web")?.place?.context == "lab")
    #expect(configuration.all.named("web@lab")?.place?.context == "lab")
    #expect(configuration.all.named("web@prod")?.place?.context == "prod")
    #expect(configuration.on(prod).installations.named("web")?.name.description == "web@prod")
    #expect(configuration.on(prod).installations.named("arc-systems/web")?.name.description == "web@prod")
    #expect(configuration.target(named: "web@prod") == prod && configuration.target(named: "web@nope") == nil)
    #expect(InstallationName.place(ofContext: "arn:aws:eks:eu:1:cluster/p $x") == "arn:aws:eks:eu:1:cluster-p--x")
    #expect(throws: EngineError.self) { _ = try InstallationName("web@prod") }
    for text in ["web@", "@prod", "web@a b", "We@prod", "arc@"] {
      #expect(throws: EngineError.self) { _ = try InstallationName(reference: text) }
    }
  }

  @Test func `two contexts that differ only in what a name cannot have get different names`() throws {
    var configuration = try both()
    add(try installation(group: "a"), on: .existing(context: "x/y"), to: &configuration)
    add(try installation(group: "b"), on: .existing(context: "x y"), to: &configuration)
    #expect(Set(configuration.installations.map(\.name.description)) == ["web", "web@prod", "web@x-y", "web@x-y-2"])
    // Adding again is the same installation.
    #expect(
      configuration.named(try installation(), on: .existing(context: "x y")).name.description == "web@x-y-2")
  }

  @Test func `GitHub must be able to tell scale sets of one name apart`() throws {
    let configuration = try both()
    func refused(_ installation: Installation, on target: ClusterTarget) -> EngineError? {
      var named = configuration.named(installation, on: target)
      named.place = configuration.place(on: target)
      do throws(EngineError) { try configuration.refuseCollision(of: named) } catch { return error }
      return nil
    }
    let gke = ClusterTarget.existing(context: "gke")
    let same = try #require(refused(installation(), on: gke))
    #expect(same.what.contains("lab") && same.fix?.contains("--runner-group GROUP") == true, "\(same)")
    #expect(refused(try installation(group: "Other"), on: gke)?.what.contains("prod") == true)
    #expect(refused(try installation(group: "third"), on: gke) == nil)
    let other = try installation(url: "https://github.com/else")
    #expect(refused(other, on: gke) == nil)
    // Instances are scale sets of their own.
    var more = configuration
    add(try installation("api-1"), on: lab, to: &more)
    let instances = try installation("api", instances: 2)
    #expect(throws: EngineError.self) { try more.refuseCollision(of: instances) }
    // A repository has a single runner group.
    var single = Configuration()
    add(try installation(url: "https://github.com/acme/web"), on: lab, to: &single)
    let second = try installation(url: "https://github.com/acme/WEB")
    do {
      try single.refuseCollision(of: single.named(second, on: gke))
      Issue.record("accepted")
    } catch { #expect(error.fix?.contains("single runner group") == true && error.fix?.contains("--label") == true) }
  }
}
