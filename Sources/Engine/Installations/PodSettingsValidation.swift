import ARC
import Basics

extension Installation {
  /// Refuses settings that the mode or what is served cannot have.
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
    if let group = settings.runnerGroup, case .repository(let owner, _) = target.scope {
      throw EngineError(
        .invalid, "A repository has no runner groups", why: "\(SafeText.line(group)) was given with --runner-group",
        fix: "Remove it, or serve the organization: --repository https://\(target.host)/\(owner)")
    }
  }
}
