import ARC
import Basics
import Installations
import Knowledge

/// The names of objects that deskrun itself creates, in addition to those of the charts.
package enum DeploymentNames {
  /// The Secret with the credentials of an installation.
  package static func secret(_ installation: InstallationName) -> String {
    DesiredValues.secretName(installation)
  }

  /// The ConfigMap with the CA certificates of an installation.
  package static func certificates(_ installation: InstallationName) -> String {
    DesiredValues.certificatesName(installation)
  }

  /// The labels that mark an object as deskrun's, with its installation and owner.
  package static func labels(installation: InstallationName, owner: String) -> JSONObject {
    [
      "app.kubernetes.io/managed-by": "deskrun",
      OwnershipMark.installation: .string(installation.plain),
      OwnershipMark.owner: .string(owner),
    ]
  }

  /// Whether deskrun itself created a Secret or ConfigMap.
  ///
  /// - Parameters:
  ///   - installation: the required installation; nil for any.
  ///   - owner: the required owner identity, if the object's labels contain one.
  static func isOwn(_ object: JSONValue?, of installation: InstallationName? = nil, owner: String) -> Bool {
    let labels = object?["metadata"]?["labels"]
    guard labels?["app.kubernetes.io/managed-by"]?.stringValue == "deskrun" else { return false }
    if let other = labels?[OwnershipMark.owner]?.stringValue, other != owner { return false }
    return installation.map { labels?[OwnershipMark.installation]?.stringValue == $0.plain } ?? true
  }

  /// Selects all objects that deskrun itself created.
  package static let selector = "app.kubernetes.io/managed-by=deskrun"

  /// ARC's custom resource definitions.
  package static let definitions = [
    "autoscalinglisteners.actions.github.com", "autoscalingrunnersets.actions.github.com",
    "ephemeralrunners.actions.github.com", "ephemeralrunnersets.actions.github.com",
  ]
}
