import CommandOutput
import CommandSession
import Engine

/// The output of `deskrun doctor --report`: a text to attach to a bug report after reviewing it.
struct BugReport {
  private var sections: [(title: String, lines: [String])] = []
  private var mask = ReportMask()

  /// Collects all information of the report.
  ///
  /// - Parameter logTail: the end of the log file; nil without a log file.
  /// - Throws: only `CancellationError`.
  init(_ session: Session, logTail: [String]?) async throws {
    let configuration = (try? session.store.load()) ?? Configuration()
    let doctor = session.doctor(session.toolbox)
    let checks = try await doctor.examine()
    var look = ClusterLook(toolbox: session.asking, paths: session.paths)
    try await look.look(configuration)
    let known = look.knowledge
    hideNames(session, configuration, known)
    add("Versions", Self.versions(session))
    add("Checks", checks.map { "\($0.verdict.rawValue): \($0.title): \($0.finding)" })
    add("Cluster", Self.cluster(session, known))
    add("Installations", known.statuses.flatMap(Self.installation))
    add("Findings", Self.findings(known))
    add("Last errors in the cluster", await Self.lastErrors(session))
    if let logTail { add("End of the log file", logTail) }
  }

  var text: String {
    """
    # deskrun report

    Read this before you post it. It holds versions, checks, settings of installations, findings, the last errors of the
    cluster and, with --log-file, the end of that file. Tokens, keys, names of user, home and computer, owners,
    repositories and addresses are replaced as far as deskrun knows them. Names of installations, pods, jobs and
    workflows are not.

    """
      + sections.map { section in
        "\n## \(section.title)\n\n"
          + (section.lines.isEmpty ? "none\n" : section.lines.map { "    \($0)\n" }.joined())
      }.joined()
  }

  private mutating func add(_ title: String, _ lines: [String]) {
    sections.append((title, lines.map { mask.masked($0) }))
  }

  // MARK: Names

  private mutating func hideNames(_ session: Session, _ configuration: Configuration, _ known: ClusterKnowledge) {
    let home = session.paths.userHome
    // The root folder is not private.
    if home.utf8.count > 1 { mask.hide(home, as: "~") }
    let environment = ProcessEnvironment.read()
    // Elsewhere the last part of the path may be any word.
    let named = ["/home/", "/Users/"].contains(where: home.hasPrefix) ? home.split(separator: "/").last : nil
    for name in [environment["USER"], environment["LOGNAME"], named.map(String.init)] {
      if let name { mask.hide(name, as: "USER") }
    }
    let host = SystemName.host
    mask.hide(host, as: "COMPUTER")
    if let short = host.split(separator: ".").first { mask.hide(String(short), as: "COMPUTER") }
    let snapshot = known.snapshot
    let urls = configuration.installations.map(\.target.url) + (snapshot?.scaleSets.map(\.githubURL) ?? [])
    for target in urls.compactMap({ try? GitHubTarget($0) }) {
      if !target.isGitHubDotCom { mask.hide(target.host, numbered: "GITHUB-HOST") }
      switch target.scope {
      case .repository(let owner, _), .organization(let owner), .enterprise(let owner): mask.hide(owner: owner)
      }
    }
    let jobs = known.jobs.jobs.map(\.job.repository) + (snapshot?.runners.compactMap(\.state.job?.repository) ?? [])
    for owner in jobs.compactMap({ $0.split(separator: "/").first }) { mask.hide(owner: String(owner)) }
    for image in configuration.installations.compactMap(\.image) {
      if let registry = Self.privateRegistry(of: image) { mask.hide(registry, numbered: "REGISTRY") }
    }
    guard session.target.kindCluster == nil else { return }
    mask.hide(session.target.context, numbered: "CONTEXT")
    for node in snapshot?.runners.compactMap(\.node) ?? [] { mask.hide(node, numbered: "NODE") }
  }

  /// The registry of an image; nil for well-known public registries.
  static func privateRegistry(of image: String) -> String? {
    let parts = image.split(separator: "/", maxSplits: 1)
    guard parts.count == 2, parts[0].contains(where: { $0 == "." || $0 == ":" }) else { return nil }
    let host = parts[0].split(separator: ":")[0].lowercased()
    let isPublic = ["docker.io", "ghcr.io", "quay.io", "gcr.io", "mcr.microsoft.com", "public.ecr.aws"].contains(host)
    return isPublic ? nil : host
  }

  // MARK: Sections

