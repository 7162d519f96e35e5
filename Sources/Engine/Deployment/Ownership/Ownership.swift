import ARC
import Basics
import Installations
import Tools

/// Determines what deskrun may change and delete. The destructive steps of a plan need values that only this type
/// creates, so a plan that would touch what deskrun does not own cannot be built. The steps check again right before
/// they act.
///
/// The rules and their reasons: docs/decisions/001-ownership.md.
package struct Ownership: Sendable {
  package let observed: DeployedState
  /// The configuration before the plan.
  package let configuration: Configuration
  package let target: ClusterTarget
  package let owner: String

  /// What an installation may claim as its own.
  package struct Claim: Sendable, Equatable {
    package var installation: InstallationName
    /// The GitHub URL of its entry in the configuration; nil without an entry. Without labels, only a configured
    /// installation can match anything.
    package var url: String?
    /// The token of that entry: the earlier program put it into the release's values.
    package var token: Secret?
    /// The URL that an unlabeled scale set must have to be adopted; nil if adoption was not requested.
    package var adopted: String?
    package var owner: String
  }

  /// The owner of something in the cluster.
  package enum Judgment: Sendable, Equatable {
    /// Nothing has that name.
    case absent
    /// It has the installation's labels.
    case marked
    /// It has no labels, but configuration, names, URL and Secret match.
    case agreeing
    /// It has another owner, but the user requested its adoption.
    case adopted
    /// It has another owner, for this reason.
    case foreign(String)
  }

  /// The Secret that ARC's chart creates from a token in a release's values, as the earlier program passed it.
  static func chartSecret(of release: String) -> String { "\(release)-gha-rs-github-secret" }

  // MARK: Scale sets

  /// Determines the owner of a release and its scale set.
  package static func judge(_ found: ReleaseEvidence, _ claim: Claim) -> Judgment {
    if found.release == nil, found.set == nil { return .absent }
    if let release = found.release, !release.isScaleSet {
      return .foreign("the Helm release \(found.name) is of the chart \(SafeText.line(release.chart))")
    }
    if let set = found.set, set.release != found.name || set.releaseNamespace != found.namespace {
      return .foreign(
        set.release.map {
          "the Helm release \(SafeText.line($0)) in namespace \(SafeText.line(set.releaseNamespace ?? "")) deployed it"
        } ?? "it was not deployed with Helm")
    }
    if let mark = found.mark, mark != claim.installation.plain {
      return .foreign("it belongs to the installation \(SafeText.line(mark))")
    }
    if found.mark != nil, found.owner == claim.owner { return .marked }
    let url = found.set?.url ?? found.given?.url ?? ""
    if let other = found.owner, other != claim.owner {
      if let adopted = claim.adopted, isSame(url, adopted) { return .adopted }
      return .foreign(
        "another deskrun deployed it, with a configuration of its own (\(OwnershipMark.owner)=\(SafeText.line(other)))")
    }
    if let configured = claim.url, isSame(url, configured), hasOwnSecret(found, claim) { return .agreeing }
    if let adopted = claim.adopted {
      return isSame(url, adopted)
        ? .adopted : .foreign("its runners register with \(SafeText.line(url)), not \(adopted)")
    }
    let label = found.mark == nil ? OwnershipMark.installation : OwnershipMark.owner
    return .foreign("it has no label \(label), and " + disagreement(url, found, claim))
  }

  private static func disagreement(_ url: String, _ found: ReleaseEvidence, _ claim: Claim) -> String {
    guard let configured = claim.url else { return "\(claim.installation) is not in the configuration" }
    return isSame(url, configured)
      ? "its Secret \(SafeText.line(found.secret ?? "")) is not deskrun's"
      : "its runners register with \(SafeText.line(url)), not \(configured)"
  }

  private static func hasOwnSecret(_ found: ReleaseEvidence, _ claim: Claim) -> Bool {
    if found.secret == DeploymentNames.secret(claim.installation) {
      return found.secretInstallation == claim.installation.plain
    }
    guard found.secret == chartSecret(of: found.name), let token = claim.token else { return false }
    // The controller deletes the chart's Secret before the scale set itself is deleted.
    return found.chartToken == token || (found.chartToken == nil && found.set?.isTerminating == true)
  }

  private static func isSame(_ a: String, _ b: String) -> Bool {
    func normal(_ url: String) -> String { ((try? GitHubTarget(url))?.url ?? url).lowercased() }
    return normal(a) == normal(b)
  }

  /// The claim of a configured installation.
  package func claim(_ installation: InstallationName) -> Claim {
    let entry = configuration.installation(named: installation)
    var claim = Claim(installation: installation, url: entry?.target.url, owner: owner)
    if case .token(.literal(let token))? = entry?.authentication { claim.token = token }
    return claim
  }

  /// The right to create, change and delete a scale set and its release.
  ///
  /// - Parameter url: the URL that an installation without an entry is being added with: a labeled scale set for
  ///   another URL belongs to someone else's installation of the same name.
  /// - Throws: `EngineError` of kind `invalid` if they have another owner; the error that prevented reading the
  ///   cluster.
  package func release(
    _ name: String, of installation: InstallationName, addedWith url: String? = nil
  ) throws(EngineError) -> OwnedRelease {
    try release(name, claim(installation), addedWith: url)
  }

  /// The same for what the user wants to adopt.
  ///
  /// - Parameter url: the URL it must have: a scale set cannot move to another one.
  package func adopted(_ name: String, of installation: InstallationName, url: String) throws(EngineError)
    -> OwnedRelease
  {
    var claim = claim(installation)
    claim.adopted = url
    return try release(name, claim, addedWith: url)
  }

  private func release(_ name: String, _ claim: Claim, addedWith url: String?) throws(EngineError) -> OwnedRelease {
    if let problem = observed.problem { throw problem }
    let found = observed.evidence[name]
    let judgment = found.map { Self.judge($0, claim) } ?? .absent
    let namespace = observed.namespaces.of(name)
    if case .foreign(let why) = judgment { throw Self.refusal(name, namespace, why, claim) }
    if judgment == .marked, claim.url == nil, let url, let deployed = found?.set?.url ?? found?.given?.url,
      !Self.isSame(deployed, url)
    {
      throw Self.refusal(
        name, namespace, "another deskrun deployed an installation of that name; its runners register with \(deployed)",
        claim)
    }
    return OwnedRelease(name: name, namespace: namespace, claim: claim, isAdopted: judgment == .adopted)
  }

  /// Whether something of that name exists and has another owner.
  func isForeign(_ name: String, of installation: InstallationName) -> Bool {
    guard let found = observed.evidence[name] else { return false }
    if case .foreign = Self.judge(found, claim(installation)) { return true }
    return false
  }

  /// Checks right before a change that the plan's assumption about the owner of a release is still true.
  ///
  /// - Throws: `EngineError` of kind `failed`.
  package static func confirm(_ owned: OwnedRelease, _ found: ReleaseEvidence) throws(EngineError) {
    if case .foreign(let why) = judge(found, owned.claim) {
      var error = refusal(owned.name, owned.namespace, why, owned.claim)
      error.kind = .failed
      throw error
    }
  }

  private static func refusal(_ name: String, _ namespace: String, _ why: String, _ claim: Claim) -> EngineError {
    EngineError(
      .invalid, "The scale set \(name) in namespace \(namespace) was not deployed by deskrun", why: why,
      fix: claim.adopted == nil
        ? "Choose another name, or take it over with `deskrun adopt \(claim.installation)`, which shows first what "
          + "would change"
        : "Remove it with the tool that deployed it, or choose another name")
  }
}

