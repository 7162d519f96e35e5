import Basics

/// The labels by which deskrun recognizes what it installed.
///
/// They are Kubernetes labels, set through the values of the Helm release, because Helm 3.8 has no labels of its own.
/// What version 0.1.0 and the earlier program installed has none; see `Ownership`.
package enum OwnershipMark {
  /// The installation's name, on a scale set and its release, and on the Secrets and ConfigMaps of an installation.
  package static let installation = "deskrun/installation"
  /// On the controller and on ARC's custom resource definitions.
  package static let managed = "deskrun/managed"

  /// The identity of the configuration that deployed it, on all of these objects. An object with only the other labels
  /// is treated as if it had none.
  package static let owner = "deskrun/owner"

  /// On a scale set with values files: a digest of their contents at deployment.
  package static let values = "deskrun/values"

  /// Adds the labels of an installation to values. The charts copy `labels` to their objects.
  package static func marking(_ values: JSONValue, installation: String, owner: String) -> JSONValue {
    guard case .object(var object) = values else { return values }
    var labels = object["labels"]?.objectValue ?? [:]
    labels[Self.installation] = .string(installation)
    labels[Self.owner] = .string(owner)
    object["labels"] = .object(labels)
    return .object(object)
  }

  /// The installation named in values.
  package static func installation(in values: JSONValue) -> String? { values["labels"]?[installation]?.stringValue }

  /// The identity named in values.
  package static func owner(in values: JSONValue) -> String? { values["labels"]?[owner]?.stringValue }

  /// Values without the labels: a release that differs only in them needs no upgrade.
  package static func unmarked(_ values: JSONValue) -> JSONValue {
    guard case .object(var object) = values, var labels = object["labels"]?.objectValue else { return values }
    labels[installation] = nil
    labels[managed] = nil
    labels[owner] = nil
    object["labels"] = labels.members.isEmpty ? nil : .object(labels)
    return .object(object)
  }
}
