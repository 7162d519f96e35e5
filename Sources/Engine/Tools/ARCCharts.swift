/// Names and versions of the Actions Runner Controller that deskrun installs.
public enum ARCCharts {
  /// The version of both charts. They must be equal: a controller deletes scale sets of another minor version.
  public static let chartVersion = "0.14.2"
  /// The Helm release of the controller.
  public static let controllerRelease = "arc-controller"
  /// The controller's Deployment as the chart names it for that release.
  public static let controllerDeployment = "arc-controller-gha-rs-controller"
  /// The controller's chart.
  public static let controllerChart =
    "oci://ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set-controller"
  /// The scale set's chart.
  public static let scaleSetChart = "oci://ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set"
  /// The runner image the charts use by default.
  public static let defaultRunnerImage = "ghcr.io/actions/actions-runner:latest"
  /// What starts the runner in that image, which has no entry point of its own.
  public static let runnerCommand = ["/home/runner/run.sh"]
}
