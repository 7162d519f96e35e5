import ARC
import Basics
import Installations
import Knowledge

/// The names of the objects deskrun makes itself, besides those of the charts.
package enum DeploymentNames {
  /// The Secret with the credentials of an installation.
  package static func secret(_ installation: InstallationName) -> String {
    DesiredValues.secretName(installation)
  }

  /// The ConfigMap with the CA certificates of an installation.
  package static func certificates(_ installation: InstallationName) -> String {
    DesiredValues.certificatesName(installation)
  }

  /// Marks an object as deskrun's, and says whose it is.
  package static func labels(installation: InstallationName, owner: String) -> JSONObject {
    [
      "app.kubernetes.io/managed-by": "deskrun",
      OwnershipMark.installation: .string(installation.description),
      OwnershipMark.owner: .string(owner),
    ]
  }

  /// Whether deskrun made a Secret or ConfigMap itself.
  ///
  /// - Parameters:
  ///   - installation: the installation it must be of; nil for any.
  ///   - owner: the identity it must be of, where it names one.
  static func isOwn(_ object: JSONValue?, of installation: InstallationName? = nil, owner: String) -> Bool {
    let labels = object?["metadata"]?["labels"]
    guard labels?["app.kubernetes.io/managed-by"]?.stringValue == "deskrun" else { return false }
    if let other = labels?[OwnershipMark.owner]?.stringValue, other != owner { return false }
    return installation.map { labels?[OwnershipMark.installation]?.stringValue == $0.description } ?? true
  }

  /// Selects everything deskrun made itself.
  package static let selector = "app.kubernetes.io/managed-by=deskrun"

  /// ARC's custom resource definitions.
  package static let definitions = [
    "autoscalinglisteners.actions.github.com", "autoscalingrunnersets.actions.github.com",
    "ephemeralrunners.actions.github.com", "ephemeralrunnersets.actions.github.com",
  ]
}
