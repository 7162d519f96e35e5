import ARC
import Basics
import Installations
import Tools

/// A release that was deployed without deskrun, with the properties that an installation can take over.
package struct AdoptableRelease: Sendable {
  package let values: JSONValue

  /// The GitHub URL its runners register with.
  package var url: String { values["githubConfigUrl"]?.stringValue ?? "" }
  /// How its jobs get containers; nil if deskrun does not have this mode.
  package var mode: ContainerMode? {
    switch values["containerMode"]?["type"]?.stringValue {
    case "kubernetes"?: .kubernetes
    case "dind"?: .dind
    default: nil
    }
  }
  /// Its runner counts. Without a maximum, the chart sets no limit; deskrun's default is used instead.
  package var runners: (minimum: Int, maximum: Int) {
    let minimum = values["minRunners"]?.intValue ?? 0
    return (minimum, values["maxRunners"]?.intValue ?? max(RunnerCounts.standard.maximum, minimum))
  }
  /// Its runner image; nil for the default.
  package var image: String? {
    let runner = values["template"]?["spec"]?["containers"]?.arrayValue?.first { $0["name"] == "runner" }
    return runner?["image"]?.stringValue.flatMap { $0 == ARCCharts.defaultRunnerImage ? nil : $0 }
  }
  /// The settings that deskrun has options for and that can be read from the values alone.
  package var settings: PodSettings {
    var settings = PodSettings()
    settings.runnerGroup = ScaleSetSettings.group(values["runnerGroup"]?.stringValue)
    return settings
  }
  /// Its labels in addition to its name.
  package var labels: [String] { (values["scaleSetLabels"]?.arrayValue ?? []).compactMap(\.stringValue) }
}

/// Taking over scale sets that were deployed without deskrun.
extension Deployer {
  /// Reads the release to adopt.
  ///
  /// - Parameters:
  ///   - name: the name of the release and its scale set.
  /// - namespace: the namespace of both.
  /// - Throws: `EngineError` of kind `notFound` if it does not exist, `invalid` if it cannot be adopted.
  package func adoptable(
    _ name: String, in namespace: String = ClusterTarget.namespace
  ) async throws -> AdoptableRelease {
    let helm = try toolbox.helm()
    let evidence = try await OwnershipReader(toolbox: toolbox, owner: store.owner)
      .evidence(of: name, in: namespace)
    if let set = evidence.set { try Self.refuseGitOps(set) }
    guard let release = evidence.release else {
      if let set = evidence.set { throw Self.cannotAdopt(set, in: namespace) }
      throw EngineError(
        .notFound, "No Helm release \(name) found in namespace \(namespace)",
        fix: "Deploy a new installation with `deskrun add \(name) --repository URL`")
    }
    guard release.isScaleSet else {
      throw Self.cannotAdopt(name, "its chart is \(SafeText.line(release.chart)), not gha-runner-scale-set")
    }
    guard release.status == "deployed" || release.status == "failed" else {
      throw Self.cannotAdopt(
        name, "Helm has not finished with it: its status is \(SafeText.line(release.status))",
        fix: "Wait for Helm, or roll it back: `helm rollback \(name) -n \(namespace)`")
    }
    let values = try await helm.values(release: name, namespace: namespace)
    if let scaleSet = values["runnerScaleSetName"]?.stringValue, scaleSet != name {
      throw Self.cannotAdopt(
        name, "its scale set has another name, \(SafeText.line(scaleSet)), which cannot be changed",
        fix: "Uninstall it, then `deskrun add \(SafeText.line(scaleSet))`")
    }
    return AdoptableRelease(values: values)
  }

  /// Rejects a scale set that a GitOps tool manages: the tool would undo deskrun's changes, and deskrun those of the
  /// tool.
  private static func refuseGitOps(_ set: DeployedScaleSet) throws(EngineError) {
    guard set.manager.isGitOps else { return }
    throw cannotAdopt(
      SafeText.line(set.name), "\(set.manager.words) manages it and would undo deskrun's changes",
      fix: "Change it there, or remove it there before you add it with deskrun")
  }

