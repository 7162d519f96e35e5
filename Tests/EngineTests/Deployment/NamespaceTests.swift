import Foundation
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Tools

/// Installations in their own namespaces.
@Suite struct NamespaceTests {
  let home: PlanTests
  var cluster: FakeCluster { home.cluster }

  init() throws { home = try PlanTests() }

  private func installation(_ name: String = "web-ci", in namespace: String? = "ci", ca: String? = nil) throws
    -> Installation
  {
    var installation = try PlanTests.installation(name)
    if let namespace { try installation.settings.set(.namespace, [namespace]) }
    if let ca { try installation.settings.set(.certificates, [ca]) }
    return installation
  }

  private func namespaces() -> [String: String] {
    cluster.with { state in
      var found: [String: String] = [:]
      for (key, object) in state.objects {
        found[key] = object["metadata"]?["namespace"]?.stringValue
      }
      for (name, _) in state.releases { found["releases/\(name)"] = state.namespace(of: name) }
      return found
    }
  }

  @Test func `everything of an installation is in its namespace, and the controller in deskrun's own`() async throws {
    try await home.add(installation())
    let found = namespaces()
    for key in [
      "releases/web-ci", "secrets/web-ci-credentials", "autoscalingrunnersets/web-ci", "ephemeralrunners/web-ci-runner",
    ] { #expect(found[key] == "ci", "\(key): \(found)") }
    #expect(found["releases/\(ARCCharts.controllerRelease)"] == "arc-systems")
    #expect(cluster.with { $0.objects["namespaces/ci"] } != nil)
    #expect(try home.store.load().installation(named: InstallationName("web-ci"))?.namespace == "ci")
  }

  @Test func `the same again changes nothing, and up finds it there`() async throws {
    try await home.add(installation())
    let deployer = try home.deskrun()
    for plan in [try await deployer.planAdd(installation()), try await deployer.planUp()] {
      let events = try await home.run(plan, deployer)
      let changed = events.compactMap { event in
        if case .finished(let step, .changed, _) = event, !step.hasPrefix("listener/") { step } else { nil }
      }
      #expect(changed == [])
    }
  }

  @Test func `two installations live in two namespaces and are removed from theirs`() async throws {
    try await home.add(installation())
    try await home.add(installation("gpu-ci", in: nil))
    let deployer = try home.deskrun()
    let observed = try await deployer.observe()
    #expect(Set(observed.evidence.keys) == ["web-ci", "gpu-ci"])
    #expect(observed.evidence["web-ci"]?.namespace == "ci")
    try await home.run(try await deployer.planRemove(InstallationName("web-ci"), policy: .finishJobs), deployer)
    let left = namespaces().keys
    #expect(!left.contains { $0.contains("web-ci") }, "\(left)")
    #expect(left.contains("releases/gpu-ci"))
  }

  @Test func `one that the configuration has lost is found by its mark and can be removed`() async throws {
    try await home.add(installation())
    let deployer = try home.deskrun()
    let name = try InstallationName("web-ci")
    try await home.run(try deployer.planForget(name), deployer)
    #expect(try home.store.load().installation(named: name) == nil)
    try await home.run(try await deployer.planRemove(name, policy: .finishJobs), deployer)
    let left = namespaces().keys
    #expect(!left.contains { $0.contains("web-ci") }, "\(left)")
  }

  @Test func `a runner and a listener of it are deleted there`() async throws {
    try await home.add(installation())
    let deployer = try home.deskrun()
    cluster.with {
      $0.objects["ephemeralrunners/other"] = [
        "metadata": [
          "name": "other", "namespace": "arc-systems", "labels": ["actions.github.com/scale-set-name": "web-ci"],
        ]
      ]
    }
    try await home.run(try await deployer.planDeleteRunners(["web-ci-runner"], of: "ci/web-ci"), deployer)
    #expect(cluster.with { $0.objects["ephemeralrunners/web-ci-runner"] } == nil)
    #expect(cluster.with { $0.objects["ephemeralrunners/other"] } != nil)
    let restart = try await deployer.planRestartListener("web-ci-listener", scaleSet: "ci/web-ci")
    guard case .deleteObject(let listener)? = restart.steps.first?.action else {
      Issue.record("no deletion: \(restart)")
      return
    }
    #expect(listener.release.namespace == "ci" && listener.name == "web-ci-listener")
  }

  @Test func `others' of the same name in another namespace are refused with who deployed them`() async throws {
    try await home.add(installation())
    cluster.with {
      $0.objects["autoscalingrunnersets/theirs"] = [
        "metadata": [
          "name": "web-ci", "namespace": "team-a", "labels": ["argocd.argoproj.io/instance": "runners"],
        ], "spec": ["githubConfigUrl": "https://github.com/acme/web"],
      ]
    }
    let deployer = try home.deskrun()
    for plan in [
      { try await deployer.planDeleteRunners(["web-ci-x"], of: "team-a/web-ci") },
      { try await deployer.planRestartListener(nil, scaleSet: "team-a/web-ci") },
    ] {
      let error = await #expect(throws: EngineError.self) { _ = try await plan() }
      #expect(error?.kind == .invalid && error?.why?.contains("the Argo CD application runners") == true)
    }
  }

  @Test func `the namespaces of a cluster's installations are those of the configuration`() async throws {
    try await home.add(installation())
    let store = try home.store
    let own = try store.load().target
    #expect(store.namespaces(on: own) == ["ci"])
    #expect(store.namespaces(on: .existing(context: "elsewhere")) == [])
  }

  @Test func `runners are counted in all namespaces of the installations`() async throws {
    try await home.add(installation())
    try await home.add(installation("gpu-ci", in: nil))
    let toolbox = try home.deskrun().toolbox
    let configuration = try home.store.load()
    let summary = try await ClusterSummary.look(
      toolbox, configuration, owner: home.store.owner, limit: .seconds(60))
    #expect(summary.runners == 2 && summary.installations == 2)
  }

  @Test func `busy runners are known in every namespace`() async throws {
    try await home.add(installation())
    cluster.with { state in
      state.busy.insert("web-ci")
      if let values = state.releases["web-ci"]?.values { FakeCluster.bringUp("web-ci", values, &state) }
    }
    let plan = try await home.deskrun().planRemove(InstallationName("web-ci"), policy: .finishJobs)
    #expect(plan.busyRunners.map(\.name) == ["web-ci-runner"])
  }

  @Test func `runners do not move to another namespace`() async throws {
    try await home.add(installation())
    let deployer = try home.deskrun()
    let error = await #expect(throws: EngineError.self) {
      _ = try await deployer.planEdit(installation(in: "other"))
    }
    #expect(error?.what == "web-ci is in the namespace ci, and runners do not move")
  }