/// A scale set and its Helm release that deskrun may change and delete. Only `Ownership` creates one.
package struct OwnedRelease: Sendable, Equatable {
  package let name: String
  package let namespace: String
  /// Whether it had another owner until the user requested its adoption.
  package let isAdopted: Bool
  /// The claim for checking the ownership again.
  package let claim: Ownership.Claim

  package var installation: InstallationName { claim.installation }

  fileprivate init(name: String, namespace: String, claim: Ownership.Claim, isAdopted: Bool) {
    (self.name, self.namespace, self.claim, self.isAdopted) = (name, namespace, claim, isAdopted)
  }
}

// MARK: Controller and definitions

extension Ownership {
  /// Whether deskrun installed a controller.
  ///
  /// - Parameter isKind: whether the cluster is deskrun's own kind cluster. There its namespace and name are sufficient
  ///   proof: version 0.1.0 and the earlier program installed it without labels.
  static func isOwn(_ controller: FoundController, isKind: Bool, owner: String) -> Bool {
    guard controller.hasOwnPlace else { return false }
    if isKind { return true }
    // A controller that was labeled before the owner label existed counts as deskrun's, like the earlier ones.
    return controller.isMarked ? controller.owner ?? owner == owner : controller.hasEarlierValues
  }

  /// The controller that deskrun installed; nil if there is none.
  var ownController: FoundController? {
    observed.controllers.first { Self.isOwn($0, isKind: target.kindCluster != nil, owner: owner) }
  }

