import ARC
import Basics
import Tools

/// Reads the evidence of who owns the objects in a cluster. A failed read is an error, never an absence: a plan must
/// not take over objects that it could not see.
struct OwnershipReader: Sendable {
  package let toolbox: Toolbox
  /// The identity of the configuration.
  package let owner: String

  /// The scale sets in all namespaces. Empty if ARC is not installed.
  package func scaleSets() async throws -> [DeployedScaleSet] {
    try await list("/apis/actions.github.com/v1alpha1/autoscalingrunnersets").compactMap(DeployedScaleSet.init)
  }

  /// The controllers in all namespaces: a second one in any namespace would compete for the same objects.
  func controllers() async throws -> [FoundController] {
    var found = try await list(
      "/apis/apps/v1/deployments?labelSelector=app.kubernetes.io%2Fpart-of%3Dgha-rs-controller"
    ).map(FoundController.init)
    // On deskrun's own kind cluster, namespace and release name are sufficient proof.
    guard toolbox.target.kindCluster == nil else { return found }
    for index in found.indices where found[index].hasOwnPlace && !found[index].isMarked {
      found[index].hasEarlierValues =
        try await toolbox.helm().values(release: ARCCharts.controllerRelease, namespace: ClusterTarget.namespace)
        == ControllerValues.earlier
    }
    return found
  }

  /// The runners in some namespaces that have a job now. Empty if ARC is not installed.
  package func busyRunners(in namespaces: [String]) async throws -> [BusyRunner] {
    var found: [BusyRunner] = []
    for namespace in namespaces {
      found += try await list("/apis/actions.github.com/v1alpha1/namespaces/\(namespace)/ephemeralrunners")
        .compactMap(BusyRunner.init)
    }
    return found
  }

  /// The Helm releases in some namespaces.
  package func releases(in namespaces: [String]) async throws -> [String: [HelmRelease]] {
    let helm = try toolbox.helm()
    var found: [String: [HelmRelease]] = [:]
    for namespace in namespaces { found[namespace] = try await helm.releases(namespace: namespace) }
    return found
  }

  /// What exists under a release's name in a namespace.
  package func evidence(of name: String, in namespace: String) async throws -> ReleaseEvidence {
    async let sets = scaleSets()
    async let release = toolbox.helm().status(release: name, namespace: namespace)
    return try await evidence(of: name, in: namespace, release: release, sets: sets)
  }

  /// As above, but from lists that were already read.
  package func evidence(
    of name: String, in namespace: String, release: HelmRelease?, sets: [DeployedScaleSet]
  ) async throws -> ReleaseEvidence {
    var evidence = ReleaseEvidence(name: name, release: release)
    evidence.namespace = namespace
    let ours = sets.filter { $0.namespace == namespace }
    let deployed = ours.filter { $0.release == name && $0.releaseNamespace == namespace }
    evidence.set =
      deployed.first { !$0.isTerminating } ?? deployed.first ?? ours.first { $0.name == name }
    if evidence.set == nil, let release, release.isScaleSet {
      let values = try await toolbox.helm().values(release: name, namespace: namespace)
      evidence.given = .init(
        mark: OwnershipMark.installation(in: values), owner: OwnershipMark.owner(in: values),
        url: values["githubConfigUrl"]?.stringValue ?? "",
        secret: values["githubConfigSecret"]?.stringValue ?? Ownership.chartSecret(of: name))
    }
    guard evidence.mark == nil || evidence.owner == nil, let secret = evidence.secret, !secret.isEmpty else {
      return evidence
    }
    let object = try await toolbox.kubectl().get(kind: "secrets", name: secret, namespace: namespace)
    if DeploymentNames.isOwn(object, owner: owner) {
      evidence.secretInstallation = object?["metadata"]?["labels"]?[OwnershipMark.installation]?.stringValue
    }
    if secret == Ownership.chartSecret(of: name), let token = object?["data"]?["github_token"]?.stringValue {
      evidence.chartToken = Base64.decode(token).map { Secret(String(decoding: $0, as: UTF8.self)) }
    }
    return evidence
  }

  /// ARC's existing CRDs, and whether each has deskrun's mark.
  func definitions() async throws -> [String: Bool] {
    var found: [String: Bool] = [:]
    let kubectl = try toolbox.kubectl()
    for name in DeploymentNames.definitions {
      guard let object = try await kubectl.get(kind: Self.definitionKind, name: name, namespace: nil) else { continue }
      let labels = object["metadata"]?["labels"]
      found[name] =
        labels?[OwnershipMark.managed]?.stringValue == "true"
        && labels?[OwnershipMark.owner]?.stringValue ?? owner == owner
    }
    return found
  }

  /// Whether the existing CRDs are too old for a controller of a version.
  func definitionsAreStale(for release: ARCRelease) async throws -> Bool {
    guard release.isInPlaceGeneration else { return false }
    let kubectl = try toolbox.kubectl()
    async let sets = kubectl.get(kind: Self.definitionKind, name: ResourceDefinitions.scaleSets, namespace: nil)
    async let runners = kubectl.get(kind: Self.definitionKind, name: ResourceDefinitions.runnerSets, namespace: nil)
    return try await ResourceDefinitions.isFromBefore015(scaleSets: sets, runnerSets: runners)
  }

  static let definitionKind = "customresourcedefinitions.apiextensions.k8s.io"

  /// The items of a list; empty if the cluster does not have the kind.
  private func list(_ path: String) async throws -> [JSONValue] {
    do {
      let list = try await toolbox.kubectl().json(path, timeout: .seconds(30))
      return list["items"]?.arrayValue ?? []
    } catch let error as EngineError where error.kind == .notFound {
      return []
    }
  }
}
