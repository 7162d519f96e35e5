import DashboardCore
import Engine
import TerminalKit

/// What the dashboard works with.
package struct DashboardServices: Sendable {
  /// Programs and cluster.
  package var toolbox: Toolbox
  /// Makes and runs plans.
  package var deployer: Deployer
  /// Where deskrun keeps its files.
  package var paths: Paths
  /// The folder the program was started in.
  package var folder: String
  /// The environment the program was started with, for opening links.
  package var environment: [String: String]

  /// Puts them together.
  package init(
    toolbox: Toolbox, deployer: Deployer, paths: Paths, folder: String, environment: [String: String]
  ) {
    self.toolbox = toolbox
    self.deployer = deployer
    self.paths = paths
    self.folder = folder
    self.environment = environment
  }

  package var store: ConfigurationStore { deployer.store }
}

extension DashboardServices {
  /// What a form would do, and with which values.
  func preview(_ request: PlanRequest) async throws -> PlanPreview {
    let plan = try await deployer.plan(for: request)
    // What is only looked at on the way is left out: the reader wants to know what changes.
    let steps = plan.steps.contains { $0.forecast != nil } ? plan.steps.filter { $0.forecast != nil } : plan.steps
    let deployments = plan.steps.compactMap { step in
      if case .installScaleSet(let deployment, _) = step.action { deployment } else { nil }
    }
    let values = deployments.map { scaleSet in
      "# \((["\(scaleSet.name)"] + scaleSet.merged.files).joined(separator: " + "))\n\(SourcedYAML.text(scaleSet.merged.shown))"
    }
    return PlanPreview(
      steps: steps.map { .init(title: SafeText.line($0.title), forecast: $0.forecast.map { SafeText.line($0) }) },
      warnings: (plan.warnings + plan.notes).map { SafeText.line($0) }, values: values.joined(separator: "\n"))
  }
}
