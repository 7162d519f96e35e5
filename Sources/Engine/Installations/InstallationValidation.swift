import ARC
import Basics
import Tools

extension Installation {
  /// Validates combinations of several properties.
  package func validate() throws(EngineError) {
    try validateInstances()
    for scaleSet in scaleSets { try InstallationName(scaleSet.name).checkReadAsText() }
    try validateTargets()
    try validateLabels()
    try validateImage()
    if case .enterprise = target.scope, case .app = authentication {
      throw EngineError(
        .invalid, "An enterprise cannot be served with a GitHub App", why: "GitHub allows only tokens there",
        fix: "Use --auth-type pat with a token that has the scope manage_runners:enterprise")
    }
    if mode == .dind { try validateDocker() }
    try validateSettings()
  }

  // MARK: Docker daemons

  /// A daemon's directory that several runners would write concurrently.
  private struct SharedDirectory {
    package var target: String
    package var runners: Int
    /// Whether the user chose the host directory. Then all instances share it; a partitioned cache is not shared.
    var isChosen: Bool
  }

  private var sharedDaemonDirectory: SharedDirectory? {
    let chosen =
      caches.filter { $0.source != nil }.map(\.target) + mounts.map(\.target) + settings.cacheClaims.map(\.target)
    let partitioned = caches.filter { $0.source == nil }.map(\.target)
    func daemons(_ targets: [String]) -> String? {
      targets.first { HostPath.isAtOrBelow($0, "/var/lib/docker") }
    }
    let count = instances > 1 ? instances : runners.maximum
    guard count > 1 else { return nil }
    if let target = daemons(chosen) { return SharedDirectory(target: target, runners: count, isChosen: true) }
    guard instances == 1, let target = daemons(partitioned) else { return nil }
    return SharedDirectory(target: target, runners: count, isChosen: false)
  }

  private func validateDocker() throws(EngineError) {
    if let shared = sharedDaemonDirectory {
      let fix =
        if !shared.isChosen {
          "Use --max-runners 1, or --instances \(shared.runners): then each has its own cache"
        } else if instances > 1 {
          "Use one instance with --max-runners 1, or --cache \(shared.target) without a source: "
            + "then each instance has its own"
        } else {
          "Use --max-runners 1"
        }
      throw EngineError(
        .invalid, "\(shared.target) cannot be shared by up to \(shared.runners) runners",
        why: "Each has a Docker daemon of its own, and two daemons on one directory destroy it", fix: fix)
    }
    // In the runner image, /var/run is a link to /run.
    if let target = mounts.map(\.target).first(where: { ["/var/run/docker.sock", "/run/docker.sock"].contains($0) }) {
      throw EngineError(
        .invalid, "The mount target \(target) cannot be used in the mode dind",
        why: "The Docker daemon beside each runner creates its own socket there",
        fix: "Leave the mount out, or use another mode with the Docker of this computer")
    }
  }

  private func validateInstances() throws(EngineError) {
    guard instances >= 1 else {
      throw EngineError(.invalid, "The number of instances is \(instances)", fix: "Give 1 or more (--instances)")
    }
    guard instances <= 100 else {
      throw EngineError(.invalid, "\(instances) instances are too many", fix: "Give at most 100 (--instances)")
    }
    let longest = name.plain.count + 1 + String(instances).count
    guard instances == 1 || longest <= InstallationName.limit else {
      throw EngineError(
        .invalid, "The name \(name) is too long for instances",
        why: "\(name)-\(instances) has \(longest) characters, and ARC allows \(InstallationName.limit)",
        fix: "Choose a name of at most \(InstallationName.limit - 1 - String(instances).count) characters")
    }
  }

  private func validateTargets() throws(EngineError) {
    var seen: Set<String> = []
    for target in caches.map(\.target) + mounts.map(\.target) + settings.cacheClaims.map(\.target) {
      guard seen.insert(target).inserted else {
        throw EngineError(
          .invalid, "\(target) is given twice",
          why: "Each target may be used once among --cache, --mount and --cache-claim",
          fix: "Drop one of them")
      }
    }
  }

  private func validateLabels() throws(EngineError) {
    var seen: Set<String> = []
    for label in labels {
      let shown = SafeText.line(label)
      guard !label.isEmpty, label.utf8.count < 256 else {
        throw EngineError(
          .invalid, "A label is \(label.isEmpty ? "empty" : "longer than 255 characters")",
          fix: "Give a short word (--label)")
      }
      guard !label.contains(where: { $0.isWhitespace || $0 == "," }), SafeText.line(label) == label else {
        throw EngineError(.invalid, "The label \"\(shown)\" has spaces or commas", fix: "Give one --label for each")
      }
      guard !SecretShapes.isSecret(label) else {
        throw EngineError(
          .invalid, "A label looks like a token", why: "Labels are shown to everybody who may see the repository",
          fix: "Give the token with --auth-value @FILE, -, env:NAME or gh")
      }
      guard seen.insert(label.lowercased()).inserted else {
        throw EngineError(.invalid, "The label \(shown) is given twice", fix: "Drop one of them")
      }
    }
  }

  private func validateImage() throws(EngineError) {
    guard let image else { return }
    let problem = SecretShapes.isSecret(image) ? "it looks like a token" : ImageReference.problem(image)
    guard let problem else { return }
    throw EngineError(
      .invalid, "\"\(SafeText.line(image))\" is not the name of an image", why: SafeText.line(problem),
      fix: "For example: --image \(ARCCharts.defaultRunnerImage)")
  }

  /// Warnings for the user before this installation is deployed, one sentence each.
  package var warnings: [String] {
    var warnings = caches.flatMap(\.warnings)
    if instances > 1, runners != .one, runners != .standard {
      warnings.append(
        "Each of the \(instances) instances has exactly one runner; --min-runners and --max-runners do not apply.")
    }
    if mode == .cachedPrivilegedKubernetes, let shared = sharedDaemonDirectory {
      warnings.append(
        "\(shared.target) is shared by up to \(shared.runners) jobs at once, and Docker daemons that two of them start on "
          + "it destroy it: use --max-runners 1, or --instances with a cache that has no source.")
    }
    if mode == .kubernetes, let path = caches.map(\.target).first(where: { HostPath.isAtOrBelow($0, "/root") }) {
      warnings.append(
        "\(path) is seen by jobs with a `container:`. A job without one runs as the user runner, who may not enter /root; "
          + "for those, cache a path below /home/runner.")
    }
    if let image, !image.contains(":") || (image.hasSuffix(":latest") == false && image.contains("actions-runner:")) {
      warnings.append(
        "GitHub stops accepting a runner version some 30 days after its successor is out: keep \(image) up to date.")
    }
    return warnings
  }
}
