import ARC
import Basics
import Installations
import Kubernetes
import Tools

extension Diagnosis {
  /// The unreadable parts of the configuration.
  static func configuration(_ known: Circumstances) -> [Finding] {
    var findings: [Finding] = []
    if let problem = known.configurationProblem {
      findings.append(
        Finding(
          .notConfigured, nil, .bad, problem.what, evidence: [problem.why].compactMap { $0 },
          remedy: problem.fix ?? "Fix the file"))
    }
    for entry in known.configuration.unreadable {
      findings.append(
        Finding(
          .notConfigured, entry.name, .bad,
          "\(SafeText.line(entry.name)) cannot be used" + (entry.problem.why.map { ": \($0)" } ?? ""),
          evidence: [entry.problem.what],
          remedy: entry.problem.fix ?? "Fix its entry in the configuration"))
    }
    return findings
  }

  /// All missing programs in one finding. Jobs continue without them, so it is a warning while the cluster can be read.
  static func tools(_ known: Circumstances) -> [Finding] {
    guard !known.missing.isEmpty else { return [] }
    let hidesCluster: Bool = if case .toolMissing? = known.cluster { true } else { false }
    return [
      Finding(
        .toolsMissing, nil, hidesCluster ? .bad : .warning, known.missing.sentence,
        evidence: known.missing.problems.map { "\($0.tool.rawValue): \($0.error.why ?? $0.error.what)" },
        remedy: known.missing.fix)
    ]
  }

  package static func cluster(_ known: Circumstances) -> [Finding] {
    switch known.cluster {
    case .stopped?, .paused?:
      return [
        Finding(
          .clusterStopped, nil, .bad, "The cluster's node is stopped, as after a reboot; no job runs",
          remedy:
            "Start it; runners return automatically. `deskrun up --install-service` starts it after each reboot",
          action: .startCluster)
      ]
    case .starting(let refusal)?:
      return [
        Finding(
          .clusterStopped, nil, .warning, "The cluster is starting: its node was started a moment ago",
          evidence: [refusal.why ?? refusal.what], remedy: "Wait; runners return automatically")
      ]
    case .halfCreated(let error)?:
      return [
        Finding(
          .clusterHalfCreated, nil, .bad, error.what, evidence: [error.why].compactMap { $0 },
          remedy: "Delete it and create it again; configuration and caches stay", action: .startCluster)
      ]
    case .contextMissing(let error)?: return contextMissing(error, known)
    case .dockerUnavailable(let error)?, .unreachable(let error)?:
      // Errors about clusters say this themselves.
      let saysAll = error.obstacle != nil || [.unreachable, .timedOut, .unauthorized].contains(error.kind)
      // Whether a cluster that does not answer is stopped is not known.
      let isUnreachable = if case .unreachable? = known.cluster { true } else { false }
      let way = known.configuration.installations.map(\.name).way(known.kept)
      return [
        Finding(
          isUnreachable ? .clusterUnreachable : .clusterStopped, nil, .bad,
          saysAll ? error.what : "The cluster cannot be read: \(error.what)",
          evidence: [error.why].compactMap { $0 },
          remedy: way ?? error.fix ?? "`deskrun doctor` checks everything it needs")
      ]
    case .absent? where !known.configuration.installations.isEmpty:
      return [
        Finding(
          .clusterStopped, nil, .bad, "The cluster does not exist, so no job runs",
          remedy: "Create it, with all that is configured", action: .startCluster)
      ]
    default: return []
    }
  }

  /// The installations that are bound to a context that is not in the kubeconfig.
  private static func contextMissing(_ error: EngineError, _ known: Circumstances) -> [Finding] {
    let evidence = [error.why].compactMap { $0 }
    let installations = known.configuration.installations.filter { !known.inWork.contains($0.name.description) }
    let target = installations.first.map { known.configuration.target(of: $0) } ?? known.configuration.target
    // Without installations, the context may be another one than the default: `--context` selects any.
    let isKind = target.kindCluster != nil && target.context == known.context ?? target.context
    guard !installations.isEmpty, !isKind else {
      return [
        Finding(
          .contextMissing, nil, .bad, error.what, evidence: evidence,
          remedy: isKind
            ? "Bring it up: that adds the context again" : fixOfFile(error) ?? MissingContext.unused,
          action: isKind ? .startCluster : nil)
      ]
    }
    return installations.map { installation in
      let missing = MissingContext(target, of: [installation.name])
      let isFileMissing = fixOfFile(error) != nil
      let why = isFileMissing ? error.why : missing.why ?? error.why
      let title = "\(installation.name): \(Self.lowercased(error.what))"
      if let kept = known.kept[installation.name] {
        return Finding(
          .contextMissing, installation.name.description, .bad, title, evidence: [why].compactMap { $0 },
          remedy: "Bind it to \(kept.words), which leads to the same cluster", action: .bind(kept))
      }
      guard !isFileMissing else {
        return Finding(
          .contextMissing, installation.name.description, .bad, title, evidence: [why].compactMap { $0 },
          remedy: missing.completing(error).fix ?? "Put the file back")
      }
      return Finding(
        .contextMissing, installation.name.description, .bad, title, evidence: [why].compactMap { $0 },
        remedy: "\(missing.otherWays). Otherwise bind it to the context that its cluster has now "
          + "(`kubectl config get-contexts` lists them)",
        action: .rebind)
    }
  }

