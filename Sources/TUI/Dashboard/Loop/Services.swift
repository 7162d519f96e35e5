import DashboardCore
import Engine
import TerminalKit

/// What the dashboard works with on one cluster.
package struct ClusterServices: Sendable {
  /// Programs, and the pipe to the cluster.
  package var toolbox: Toolbox
  /// Makes and runs plans there.
  package var deployer: Deployer

  package init(toolbox: Toolbox, deployer: Deployer) { (self.toolbox, self.deployer) = (toolbox, deployer) }
}

/// What the dashboard works with.
package struct DashboardServices: Sendable {
  /// The clusters that are shown from the start, at least one, in the order of the model's.
  package var clusters: [ClusterServices]
  /// Those that are shown too once they were found to have ARC.
  package var candidates: [ClusterTarget]
  /// What is worked with on a cluster that is shown later.
  package var later: @Sendable (ClusterTarget) -> ClusterServices
  /// Where deskrun keeps its files.
  package var paths: Paths
  /// The folder the program was started in.
  package var folder: String
  /// The environment the program was started with, for opening links.
  package var environment: [String: String]

  /// Puts them together.
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
  /// How many clusters are asked at once whether they have ARC: each is a process.
  private static var askedAtOnce: Int { 8 }

  /// Asks the candidates whether they have ARC, and tells of each that has.
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

  /// An object of the cluster as text.
  func yaml(kind: String, name: String, namespace: String, title: String) async throws -> TextPage {
    let kubectl = try toolbox.kubectl()
    guard let object = try await kubectl.get(kind: kind, name: name, namespace: namespace) else {
      throw EngineError(.notFound, "\(title) is gone")
    }
    var page = TextPage(title: title, text: Redaction.shown(object).yaml())
    page.fileName = "\(name).yaml"
    return page
  }

  /// Whether ARC's kinds of objects exist there; nil where the cluster does not say.
  func hasARC() async -> Bool? {
    var toolbox = toolbox
    // One question is not worth a proxy.
    toolbox.pipe = nil
    do {
      _ = try await toolbox.api().get("/apis/actions.github.com/v1alpha1", timeout: .seconds(10))
      return true
    } catch { return (error as? EngineError)?.kind == .notFound ? false : nil }
  }
}
