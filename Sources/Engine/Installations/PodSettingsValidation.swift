import ARC
import Basics

extension Installation {
  /// Rejects settings that the mode or the target does not support.
  func validateSettings() throws(EngineError) {
    if let work = settings.workSize.map({ "--work-size \($0)" })
      ?? settings.storageClass.map({ "--storage-class \($0)" }),
      mode != .kubernetes
    {
      throw EngineError(
        .invalid, "\(work) is for the mode kubernetes alone",
        why: mode == .dind
          ? "In the mode dind the work directory is a directory of the node"
          : "In the mode \(mode.rawValue) runner and job pod share no volume",
        fix: "Remove it, or use --mode kubernetes")
    }
    if mode != .dind, settings.dindImage != nil || !settings.dindArguments.isEmpty {
      throw EngineError(
        .invalid, "\(settings.dindImage == nil ? "--dind-arg" : "--dind-image") is for the mode dind alone",
        why: "The mode \(mode.rawValue) has no Docker daemon", fix: "Remove it, or use --mode dind")
    }
    try validateEnvironment()
    try validateProxy()
    if let group = settings.runnerGroup, case .repository(let owner, _) = target.scope {
      throw EngineError(
        .invalid, "A repository has no runner groups", why: "\(SafeText.line(group)) was given with --runner-group",
        fix: "Remove it, or serve the organization: --repository https://\(target.host)/\(owner)")
    }
  }

  private func validateProxy() throws(EngineError) {
    let proxy = settings.proxy
    guard proxy.http == nil, proxy.https == nil else { return }
    guard let option = proxy.secret != nil ? "--proxy-secret" : proxy.exceptions.isEmpty ? nil : "--no-proxy" else {
      return
    }
    throw EngineError(
      .invalid, "\(option) has no effect without --proxy", why: "No proxy is set",
      fix: "Add --proxy URL, or leave \(option) out; `deskrun edit` removes one that is set with --reset")
  }

  /// The environment variables that ARC and deskrun set for the runner: with other values it starts no jobs, or wrong
  /// ones.
  private static let ownVariables: Set<String> = [
    "ACTIONS_RUNNER_INPUT_JITCONFIG", "ACTIONS_RUNNER_CONTAINER_HOOKS", "ACTIONS_RUNNER_CONTAINER_HOOK_TEMPLATE",
    "ACTIONS_RUNNER_POD_NAME",
  ]

  /// Rejects duplicate variables, one of which would be lost, and variables reserved for ARC and deskrun.
  private func validateEnvironment() throws(EngineError) {
    var seen: [String: String] = [:]
    for variable in settings.environment {
      let option: String
      switch variable.source {
      case .value: option = "--env"
      case .secret: option = "--env-from"
      }
      let name = SafeText.line(variable.name)
      guard !Self.ownVariables.contains(variable.name) else {
        throw EngineError(
          .invalid, "\(option): \(name) cannot be set",
          why: "ARC and deskrun set it themselves, and jobs fail with another value", fix: "Remove it")
      }
      if let other = seen[variable.name] {
        throw EngineError(
          .invalid,
          other == option ? "\(option) has \(name) twice" : "\(name) is given with \(other) and with \(option)",
          why: "A variable has one value", fix: "Remove one of them")
      }
      seen[variable.name] = option
    }
  }
}
