import ARC
import Basics
import Installations
import Tools
import ValuesFiles

/// Checks everything that runners need, without changing anything.
package struct Doctor: Sendable {
  package let toolbox: Toolbox
  package let store: ConfigurationStore
  package let credentials: CredentialResolver

  package init(toolbox: Toolbox, store: ConfigurationStore, credentials: CredentialResolver) {
    self.toolbox = toolbox
    self.store = store
    self.credentials = credentials
  }

  /// Runs all checks, in the order of their dependencies.
  ///
  /// - Throws: only `CancellationError`.
  package func examine() async throws -> [DoctorCheck] {
    let isKind = toolbox.target.kindCluster != nil
    var checks: [DoctorCheck] = []
    for tool in ToolName.allCases where isNeeded(tool, isKind: isKind) { checks.append(try await check(tool)) }
    if isKind {
      checks.append(try await dockerEngine())
    }
    let (configuration, found) = configurationChecks()
    checks += HostChecks.all(
      paths: store.paths, configuration: configuration, isKind: isKind,
      environment: toolbox.environment)
    checks += found
    let names = configuration.installations.map(\.name)
    let (cluster, kept) = try await Meanwhile.value {
      try await ClusterInspector(toolbox: toolbox).state()
    } isNeeded: {
      $0.isOutOfReach
    } _: {
      try await toolbox.keptContexts(of: names, configuration)
    }
    checks.append(check(cluster, of: names, kept ?? [:]))
    if cluster.isReady { checks += try await otherCluster(configuration) }
    var arc = SupportedARC.newest
    if cluster.isReady {
      if let storage = try await Self.storageClass(toolbox) { checks.append(storage) }
      let (check, found) = try await controller()
      checks.append(check)
      if let found { arc = found }
      // In deskrun's own cluster, its owner has all permissions.
      if !isKind { checks += await rights() }
      if let mounts = try? await Self.nodeMounts(toolbox, store.paths, configuration) { checks.append(mounts) }
    }
    for installation in configuration.installations {
      checks.append(try await check(installation))
      checks += values(of: installation, arc)
    }
    return checks
  }

  /// The permissions of the credentials.
  private func rights() async -> [DoctorCheck] {
    do { return try await RightsReport.read(toolbox).checks } catch {
      let error = error as? EngineError ?? EngineError(.failed, "Rights cannot be found out")
      return [DoctorCheck(id: "rights", title: "rights", verdict: .unknown, finding: error.why ?? error.what)]
    }
  }

  /// The known problems of an installation's values files.
  private func values(of installation: Installation, _ arc: ARCRelease) -> [DoctorCheck] {
    guard !installation.valuesFiles.isEmpty else { return [] }
    let files = installation.valuesFiles.joined(separator: ", ")
    let title = "values of \(installation.name)"
    let id = "values/\(installation.name)"
    let merged: MergedValues?
    do throws(EngineError) {
      merged = try DesiredValues.list(
        installation, isKind: toolbox.target.kindCluster != nil, cacheRoot: store.paths.caches, owner: store.owner,
        arc: arc
      ).first?.merged
    } catch {
      return [DoctorCheck(id: id, title: title, failure: error)]
    }
    let found = Diagnosis.beforehand(installation, values: merged, checks: [])
    let unknown = (merged?.warnings ?? []).enumerated().map { at, warning in
      DoctorCheck(
        id: "\(id)/key-\(at + 1)", title: title, verdict: .warning, finding: warning, fix: "Correct or remove the key")
    }
    guard !found.isEmpty || !unknown.isEmpty else {
      return [DoctorCheck(id: id, title: title, verdict: .good, finding: files)]
    }
    return unknown
      + found.map {
        DoctorCheck(
          id: "\(id)/\($0.rule.rawValue)", title: title, verdict: .warning, finding: $0.title, fix: $0.remedy)
      }
  }

  private func configurationChecks() -> (Configuration, [DoctorCheck]) {
    do throws(EngineError) {
      let configuration = try store.load().on(toolbox.target)
      let count = configuration.installations.count
      let summary = DoctorCheck(
        id: "configuration", title: "configuration", verdict: .good,
        finding: "\(store.paths.configuration), \(count == 1 ? "1 installation" : "\(count) installations")"
          + Self.others(configuration))
      let unreadable = configuration.unreadable.map { entry in
        DoctorCheck(id: "configuration/\(entry.name)", title: SafeText.line(entry.name), failure: entry.problem)
      }
      return (configuration, [summary] + unreadable + folderCheck())
    } catch {
      return (
        Configuration(), [DoctorCheck(id: "configuration", title: "configuration", failure: error)] + folderCheck()
      )
    }
  }

  /// Where the installations are that are configured on other contexts, of which some may lead to this cluster.
  static func others(_ configuration: Configuration) -> String {
    let uids = Set(configuration.installations.compactMap { configuration.identity(of: $0.name)?.uid })
    let second = configuration.elsewhere.count { other in
      configuration.identity(of: other.name).map { uids.contains($0.uid) } ?? false
    }
    let further = configuration.elsewhere.count - second
    return (configuration.elsewhere.isEmpty ? "" : " here")
      + (second == 0 ? "" : ", \(second) through another context of this cluster")
      + (further == 0 ? "" : ", \(further) on other clusters")
  }

  /// The problem with the configuration's folder; empty if there is none.
  private func folderCheck() -> [DoctorCheck] {
    let (id, title, home) = ("configuration-folder", "folder of the configuration", store.paths.home)
    if let problem = FolderSafety.problem(home) {
      return [
        DoctorCheck(
          id: id, title: title, verdict: .bad, finding: problem,
          fix: "Set DESKRUN_HOME to a folder of your own that only you can write to, "
            + "for example: \(store.paths.userHome)/.deskrun")
      ]
    }
    guard let doubt = FolderSafety.doubt(home) else { return [] }
    return [
      DoctorCheck(
        id: id, title: title, verdict: .warning,
        finding: doubt + "; its members could replace the configuration",
        fix: "chmod g-w \(ToolCall.quoted([home]))")
    ]
  }

  /// gh is checked only if its token is used; openssl and curl never are.
  private func isNeeded(_ tool: ToolName, isKind: Bool) -> Bool {
    switch tool {
    case .kubectl, .helm: return true
    case .kind, .docker: return isKind
    case .openssl, .curl: return false
    case .gh:
      let installations = (try? store.load().on(toolbox.target).installations) ?? []
      return installations.contains { if case .gh = $0.authentication.source { true } else { false } }
    }
  }

  private func check(_ tool: ToolName) async throws -> DoctorCheck {
    do {
      let path = try toolbox.locator.locate(tool)
      let version = tool == .gh ? "found" : try await toolbox.versionText(of: tool)
      guard tool == .gh || version.contains(where: \.isNumber) else {
        return DoctorCheck(
          id: tool.rawValue, title: tool.rawValue, verdict: .unknown,
          finding: "\(path) does not say its version"
            + (version.allSatisfy(\.isWhitespace) ? "" : "; it says: \(version)"),
          fix: "Run it by hand to see what it is: \(ToolCall.quoted([path])) version")
      }
      return DoctorCheck(
        id: tool.rawValue, title: tool.rawValue, verdict: .good,
        finding: "\(version) at \(path)" + Self.remark(toolbox.locator.origin(tool)))
    } catch let error as EngineError {
      return DoctorCheck(id: tool.rawValue, title: tool.rawValue, failure: error)
    }
  }

  /// Why the program in use is not the one on PATH.
  private static func remark(_ origin: ToolLocator.Origin?) -> String {
    switch origin {
    case .setup(let other?)?: ", from `deskrun setup` in place of \(other), which is too old"
    case .setup(nil)?: ", from `deskrun setup`"
    case .override?, .path?, nil: ""
    }
  }

  private func dockerEngine() async throws -> DoctorCheck {
    let title = "container engine"
    do {
      let state = try await toolbox.docker().state()
      if let problem = state.problem { return DoctorCheck(id: "engine", title: title, failure: problem) }
      return DoctorCheck(
        id: "engine", title: title, verdict: .good, finding: "answers, \(state.version ?? "version unknown")")
    } catch let error as EngineError {
      return DoctorCheck(id: "engine", title: title, verdict: .unknown, finding: error.what)
    }
  }

  /// - Parameters:
  ///   - names: the installations on it.
  ///   - kept: the other contexts that lead to their cluster, if this one fails.
  private func check(_ cluster: ClusterState, of names: [InstallationName], _ kept: KeptContexts) -> DoctorCheck {
    let title = "cluster \(toolbox.target.context)"
    switch cluster {
    case .ready(let version):
      return DoctorCheck(id: "cluster", title: title, verdict: .good, finding: "answers, Kubernetes \(version)")
    case .absent:
      return DoctorCheck(
        id: "cluster", title: title, verdict: .warning, finding: "not created", fix: "`deskrun up` creates it")
    case .stopped, .paused:
      return DoctorCheck(
        id: "cluster", title: title, verdict: .bad, finding: "its node is \(cluster.words), as after a reboot",
        fix: "`deskrun up` starts it")
    case .dockerUnavailable, .toolMissing:
      return DoctorCheck(id: "cluster", title: title, verdict: .unknown, finding: cluster.words)
    case .starting(let error):
      return DoctorCheck(
        id: "cluster", title: title, verdict: .warning, finding: "starting: \(error.why ?? error.what)",
        fix: "Run `deskrun doctor` again in a moment")
    case .unreachable(let error):
      var check = DoctorCheck(id: "cluster", title: title, failure: error)
      // The fix of these errors suggests `deskrun doctor`, which is this command.
      if error.obstacle ?? .silent == .silent, error.kind == .unreachable || error.kind == .timedOut {
        check.fix = toolbox.target.kindCluster == nil ? ToolHints.checkNetwork : "`deskrun up` starts it"
      }
      if let way = names.way(kept) { check.fix = way }
      return check
    case .halfCreated(let error):
      return DoctorCheck(id: "cluster", title: title, failure: error)
    case .contextMissing(let error):
      let missing = MissingContext(toolbox.target, of: names, kept: kept)
      return DoctorCheck(id: "cluster", title: title, failure: missing.completing(error))
    }
  }

  /// The installations whose context now points to another cluster than the one they were deployed on.
  private func otherCluster(_ configuration: Configuration) async throws -> [DoctorCheck] {
    guard configuration.installations.contains(where: { configuration.identity(of: $0.name) != nil }) else { return [] }
    var checks: [DoctorCheck] = []
    let others = configuration.onOtherClusters(try await toolbox.clusterIdentity())
    guard !others.isEmpty else { return [] }
    let kept = try await toolbox.keptContexts(of: configuration.installations.map(\.name), configuration)
    for other in others {
      let error = other.error(kept: (try? InstallationName(reference: other.installation)).flatMap { kept[$0] })
      checks.append(
        DoctorCheck(id: "cluster/\(other.installation)", title: "cluster of \(other.installation)", failure: error))
    }
    return checks
  }

  /// The check of the controller, and its version if deskrun supports it.
  private func controller() async throws -> (check: DoctorCheck, release: ARCRelease?) {
    let title = "controller"
    do {
      let kubectl = try toolbox.kubectl()
      let list = try await kubectl.json(
        "/apis/apps/v1/deployments?labelSelector=app.kubernetes.io%2Fpart-of%3Dgha-rs-controller",
        timeout: .seconds(15))
      let found = (list["items"]?.arrayValue ?? []).map(FoundController.init)
      let judged = Self.judge(found)
      let release = found.first.flatMap { SupportedARC.release($0.version) }
      guard judged.verdict == .good, let first = found.first else { return (judged, release) }
      // Reading definitions needs cluster-wide permissions, which not every user has.
      do { return (try await definitionsCheck(first, kubectl) ?? judged, release) } catch is EngineError {
        return (judged, release)
      }
    } catch let error as EngineError where error.isForbidden {
      return (
        DoctorCheck(
          id: "controller", title: title, verdict: .unknown, finding: "unknown: not allowed to read deployments"), nil
      )
    } catch let error as EngineError {
      return (DoctorCheck(id: "controller", title: title, failure: error), nil)
    }
  }

  /// The problem with the resource definitions of a controller; nil if there is none.
  private func definitionsCheck(_ controller: FoundController, _ kubectl: Kubectl) async throws -> DoctorCheck? {
    guard SupportedARC.release(controller.version)?.isInPlaceGeneration == true else { return nil }
    let kind = "customresourcedefinitions.apiextensions.k8s.io"
    async let sets = kubectl.get(kind: kind, name: ResourceDefinitions.scaleSets, namespace: nil)
    async let runners = kubectl.get(kind: kind, name: ResourceDefinitions.runnerSets, namespace: nil)
    guard try await ResourceDefinitions.isFromBefore015(scaleSets: sets, runnerSets: runners) else { return nil }
    return DoctorCheck(
      id: "controller", title: "controller", verdict: .bad,
      finding:
        "\(controller.version), and the cluster's resource definitions are older: it cannot write their statuses",
      fix: "`deskrun upgrade` brings the definitions to its version")
  }

  package static func judge(_ controllers: [FoundController]) -> DoctorCheck {
    let title = "controller"
    guard let first = controllers.first else {
      return DoctorCheck(
        id: "controller", title: title, verdict: .warning, finding: "not installed", fix: "`deskrun up` installs it")
    }
    if controllers.count > 1 {
      return DoctorCheck(
        id: "controller", title: title, verdict: .bad,
        finding: "there are \(controllers.count): "
          + controllers.map { "\($0.release) in \($0.namespace)" }.joined(separator: ", "),
        fix: "Uninstall all but one: they fight over the same scale sets (`helm list -A`)")
    }
    guard SupportedARC.release(first.version) != nil else { return unsupported(first, title: title) }
    return DoctorCheck(
      id: "controller", title: title, verdict: first.isReady ? .good : .bad,
      finding: "\(first.version), \(first.isReady ? "ready" : "not ready")",
      fix: first.isReady ? nil : "See `deskrun events` and `deskrun logs --controller`")
  }

  private static func unsupported(_ controller: FoundController, title: String) -> DoctorCheck {
    let isTooNew = SupportedARC.isTooNew(controller.version)
    let fix =
      !controller.hasOwnPlace
      ? "Bring the Helm release \(controller.release) in namespace \(controller.namespace) to a supported version: "
        + "deskrun did not install it"
      : isTooNew
        ? "Install a newer deskrun" : "`deskrun upgrade` brings controller and scale sets to ARC \(SupportedARC.newest)"
    return DoctorCheck(
      id: "controller", title: title, verdict: .bad,
      finding: "version \(controller.version) is \(isTooNew ? "newer than this deskrun supports" : "not supported") "
        + "(supported: \(SupportedARC.words))",
      fix: fix)
  }

  /// The problem of a kind cluster whose creation was interrupted; nil if there is none or it cannot be read.
  ///
  /// - Throws: only `CancellationError`.
  package static func storageClass(_ toolbox: Toolbox) async throws -> DoctorCheck? {
    do {
      guard try await ClusterInspector(toolbox: toolbox).lacksStorageClass() else { return nil }
    } catch is EngineError { return nil }
    return DoctorCheck(
      id: "storage-class", title: "StorageClass", verdict: .bad,
      finding: "the cluster has none, because its creation was interrupted",
      fix: "`deskrun up` deletes the cluster and creates it again, and asks first when something runs on it")
  }

  /// Whether the node mounts every configured folder; nil if there is no node.
  ///
  /// - Throws: `EngineError` if the container engine cannot be queried.
  package static func nodeMounts(
    _ toolbox: Toolbox, _ paths: Paths, _ configuration: Configuration
  ) async throws -> DoctorCheck? {
    guard let cluster = toolbox.target.kindCluster,
      let node = try await toolbox.docker().node(container: KindClusterConfiguration.nodeContainer(cluster: cluster))
    else { return nil }
    let present = Set(node.mounts.map(\.destination))
    let missing = CacheLocation.nodeMounts(for: configuration.installations, cacheRoot: paths.caches)
      .filter { !present.contains($0.nodePath) }
    guard !missing.isEmpty else {
      return DoctorCheck(
        id: "mounts", title: "mounts of the node", verdict: .good,
        finding: "\(paths.caches) at \(CacheLocation.nodeRoot)")
    }
    return DoctorCheck(
      id: "mounts", title: "mounts of the node", verdict: .warning,
      finding: "the node does not see \(missing.map(\.hostPath).joined(separator: ", "))",
      fix: "`deskrun down` and `deskrun up` create a node that does; configuration and caches on this computer stay")
  }

  private func check(_ installation: Installation) async throws -> DoctorCheck {
    let id = "credentials/\(installation.name)"
    let title = "credentials of \(installation.name)"
    do {
      let resolved = try await credentials.resolve(installation)
      let kind = if case .token = resolved { "a token" } else { "a GitHub App" }
      return DoctorCheck(
        id: id, title: title, verdict: .good, finding: "\(kind), well-formed (not verified with GitHub)")
    } catch let error as EngineError {
      return DoctorCheck(id: id, title: title, failure: error)
    }
  }
}
