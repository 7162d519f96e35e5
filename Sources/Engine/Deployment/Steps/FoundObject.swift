import ARC
import Basics
import Installations
import Tools

extension PlanExecutor {
  /// An ARC object, with what plans need of it.
  package struct FoundObject: Sendable, Equatable {
    package let name: String
    package let namespace: String
    package let isTerminating: Bool
    let hasFinalizers: Bool
    /// The complete object.
    let object: JSONValue

    package init(_ object: JSONValue) {
      let metadata = object["metadata"]
      name = metadata?["name"]?.stringValue ?? ""
      namespace = metadata?["namespace"]?.stringValue ?? ClusterTarget.namespace
      isTerminating = metadata?["deletionTimestamp"]?.stringValue != nil
      hasFinalizers = !(metadata?["finalizers"]?.arrayValue ?? []).isEmpty
      self.object = object
    }

    var annotations: JSONValue? { object["metadata"]?["annotations"] }
    package var status: JSONValue? { object["status"] }
    /// The Helm release that deployed it; nil if Helm did not.
    var release: String? { annotations?["meta.helm.sh/release-name"]?.stringValue }
    var releaseNamespace: String? { annotations?["meta.helm.sh/release-namespace"]?.stringValue }
    /// Whether the release with a name in its own namespace deployed it.
    func isDeployed(as name: String) -> Bool { release == name && releaseNamespace ?? namespace == namespace }
    /// Whether it is a runner with a job.
    var isBusyRunner: Bool { BusyRunner(object) != nil || status?["jobDisplayName"]?.stringValue != nil }
  }

  /// A scale set's ARC objects of a kind. Empty if the cluster does not have the kind.
  package func objects(
    _ plural: String, of scaleSet: String, in namespace: String, _ kubectl: Kubectl
  ) async throws -> [FoundObject] {
    try await objects(plural, of: [scaleSet], in: namespace, kubectl)
  }

  /// As above, for several scale sets in one list.
  ///
  /// - Parameter namespace: the scale sets' namespace.
  func objects(
    _ plural: String, of scaleSets: Set<String>, in namespace: String, _ kubectl: Kubectl
  ) async throws -> [FoundObject] {
    guard !scaleSets.isEmpty else { return [] }
    // Listeners are in the controller's namespace, which may differ from the scale sets'.
    let place = plural == "autoscalinglisteners" ? "" : "namespaces/\(namespace)/"
    let path = "\(place)\(plural)?\(Self.selector(ofScaleSets: scaleSets))"
    return try await found(path, kubectl).filter { object in
      let home = object["metadata"]?["labels"]?["actions.github.com/scale-set-namespace"]?.stringValue
      return home ?? namespace == namespace
    }.map(FoundObject.init)
  }

  /// A label selector for the objects of scale sets.
  static func selector(ofScaleSets names: Set<String>) -> String {
    let label = "labelSelector=actions.github.com%2Fscale-set-name"
    if names.count == 1, let name = names.first { return "\(label)%3D\(name)" }
    return "\(label)%20in%20%28\(names.sorted().joined(separator: "%2C"))%29"
  }

  /// All scale sets in a namespace, including those deployed by others.
  func scaleSets(in namespace: String, _ kubectl: Kubectl) async throws -> [FoundObject] {
    try await found("namespaces/\(namespace)/autoscalingrunnersets", kubectl).map(FoundObject.init)
  }

  /// The scale sets in a namespace that a release in it deployed: one, or two while it is being replaced under another
  /// name.
  func scaleSets(ofRelease release: String, in namespace: String, _ kubectl: Kubectl) async throws -> [FoundObject] {
    try await scaleSets(in: namespace, kubectl).filter { $0.isDeployed(as: release) }
  }

  /// The scale sets in a namespace that have an installation's mark, whatever their names.
  func scaleSets(
    markedWith installation: InstallationName, owner: String, in namespace: String, _ kubectl: Kubectl
  ) async throws -> [FoundObject] {
    let selector = "\(OwnershipMark.installation)=\(installation.plain)"
      .replacing("/", with: "%2F").replacing("=", with: "%3D")
    return try await found(
      "namespaces/\(namespace)/autoscalingrunnersets?labelSelector=\(selector)", kubectl
    ).filter {
      $0["metadata"]?["labels"]?[OwnershipMark.installation]?.stringValue == installation.plain
        && $0["metadata"]?["labels"]?[OwnershipMark.owner]?.stringValue ?? owner == owner
    }.map(FoundObject.init)
  }

  private func found(_ path: String, _ kubectl: Kubectl) async throws -> [JSONValue] {
    do {
      let list = try await kubectl.json("/apis/actions.github.com/v1alpha1/\(path)", timeout: .seconds(30))
      return list["items"]?.arrayValue ?? []
    } catch let error as EngineError where error.kind == .notFound {
      return []
    }
  }
}