  @Test func `a scale set of that name in another namespace is not in the way`() async throws {
    try await home.add(installation())
    cluster.with { state in
      guard case .object(var set)? = state.objects["autoscalingrunnersets/web-ci"],
        case .object(var metadata)? = set["metadata"]
      else { return }
      (metadata["namespace"], metadata["labels"], metadata["annotations"]) = ("theirs", [:], [:])
      set["metadata"] = .object(metadata)
      state.objects["autoscalingrunnersets/theirs"] = .object(set)
    }
    let deployer = try home.deskrun()
    #expect(try await deployer.planUp().steps.contains { $0.id == "scale-set/web-ci" })
  }

  // MARK: Certificates

  private static func certificate(_ byte: UInt8) -> String {
    "-----BEGIN CERTIFICATE-----\n"
      + Data([0x30, 0x82, 0x01, 0x01] + Array(repeating: byte, count: 100)).base64EncodedString()
      + "\n-----END CERTIFICATE-----\n"
  }

  @Test func `certificates are in the cluster as long as the installation has them`() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/ca.pem"
    func write(_ byte: UInt8) throws { try Data(Self.certificate(byte).utf8).write(to: URL(fileURLWithPath: path)) }
    func kept() -> String? { cluster.with { $0.objects["configmaps/web-ci-ca"]?["data"]?["ca.crt"]?.stringValue } }
    let deployer = try home.deskrun()
    try write(1)
    try await home.add(installation(ca: path))
    #expect(kept() == Self.certificate(1))
    #expect(namespaces()["configmaps/web-ci-ca"] == "ci")
    // The controller reads them when it creates the listener.
    try write(2)
    cluster.with { $0.log = [] }
    try await home.run(try await deployer.planUp(), deployer)
    #expect(kept() == Self.certificate(2))
    #expect(cluster.with { $0.log.contains { $0.contains("delete autoscalinglisteners") } })
    try await home.run(try await deployer.planEdit(installation()), deployer)
    #expect(kept() == nil)
    #expect(cluster.with { $0.releases["web-ci"]?.values["githubServerTLS"] } == nil)
  }

  @Test func `a file that is missing is told before anything is changed`() async throws {
    let deployer = try home.deskrun()
    await #expect(throws: EngineError.self) { _ = try await deployer.planAdd(installation(ca: "/nowhere/ca.pem")) }
    #expect(cluster.with { $0.releases.isEmpty })
  }

  // MARK: Before anything is changed

  @Test func `a namespace that refuses the pods of a mode stops add and changes nothing`() async throws {
    try await home.add(installation("gpu-ci", in: nil))
    cluster.with { state in
      state.objects["resourcequotas/compute"] = [
        "metadata": ["name": "compute", "namespace": "ci"], "spec": ["hard": ["limits.memory": "8Gi"]],
      ]
    }
    let deployer = try home.deskrun()
    let error = await #expect(throws: EngineError.self) { _ = try await deployer.planAdd(installation()) }
    #expect(error?.what == "Pods must name limits.memory, and those of web-ci do not")
    #expect(cluster.with { $0.releases["web-ci"] } == nil)
    #expect(try home.store.load().installation(named: InstallationName("web-ci")) == nil)
  }

  @Test func `what is wrong with a deployed installation already does not keep it from being changed`() async throws {
    try await home.add(installation())
    cluster.with { state in
      state.objects["resourcequotas/compute"] = [
        "metadata": ["name": "compute", "namespace": "ci"], "spec": ["hard": ["limits.memory": "8Gi"]],
      ]
    }
    let deployer = try home.deskrun()
    var changed = try installation()
    changed.labels = ["gpu"]
    #expect(try await deployer.planEdit(changed).steps.contains { $0.id == "scale-set/web-ci" })
  }

  @Test func `the chart is asked before anything is changed`() async throws {
    try await home.add(installation("gpu-ci", in: nil))
    cluster.with {
      $0.refusesValues =
        "Error: execution error at (gha-runner-scale-set/templates/x.yaml:7:5): .Values.proxy: no such proxy"
    }
    let deployer = try home.deskrun()
    var wanted = try installation()
    try wanted.settings.set(.proxy, ["http://proxy:3128"])
    let plan = try await deployer.planAdd(wanted)
    await #expect(throws: EngineError.self) { try await home.run(plan, deployer) }
    #expect(cluster.with { $0.releases["web-ci"] } == nil)
    #expect(try home.store.load().installation(named: InstallationName("web-ci")) == nil)
  }
}