  /// What helps if the whole kubeconfig is missing; nil if it is not.
  private static func fixOfFile(_ error: EngineError) -> String? {
    if case .noKubeconfig? = error.obstacle { error.fix ?? "Put the file back" } else { nil }
  }

  /// An installation that is bound to a context that points to another cluster by now. The state of the former cluster
  /// is unknown, unless another context leads to it.
  static func clusterChanged(_ other: OtherCluster, kept: ClusterTarget?) -> Finding {
    let title = "\(other.installation): \(lowercased(other.what))"
    if let kept {
      return Finding(
        .clusterChanged, other.installation, .bad, title,
        evidence: ["\(other.why). \(kept.words) leads to the one that it was deployed on"],
        remedy: "Bind it to \(kept.words)", action: .bind(kept))
    }
    return Finding(
      .clusterChanged, other.installation, .bad, title,
      evidence: [other.why],
      remedy: "\(other.otherWays). Otherwise bind it to the context that its cluster has now", action: .rebind)
  }

  private static func lowercased(_ sentence: String) -> String {
    sentence.prefix(1).lowercased() + sentence.dropFirst()
  }

  /// The problems that doctor found on this computer. Other rules cover cluster and credentials in more detail.
  package static func host(_ known: Circumstances) -> [Finding] {
    let rules: [(id: String, rule: FindingRule, action: FindingAction?)] = [
      ("inotify", .inotify, nil), ("disk", .disk, nil), ("cache-place", .cachePlace, nil),
      ("mounts", .nodeMounts, .recreateCluster), ("storage-class", .clusterHalfCreated, .startCluster),
    ]
    return rules.compactMap { entry in
      guard let check = known.checks.first(where: { $0.id == entry.id }),
        check.verdict == .warning || check.verdict == .bad, let fix = check.fix
      else { return nil }
      return Finding(
        entry.rule, nil, check.verdict == .bad ? .bad : .warning, "\(check.title): \(check.finding)", remedy: fix,
        action: entry.action)
    }
  }

  package static func controller(_ known: Circumstances, _ snapshot: Snapshot) -> [Finding] {
    guard !known.statuses.isEmpty else { return [] }
    let hasOwn = known.statuses.contains { !$0.isForeign }
    guard let controller = snapshot.controller else {
      guard !snapshot.scaleSets.isEmpty, !snapshot.hidesController else { return [] }
      guard hasOwn else {
        return [
          Finding(
            .controllerMissing, nil, .bad, "ARC's controller is missing, so runners are neither created nor deleted",
            remedy: "Install it with the tool that deployed the scale sets")
        ]
      }
      return [
        Finding(
          .controllerMissing, nil, .bad, "ARC's controller is missing, so runners are neither created nor deleted",
          remedy: "Install it again", action: .bringUp)
      ]
    }
    var findings: [Finding] = []
    if !controller.isReady {
      let pod = snapshot.pods.last { $0.role == .controller }
      findings.append(
        Finding(
          .controllerNotReady, nil, .bad, "ARC's controller is not ready, so changes are not being applied",
          evidence: pod.map { ["\($0.metadata.name): \(ListenerState($0).reason ?? $0.phase)"] } ?? [],
          remedy: "Read its log (`deskrun logs --controller`, or K)"
            + (hasOwn ? "; bringing everything up installs it again" : ""),
          action: hasOwn ? .bringUp : nil))
    }
    let others = snapshot.scaleSets.filter {
      !$0.version.isEmpty && !ARCVersion.isSameMinor($0.version, controller.version)
    }
    let own = Set(known.statuses.filter { !$0.isForeign }.flatMap { $0.scaleSets.map(\.id) })
    if !controller.version.isEmpty, let first = others.first(where: { own.contains($0.id) }) ?? others.first {
      // deskrun upgrades only what it deployed.
      let advice =
        own.contains(first.id)
        ? remedy(controller) : "Bring both to one version with the tool that deployed \(first.id)"
      findings.append(
        Finding(
          .versionSkew, nil, .bad,
          "Scale sets and controller are of different versions; the controller deletes such scale sets",
          evidence: ["controller \(controller.version), \(first.id) \(first.version)"],
          remedy: advice ?? "Bring both to one version", action: advice == nil ? .upgrade : nil))
    }
    return findings
  }

  /// The fix for a controller that `deskrun upgrade` refuses because its version is not supported; nil if the version
  /// is supported.
  static func remedy(_ controller: ControllerState) -> String? {
    guard !controller.version.isEmpty, SupportedARC.release(controller.version) == nil else { return nil }
    guard controller.hasOwnPlace else {
      return "Bring the Helm release \(SafeText.line(controller.release)) in namespace "
        + "\(SafeText.line(controller.namespace)) to ARC \(SupportedARC.words) with the tool that installed it, or use "
        + "another cluster"
    }
    guard SupportedARC.isTooNew(controller.version) else { return nil }
    let newest = SupportedARC.newest
    return "Install a newer deskrun; `deskrun upgrade --to \(newest)` returns to ARC \(newest)"
  }
}

extension ListenerState {
  package var reason: String? {
    switch self {
    case .failing(let why), .starting(let why): why
    case .running, .absent, .unknown: nil
    }
  }
}
