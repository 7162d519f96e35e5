/// Names in the Actions Runner Controller that deskrun installs. For versions see `SupportedARC`.
package enum ARCCharts {
  /// The Helm release of the controller.
  package static let controllerRelease = "arc-controller"
  /// The controller's Deployment, as the chart names it for that release.
  package static let controllerDeployment = "arc-controller-gha-rs-controller"
  /// The controller's chart.
  package static let controllerChart =
    "oci://ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set-controller"
  /// The name of the scale set's chart.
  package static let scaleSetName = "gha-runner-scale-set"
  /// The scale set's chart.
  package static let scaleSetChart = "oci://ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set"
  /// The charts' default runner image.
  package static let defaultRunnerImage = "ghcr.io/actions/actions-runner:latest"
  /// The command that starts the runner in that image, which has no entry point.
  package static let runnerCommand = ["/home/runner/run.sh"]
}
