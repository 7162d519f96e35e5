import ARC
import Basics
import Tools

/// The version of ARC that a plan uses. A cluster keeps its minor version until `deskrun upgrade`.
package enum ARCChoice: Sendable, Equatable {
  /// The version of the existing controller; without one, `otherwise`. If `isAsked`, the user specified it, and a
  /// controller of another minor version is an error.
  case existing(otherwise: ARCRelease, isAsked: Bool)
  /// This version, for an upgrade. A controller of another minor version must have been removed before.
  case exactly(ARCRelease)

  /// The default for plans.
  package static let standard = ARCChoice.existing(otherwise: SupportedARC.newest, isAsked: false)

  /// The choice for a version that the user specified, if any.
  package init(asked: ARCRelease?) {
    self = asked.map { .existing(otherwise: $0, isAsked: true) } ?? .standard
  }

  /// The version if nothing is installed yet.
  package var otherwise: ARCRelease {
    switch self {
    case .existing(let release, _), .exactly(let release): release
    }
  }

  /// The version to deploy, given what exists.
  ///
  /// - Parameters:
  ///   - controllers: the controllers of all namespaces.
  ///   - sets: the scale sets of all namespaces. They decide if there is no controller, as a new one would delete those
  ///     of another minor version.
  ///   - isOwn: whether deskrun installed a controller.
  /// - Throws: `EngineError` of kind `invalid` if an existing controller cannot be used.
  package func release(
    beside controllers: [FoundController], sets: [DeployedScaleSet], isOwn: (FoundController) -> Bool
  ) throws(EngineError) -> ARCRelease {
    if let other = controllers.first(where: { !isOwn($0) }) { return try release(of: other, isOwn: false) }
    if let own = controllers.first { return try release(of: own, isOwn: true) }
    let deployed = sets.compactMap { ARCRelease($0.version) }
    switch self {
    case .exactly(let release):
      if let other = deployed.first(where: { !$0.isSameMinor(as: release) }) {
        throw Self.leftBehind(sets, other, release)
      }
      return release
    case .existing(let release, let isAsked):
      guard let newest = deployed.max() else { return release }
      guard deployed.allSatisfy({ $0.isSameMinor(as: newest) }), SupportedARC.includes(newest),
        !isAsked || newest.isSameMinor(as: release)
      else { throw Self.leftBehind(sets, newest, release) }
      return isAsked ? release : newest
    }
  }

  private func release(of controller: FoundController, isOwn: Bool) throws(EngineError) -> ARCRelease {
    guard let release = SupportedARC.release(controller.version) else {
      throw Self.unsupported(controller, isOwn: isOwn)
    }
    switch self {
    case .existing(let asked, let isAsked):
      guard !isAsked || asked.isSameMinor(as: release) else { throw Self.another(controller, asked, isOwn: isOwn) }
      return release
    case .exactly(let wanted):
      guard wanted.isSameMinor(as: release) else { throw Self.another(controller, wanted, isOwn: isOwn) }
      return isOwn ? wanted : release
    }
  }

  // MARK: Refusals

  /// The error for a controller of an unsupported version.
  package static func unsupported(_ controller: FoundController, isOwn: Bool) -> EngineError {
    let version = controller.version.isEmpty ? "of an unknown version" : "ARC \(SafeText.line(controller.version))"
    let isTooNew = SupportedARC.isTooNew(controller.version)
    let newest = SupportedARC.newest
    let fix =
      !isOwn
      ? "Bring the Helm release \(controller.release) in namespace \(controller.namespace) to a supported version with "
        + "the tool that installed it, or use another cluster"
      : isTooNew
        ? "Install a newer deskrun. To go back to ARC \(newest): `deskrun upgrade --to \(newest)`"
        : "Run `deskrun upgrade` to bring controller and scale sets to ARC \(newest)"
    return EngineError(
      .invalid,
      isTooNew
        ? "The controller in the cluster is \(version), newer than this deskrun supports"
        : "The controller in the cluster is \(version), which this deskrun does not support",
      why:
        "This deskrun supports ARC \(SupportedARC.words), and a controller deletes scale sets of another minor version",
      fix: fix)
  }

  private static func another(_ controller: FoundController, _ asked: ARCRelease, isOwn: Bool) -> EngineError {
    EngineError(
      .invalid,
      "The controller in the cluster is ARC \(controller.version), so ARC \(asked) cannot be deployed beside it",
      why: "A controller deletes scale sets of another minor version",
      fix: isOwn
        ? "Bring controller and scale sets to it with `deskrun upgrade --to \(asked)`, or leave the version out"
        : "Leave the version out. deskrun did not install the Helm release \(controller.release) in namespace "
          + "\(controller.namespace)")
  }

  private static func leftBehind(_ sets: [DeployedScaleSet], _ found: ARCRelease, _ wanted: ARCRelease) -> EngineError {
    let names = sets.filter { ARCRelease($0.version) != nil }.map { "\($0.path) (\($0.version))" }
    return EngineError(
      .invalid,
      "The cluster has no controller, and scale sets of ARC \(found): \(SafeText.line(names.joined(separator: ", ")))",
      why: "A controller of another minor version would delete them",
      fix: "Run `deskrun upgrade --to \(wanted)`, which replaces those in the configuration")
  }

  /// The error for a controller that would use resource definitions of an earlier version.
  package static func staleDefinitions(_ release: ARCRelease) -> EngineError {
    EngineError(
      .failed, "The cluster's resource definitions are older than its controller (ARC \(release))",
      why:
        "Helm installs definitions once and never upgrades them. With those of ARC \(SupportedARC.oldest.minor) a later controller cannot "
        + "write the status of its scale sets",
      fix: "Run `deskrun upgrade`, which brings the definitions to the controller's version")
  }
}