  private static func versions(_ session: Session) -> [String] {
    let environment = session.environment
    func value(_ name: String) -> String { environment[name].flatMap { $0.isEmpty ? nil : $0 } ?? "not set" }
    return [
      "deskrun \(DeskrunVersion.current), for ARC \(SupportedARC.words)"
        + (VersionReport().package.kind.map { ", \($0.words)" } ?? ""),
      "system: \(SystemName.text)" + (SystemName.distribution.map { ", \($0)" } ?? ""),
      "terminal: TERM \(value("TERM")), LANG \(value("LANG")), LC_ALL \(value("LC_ALL"))",
    ] + (session.isDemo ? ["simulated cluster of --demo"] : [])
  }

  private static func cluster(_ session: Session, _ known: ClusterKnowledge) -> [String] {
    let state = known.observation?.cluster ?? .absent
    var lines = [
      "\(session.target.kindCluster == nil ? "existing cluster" : "kind cluster") \(session.target.context): "
        + state.words + (state.reason.map { ", \($0)" } ?? "")
    ]
    if case .ready(let version) = state { lines.append("Kubernetes \(version)") }
    if let controller = known.snapshot?.controller {
      lines.append("controller: ARC \(controller.version), \(controller.isReady ? "ready" : "not ready")")
    } else if known.snapshot != nil {
      lines.append("controller: not installed")
    }
    return lines + [known.unread].compactMap { $0 }.map { "cannot be read: \(LogFile.words($0))" }
  }

  private static func installation(_ status: InstallationStatus) -> [String] {
    var lines = ["\(status.name):"]
    if let installation = status.installation {
      let scope =
        switch installation.target.scope {
        case .repository: "a repository"
        case .organization: "an organization"
        case .enterprise: "an enterprise"
        }
      let source =
        switch installation.authentication.source {
        case .literal: "kept in the configuration"
        case .environment: "from a variable"
        case .file: "from a file"
        case .gh: "from gh"
        }
      let kind = if case .token = installation.authentication { "a token" } else { "a GitHub App" }
      lines += [
        "  serves \(scope) on \(installation.target.isGitHubDotCom ? "github.com" : "a GitHub Enterprise host")",
        "  mode \(installation.mode.rawValue), \(installation.runners.minimum) to \(installation.runners.maximum) runners"
          + (installation.instances > 1 ? ", \(installation.instances) instances" : ""),
        "  credentials: \(kind) \(source)",
        "  \(installation.image == nil ? "default image" : "own image"), caches: \(installation.caches.count), "
          + "mounts: \(installation.mounts.count), labels: \(installation.labels.count), "
          + "values files: \(installation.valuesFiles.count)",
      ]
    } else {
      lines.append(
        "  not in the configuration" + (status.manager.map { ", deployed by \($0.words)" } ?? ""))
    }
    for set in status.scaleSets {
      lines.append(
        "  scale set \(set.id): ARC \(set.version), phase \(set.phase.isEmpty ? "none" : set.phase), "
          + (set.isRegistered ? "registered" : "not registered"))
    }
    let counts = status.counts
    lines.append(
      "  listener \(status.listener.word); \(counts.busy) busy, \(counts.idle) idle, \(counts.starting) starting, "
        + "\(counts.failing) failing, \(counts.finishing) finishing")
    for drift in status.drift {
      lines.append("  \(drift.setting.title): \(drift.cluster) in the cluster, configured \(drift.configured)")
    }
    return lines
  }

  private static func findings(_ known: ClusterKnowledge) -> [String] {
    known.findings.flatMap { finding in
      ["\(finding.severity.rawValue): \(finding.rule.rawValue): \(finding.title)"]
        + finding.evidence.map { "  \($0)" }
    } + known.gaps(about: nil).map { "unknown: \($0.sentence(now: known.now))" }
  }

  /// The newest warnings of Kubernetes, and the errors at the end of the controller's log.
  private static func lastErrors(_ session: Session) async -> [String] {
    let toolbox = session.asking
    guard let api = try? toolbox.api() else { return [] }
    async let events = try? KubeEvent.read(api, in: EventScope(toolbox).namespaces)
    async let errors = try? ControllerLog.errors(api, limit: 20)
    return (await events ?? []).filter(\.isWarning).suffix(20).map { event in
      "\(event.last.map { Timestamp.text($0) } ?? "-") \(event.kind)/\(event.object): \(event.reason): \(event.message)"
    } + (await errors ?? []).map { "controller: \($0)" }
  }
}
