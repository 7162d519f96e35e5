extension Installation {
  /// Checks what concerns several parts.
  func validate() throws(EngineError) {
    try validateInstances()
    try validateTargets()
    try validateLabels()
    try validateImage()
    if case .enterprise = target.scope, case .app = authentication {
      throw EngineError(
        .invalid, "An enterprise cannot be served with a GitHub App", why: "GitHub allows only tokens there",
        fix: "Use --auth-type pat with a token that has the scope manage_runners:enterprise")
    }
    if mode == .dind, runners.maximum > 1, instances == 1,
      let shared = (caches.map(\.target) + mounts.map(\.target)).first(where: Self.isDaemonDirectory)
    {
      throw EngineError(
        .invalid, "\(shared) cannot be shared by up to \(runners.maximum) runners",
        why: "Each has a Docker daemon of its own, and two daemons on one directory destroy it",
        fix: "Use --max-runners 1, or --instances \(runners.maximum): then each has its own cache")
    }
  }

  private static func isDaemonDirectory(_ path: String) -> Bool { HostPath.isAtOrBelow(path, "/var/lib/docker") }

  private func validateInstances() throws(EngineError) {
    guard instances >= 1 else {
      throw EngineError(.invalid, "The number of instances is \(instances)", fix: "Give 1 or more (--instances)")
    }
    guard instances <= 100 else {
      throw EngineError(.invalid, "\(instances) instances are too many", fix: "Give at most 100 (--instances)")
    }
    let longest = name.description.count + 1 + String(instances).count
    guard instances == 1 || longest <= InstallationName.limit else {
      throw EngineError(
        .invalid, "The name \(name) is too long for instances",
        why: "\(name)-\(instances) has \(longest) characters, and ARC allows \(InstallationName.limit)",
        fix: "Choose a name of at most \(InstallationName.limit - 1 - String(instances).count) characters")
    }
  }

  private func validateTargets() throws(EngineError) {
    var seen: Set<String> = []
    for target in caches.map(\.target) + mounts.map(\.target) {
      guard seen.insert(target).inserted else {
        throw EngineError(
          .invalid, "\(target) is given twice", why: "Among --cache and --mount each target may stand once",
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
      guard seen.insert(label.lowercased()).inserted else {
        throw EngineError(.invalid, "The label \(shown) is given twice", fix: "Drop one of them")
      }
    }
  }

  private func validateImage() throws(EngineError) {
    guard let image else { return }
    let isPlausible =
      !image.isEmpty && image.utf8.count <= 512
      && image.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "'") }
      && !image.hasPrefix("/") && !image.hasPrefix("-") && !image.contains("://") && !image.hasSuffix(":")
    guard isPlausible else {
      throw EngineError(
        .invalid, "\"\(SafeText.line(image))\" is not the name of an image",
        fix: "For example: --image \(ARC.defaultRunnerImage)")
    }
  }

  /// What the user should know about this installation before it is deployed, one sentence each.
  public var warnings: [String] {
    var warnings = caches.flatMap(\.warnings)
    if instances > 1, runners != .one, runners != .standard {
      warnings.append(
        "Each of the \(instances) instances has exactly one runner; --min-runners and --max-runners do not apply.")
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
