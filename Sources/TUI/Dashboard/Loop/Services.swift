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
  /// What has to be done for a request.
  ///
  /// - Throws: `EngineError` that says why it cannot be.
  package func plan(for request: PlanRequest) async throws -> Plan {
    let plan = try await anyPlan(for: request)
    guard plan.lostPods.isEmpty else {
      throw EngineError(
        .invalid, "The creation of the cluster was interrupted, and pods run on it",
        why: plan.lostPods.joined(separator: ", "),
        fix: "Run `deskrun up` in a shell: it names what is lost and asks before it creates the cluster again")
    }
    return plan
  }

  private func anyPlan(for request: PlanRequest) async throws -> Plan {
    switch request {
    case .add(let draft):
      let installation = try draft.installation(
        authentication: try await authentication(draft, current: nil), home: paths.userHome)
      return try await deployer.planAdd(try located(installation))
    case .edit(let draft, let base):
      let edited = try draft.installation(
        authentication: try await authentication(draft, current: base.authentication), home: paths.userHome)
      return try await deployer.planEdit(try located(edited), base: base)
    case .scale(let name, let minimum, let maximum, let from):
      let current = try installation(name)
      let scaled = try current.with(runners: RunnerCounts(minimum: minimum, maximum: maximum))
      return try await deployer.planEdit(scaled, base: try current.with(runners: from))
    case .remove(let name, let policy, let force):
      return try await deployer.planRemove(InstallationName(name), policy: policy, force: force)
    case .up(let name): return try await deployer.planUp(only: try name.map { [try InstallationName($0)] })
    case .upgrade(let policy): return try await deployer.planUpgrade(policy: policy)
    case .createCluster: return try await deployer.planCreateCluster()
    case .stopCluster: return try await deployer.planStopCluster()
    case .deleteCluster: return try await deployer.planDeleteCluster()
    case .down(let policy): return try await deployer.planDown(policy: policy)
    case .restartListener(let listener, let scaleSet):
      return try await deployer.planRestartListener(listener, scaleSet: scaleSet)
    case .deleteRunners(let names, let scaleSet): return try await deployer.planDeleteRunners(names, of: scaleSet)
    }
  }

  /// Runs what is done for a request while no other deskrun works on the same.
  ///
  /// - Parameter onWait: hears who is waited for, in words.
  package func exclusively(
    _ request: PlanRequest, onWait: @escaping @Sendable (String) -> Void, _ body: () async throws -> Void
  ) async throws {
    guard let scope = request.scope else { return try await body() }
    try await deployer.exclusively(
      "deskrun tui: \(request.title)", on: scope, onWait: { onWait(Self.words(for: $0)) }, body)
  }

  private static func words(for holders: [OperationHolder]) -> String {
    guard !holders.isEmpty else { return "another deskrun" }
    return holders.map { holder in
      "\(holder.title) (process \(holder.process), since \(ClockText.time(holder.since)))"
    }.joined(separator: ", ")
  }

  private func installation(_ name: String) throws -> Installation {
    let configuration = try store.load()
    let name = try InstallationName(name)
    guard let installation = configuration.installation(named: name) else {
      throw Deployer.unknown(name, configuration)
    }
    return installation
  }

  /// With `~` in the values files resolved, and the files known to be readable.
  private func located(_ installation: Installation) throws -> Installation {
    var located = installation
    located.valuesFiles = installation.valuesFiles.map { file in
      file.hasPrefix("~/") ? paths.userHome + file.dropFirst() : file
    }
    for file in located.valuesFiles { _ = try ValuesFile.read(ValuesReference(file)) }
    return located
  }

  /// The credentials a form describes.
  ///
  /// - Parameter current: what an empty field keeps.
  package func authentication(_ draft: InstallationDraft, current: Authentication?) async throws -> Authentication {
    let target = try GitHubTarget(draft.repository)
    var ids: (id: String, installationID: String)?
    if draft.usesApp {
      ids = try AppIdentity.checked(id: draft.appID, installationID: draft.appInstallationID, target: target)
    }
    if draft.credential.isEmpty, let current {
      switch (current, ids) {
      case (.token, nil): return current
      case (.app(_, _, let key), let ids?): return .app(id: ids.id, installationID: ids.installationID, key: key)
      default: break
      }
    }
    let source = try await credential(draft, target).source
    guard let ids else { return .token(source) }
    return .app(id: ids.id, installationID: ids.installationID, key: source)
  }

  /// Looks for the secret a form describes.
  func credential(_ draft: InstallationDraft, _ target: GitHubTarget) async throws -> CredentialResolver.Found {
    let text = draft.credential.reveal()
    var argument = text.isEmpty ? nil : try CredentialArgument(text)
    if case .file(let path)? = argument, path.hasPrefix("~/") { argument = .file(paths.userHome + path.dropFirst()) }
    let isTyped: Bool = if case .literal? = argument { true } else { false }
    return try await deployer.credentials.find(
      argument, kind: draft.usesApp ? .appKey : .token, host: target.host,
      storage: draft.storesReference && !isTyped ? .reference : .literal, folder: folder, isTyped: isTyped)
  }

  /// What a form would do, and with which values.
  ///
  /// - Parameter base: the installation that is changed, as it was when the form was opened; nil for a new one.
  func preview(_ draft: InstallationDraft, from base: Installation?) async throws -> PlanPreview {
    let installation = try located(
      try draft.installation(
        authentication: base?.authentication ?? FormRules.placeholder(draft), home: paths.userHome))
    let plan =
      if let base { try await deployer.planEdit(installation, base: base) } else {
        try await deployer.planAdd(installation)
      }
    // What is only looked at on the way is left out: the reader wants to know what changes.
    let steps = plan.steps.contains { $0.forecast != nil } ? plan.steps.filter { $0.forecast != nil } : plan.steps
    let values = try deployer.deployments(of: installation).map { scaleSet in
      "# \((["\(scaleSet.name)"] + scaleSet.merged.files).joined(separator: " + "))\n\(SourcedYAML.text(scaleSet.merged.shown))"
    }
    return PlanPreview(
      steps: steps.map { .init(title: SafeText.line($0.title), forecast: $0.forecast.map { SafeText.line($0) }) },
      warnings: (plan.warnings + plan.notes).map { SafeText.line($0) }, values: values.joined(separator: "\n"))
  }
}
