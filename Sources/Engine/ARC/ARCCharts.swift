/// Names and versions of the Actions Runner Controller that deskrun installs.
package enum ARCCharts {
  /// The version of both charts. They must be equal: a controller deletes scale sets of another minor version.
  package static let chartVersion = "0.14.2"
  /// The Helm release of the controller.
  package static let controllerRelease = "arc-controller"
  /// The controller's Deployment as the chart names it for that release.
  package static let controllerDeployment = "arc-controller-gha-rs-controller"
  /// The controller's chart.
  package static let controllerChart =
    "oci://ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set-controller"
  /// The scale set's chart.
  package static let scaleSetChart = "oci://ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set"
  /// The runner image the charts use by default.
  package static let defaultRunnerImage = "ghcr.io/actions/actions-runner:latest"
  /// What starts the runner in that image, which has no entry point of its own.
  package static let runnerCommand = ["/home/runner/run.sh"]
}