  /// Explains why a scale set cannot be adopted that was not deployed by a release of the same name.
  private static func cannotAdopt(_ set: DeployedScaleSet, in asked: String) -> EngineError {
    let name = SafeText.line(set.name)
    guard let release = set.release.map({ SafeText.line($0) }) else {
      return cannotAdopt(name, "it was not deployed with Helm", fix: "Remove it with the tool that deployed it")
    }
    let namespace = SafeText.line(set.releaseNamespace ?? set.namespace)
    let isElsewhere = namespace != asked
    return cannotAdopt(
      name,
      "the Helm release \(release) in namespace \(namespace) deployed it; deskrun's releases "
        + (isElsewhere ? "are in the namespace of their scale set" : "have the name of their scale set"),
      fix: "Uninstall it (`helm uninstall \(release) -n \(namespace)`), then add it: `deskrun add \(name) --repository "
        + "\(SafeText.line(set.url))`")
  }

  private static func cannotAdopt(_ name: String, _ why: String, fix: String? = nil) -> EngineError {
    EngineError(.invalid, "The scale set \(name) cannot be adopted", why: why, fix: fix)
  }

  /// Takes over the scale sets of an installation: its values, credentials and ownership labels replace the existing
  /// ones.
  ///
  /// - Parameter installation: the desired installation.
  /// - Returns: a plan with the changes to the Helm values; nil if deskrun already owns all of it.
  /// - Throws: `EngineError` of kind `invalid` if one of them cannot be adopted.
  package func planAdopt(_ installation: Installation) async throws -> Plan? {
    let configuration = try ownConfiguration()
    try refuseElsewhere(installation.name.description, configuration)
    var installation = installation
    installation.place = configuration.place(on: target)
    try configuration.refuseCollision(of: installation)
    let existing = configuration.installation(named: installation.name)
    if let existing, existing.namespace != installation.namespace {
      throw EngineError(
        .invalid, "There is an installation \(existing.name) already, in the namespace \(existing.namespace)",
        why: "An installation's name is unique in the configuration",
        fix: "Remove that one first: `deskrun remove \(existing.name)`")
    }
    let observed = try await observeAnswering(otherwise: "nothing can be adopted", of: [installation])
    try refuseOtherCluster(observed, of: existing.map { [$0] } ?? configuration.installations, configuration)
    let ownership = ownership(observed, configuration)
    let names = installation.scaleSets.map(\.name)
    if let first = names.first, names.allSatisfy({ observed.evidence[$0] == nil }) {
      // Throws the error that explains that it does not exist.
      _ = try await adoptable(first, in: installation.namespace)
    }
    var changes: [ValueChange] = []
    var scaleSets: [Planner.Wanted.Owned] = []
    let release = chartRelease(observed, .standard)
    for deployment in try deployments(of: installation, arc: release) {
      if let set = observed.evidence[deployment.name]?.set { try Self.refuseGitOps(set) }
      if observed.evidence[deployment.name]?.set?.isTerminating == true {
        throw Self.cannotAdopt(deployment.name, "it is being deleted", fix: "Run the same command when it is gone")
      }
      let owned = try ownership.adopted(
        deployment.name, of: installation.name, url: installation.target.url)
      // A scale set that has the ownership labels but no entry in the configuration gets its entry back.
      if owned.isAdopted || (existing == nil && observed.evidence[deployment.name] != nil) {
        let values = try await adoptable(deployment.name, in: installation.namespace).values
        changes += ValueChange.list(scaleSet: deployment.name, from: values, to: deployment.releaseValues)
      }
      scaleSets.append(.init(deployment: deployment, release: owned))
    }
    guard existing == nil || scaleSets.contains(where: \.release.isAdopted) else { return nil }
    let wanted = Planner.Wanted(
      installation: installation, scaleSets: scaleSets,
      save: existing.map { $0 == installation ? .no : .replacing($0) } ?? .new)
    let all = configuration.installations.filter { $0.name != installation.name } + [installation]
    var plan = warned(
      try await deployingPlanner(observed, all, configuration, needing: [installation], arc: .standard)
        .deploy([wanted], title: "Adopt \(installation.name)"), [wanted])
    plan.valueChanges = changes
    let secret = DeploymentNames.secret(installation.name)
    if !observed.ownObjects.contains(secret),
      try await toolbox.kubectl().get(kind: "secrets", name: secret, namespace: installation.namespace) != nil
    {
      plan.warnings.append("The Secret \(secret) exists; the credentials in it are replaced.")
    }
    return plan
  }
}