  /// A controller that deskrun did not install; nil if there is none.
  var foreignController: FoundController? {
    observed.controllers.first { !Self.isOwn($0, isKind: target.kindCluster != nil, owner: owner) }
  }

  /// The right to uninstall the controller.
  ///
  /// - Parameter leaving: the scale sets that the plan removes before.
  /// - Throws: `EngineError` of kind `invalid` if deskrun did not install it, or if other scale sets need it.
  package func controller(leaving: [OwnedRelease]) throws(EngineError) -> OwnedController {
    if let problem = observed.problem { throw problem }
    if let other = foreignController { throw Self.refusal(other) }
    let staying = self.staying(after: leaving)
    guard staying.isEmpty else { throw Self.inUse(staying) }
    return OwnedController()
  }

  /// The scale sets in all namespaces that remain after these are removed.
  func staying(after leaving: [OwnedRelease]) -> [DeployedScaleSet] {
    let namespaces = Dictionary(leaving.map { ($0.name, $0.namespace) }, uniquingKeysWith: { $1 })
    return observed.scaleSets.filter { namespaces[$0.ownRelease] != $0.namespace }
  }

  package static func refusal(_ controller: FoundController) -> EngineError {
    EngineError(
      .invalid, "The controller \(controller.name) in namespace \(controller.namespace) was not installed by deskrun",
      why: controller.isMarked
        ? "Another deskrun installed it, with a configuration of its own"
        : "It has no label \(OwnershipMark.managed)=true",
      fix: "Upgrade or remove it with the tool that installed it, for example helm: release \(controller.release)")
  }

  static func inUse(_ sets: [DeployedScaleSet]) -> EngineError {
    let names = SafeText.line(sets.map(\.path).joined(separator: ", "))
    let own = sets.first { $0.mark != nil }
    return EngineError(
      .invalid,
      "Scale sets that are not in the configuration need the controller and its resource definitions: \(names)",
      why: "Without them the scale sets would be deleted, and nothing would bring them back",
      fix: own?.mark.map { "Remove it with `deskrun remove \(SafeText.line($0))`, or add it to the configuration" }
        ?? "Uninstall or upgrade them first with the tool that deployed them, or use another cluster")
  }

  /// The right to replace ARC's resource definitions with those of another version.
  ///
  /// - Parameters:
  ///   - definitions: the existing definitions, with whether each has deskrun's label.
  ///   - sets: the scale sets that must be removed before.
  ///   - isInUse: whether scale sets remain, as in an upgrade within a minor version.
  static func definitions(
    _ definitions: [String: Bool], sets: [DeployedScaleSet], isKind: Bool, isInUse: Bool = false
  ) throws(EngineError) -> OwnedDefinitions {
    guard sets.isEmpty || isInUse else { throw inUse(sets) }
    let foreign = definitions.filter { !$0.value && !isKind }.keys.sorted()
    guard foreign.isEmpty else {
      throw EngineError(
        .invalid,
        "ARC's resource definitions in this cluster were not installed by deskrun: "
          + foreign.joined(separator: ", "),
        why: "An upgrade replaces them, and they have no label \(OwnershipMark.managed)=true",
        fix: "If nobody else uses them, hand them over: `kubectl label customresourcedefinitions "
          + foreign.joined(separator: " ") + " \(OwnershipMark.managed)=true`")
    }
    return OwnedDefinitions(names: definitions.keys.sorted(), isInUse: isInUse)
  }

  /// The right to delete an object of a scale set that its controller replaces.
  package static func object(_ kind: String, _ name: String, of release: OwnedRelease) -> OwnedObject {
    OwnedObject(kind: kind, name: name, release: release)
  }
}

/// The controller that deskrun installed. Only `Ownership` creates one.
package struct OwnedController: Sendable, Equatable {
  fileprivate init() {}
}

/// ARC's resource definitions, if deskrun installed them. Only `Ownership` creates one.
package struct OwnedDefinitions: Sendable, Equatable {
  /// The existing definitions.
  package let names: [String]
  /// Whether scale sets remain while they are replaced.
  package let isInUse: Bool

  fileprivate init(names: [String], isInUse: Bool) { (self.names, self.isInUse) = (names, isInUse) }
}

/// An object of a scale set that deskrun owns. Only `Ownership` creates one.
package struct OwnedObject: Sendable, Equatable {
  /// The plural of its kind: `ephemeralrunners` or `autoscalinglisteners`.
  package let kind: String
  package let name: String
  package let release: OwnedRelease

  fileprivate init(kind: String, name: String, release: OwnedRelease) {
    (self.kind, self.name, self.release) = (kind, name, release)
  }
}
