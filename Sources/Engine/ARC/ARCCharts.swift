/// Names of the Actions Runner Controller that deskrun installs. Versions: `SupportedARC`.
package enum ARCCharts {
  /// The Helm release of the controller.
  package static let controllerRelease = "arc-controller"
  /// The controller's Deployment as the chart names it for that release.
  package static let controllerDeployment = "arc-controller-gha-rs-controller"
  /// The controller's chart.
  package static let controllerChart =
    "oci://ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set-controller"
  /// The name of the scale set's chart.
  package static let scaleSetName = "gha-runner-scale-set"
  /// The scale set's chart.
  package static let scaleSetChart = "oci://ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set"
  /// The runner image the charts use by default.
  package static let defaultRunnerImage = "ghcr.io/actions/actions-runner:latest"
  /// What starts the runner in that image, which has no entry point of its own.
  package static let runnerCommand = ["/home/runner/run.sh"]
}
