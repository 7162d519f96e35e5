import Basics

/// The labels by which deskrun knows again what it installed.
///
/// They are labels of Kubernetes objects, put there through the values of the Helm release, because Helm 3.8 has no
/// labels of its own. What version 0.1.0 and the earlier program installed has none; see `Ownership`.
package enum OwnershipMark {
  /// On a scale set and its release, and on the Secrets and ConfigMaps of an installation: the installation's name.
  package static let installation = "deskrun/installation"
  /// On the controller and on ARC's custom resource definitions.
  package static let managed = "deskrun/managed"

  /// On all of these: the identity of the configuration that deployed it. What has the other labels alone is judged as
  /// what has none.
  package static let owner = "deskrun/owner"

  /// On a scale set with values files: a number of what they held when it was deployed.
  package static let values = "deskrun/values"

  /// Values with the mark of an installation added. The charts put `labels` on their objects.
  package static func marking(_ values: JSONValue, installation: String, owner: String) -> JSONValue {
    guard case .object(var object) = values else { return values }
    var labels = object["labels"]?.objectValue ?? [:]
    labels[Self.installation] = .string(installation)
    labels[Self.owner] = .string(owner)
    object["labels"] = .object(labels)
    return .object(object)
  }

  /// The installation that values name.
  package static func installation(in values: JSONValue) -> String? { values["labels"]?[installation]?.stringValue }

  /// The identity that values name.
  package static func owner(in values: JSONValue) -> String? { values["labels"]?[owner]?.stringValue }

  /// Values without the mark: a release that lacks it and is otherwise as wanted needs no upgrade.
  package static func unmarked(_ values: JSONValue) -> JSONValue {
    guard case .object(var object) = values, var labels = object["labels"]?.objectValue else { return values }
    labels[installation] = nil
    labels[managed] = nil
    labels[owner] = nil
    object["labels"] = labels.members.isEmpty ? nil : .object(labels)
    return .object(object)
  }
}
