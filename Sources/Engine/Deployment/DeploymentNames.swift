/// The names of the objects deskrun makes itself, besides those of the charts.
public enum DeploymentNames {
  /// The Secret with the credentials of an installation.
  public static func secret(_ installation: InstallationName) -> String { "\(installation)-credentials" }

  /// Marks an object as deskrun's, and says whose it is.
  public static func labels(installation: InstallationName) -> JSONObject {
    [
      "app.kubernetes.io/managed-by": "deskrun",
      "deskrun/installation": .string(installation.description),
    ]
  }

  /// Selects everything deskrun made itself.
  public static let selector = "app.kubernetes.io/managed-by=deskrun"

  /// ARC's custom resource definitions.
  public static let definitions = [
    "autoscalinglisteners.actions.github.com", "autoscalingrunnersets.actions.github.com",
    "ephemeralrunners.actions.github.com", "ephemeralrunnersets.actions.github.com",
  ]
}
