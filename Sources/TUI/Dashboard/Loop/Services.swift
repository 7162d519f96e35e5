import DashboardCore
import Engine
import TerminalKit

/// What the dashboard uses for one cluster.
package struct ClusterServices: Sendable {
  /// The programs, and the pipe to the cluster.
  package var toolbox: Toolbox
  /// Creates and runs plans on the cluster.
  package var deployer: Deployer

  package init(toolbox: Toolbox, deployer: Deployer) { (self.toolbox, self.deployer) = (toolbox, deployer) }
}

/// What the dashboard uses.
package struct DashboardServices: Sendable {
  /// The initial clusters, at least one, in the model's order.
  package var clusters: [ClusterServices]
  /// Clusters to add if they have ARC.
  package var candidates: [ClusterTarget]
  /// Creates the services of a cluster that is added later.
  package var later: @Sendable (ClusterTarget) -> ClusterServices
  /// The paths of deskrun's files.
  package var paths: Paths
  /// The working directory in which the program was started.
  package var folder: String
  /// The environment of the program, for opening links.
  package var environment: [String: String]

  package init(
    clusters: [ClusterServices], candidates: [ClusterTarget] = [],
    later: @escaping @Sendable (ClusterTarget) -> ClusterServices, paths: Paths, folder: String,
    environment: [String: String]
  ) {
    (self.clusters, self.candidates, self.later) = (clusters, candidates, later)
    self.paths = paths
    self.folder = folder
    self.environment = environment
  }

  package var store: ConfigurationStore { clusters[0].deployer.store }
}

extension DashboardServices {
  /// The maximum number of clusters to check for ARC at once: each check is a process.
  private static var askedAtOnce: Int { 8 }

  /// Checks which candidates have ARC, and reports each that has.
  func findClusters(_ tell: @escaping @Sendable (ClusterTarget) -> Void) async {
    guard !candidates.isEmpty else { return }
    let later = later
    await withTaskGroup(of: Void.self) { group in
      for (index, target) in candidates.enumerated() {
        if index >= Self.askedAtOnce { _ = await group.next() }
        group.addTask { if await later(target).hasARC() == true { tell(target) } }
      }
    }
  }
}

extension ClusterServices {
  /// What the request of a form would do, and the resulting values.
  func preview(_ request: PlanRequest) async throws -> PlanPreview {
    let plan = try await deployer.plan(for: request)
    // Steps that only check something are left out: the user wants to see the changes.
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

  /// An object in the cluster as YAML.
  func yaml(kind: String, name: String, namespace: String, title: String) async throws -> TextPage {
    let kubectl = try toolbox.kubectl()
    guard let object = try await kubectl.get(kind: kind, name: name, namespace: namespace) else {
      throw EngineError(.notFound, "\(title) is gone")
    }
    var page = TextPage(title: title, text: Redaction.shown(object).yaml())
    page.fileName = "\(name).yaml"
    return page
  }

  /// Whether ARC's CRDs exist; nil if the cluster does not respond.
  func hasARC() async -> Bool? {
    var toolbox = toolbox
    // A single request does not justify starting a proxy.
    toolbox.pipe = nil
    do {
      _ = try await toolbox.api().get("/apis/actions.github.com/v1alpha1", timeout: .seconds(10))
      return true
    } catch { return (error as? EngineError)?.kind == .notFound ? false : nil }
  }
}
