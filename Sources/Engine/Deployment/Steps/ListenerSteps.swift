import ARC
import Basics
import Installations
import Knowledge
import Tools

extension PlanExecutor {
  /// Waits until GitHub knows the scale set and its listener runs. Helm's success proves neither: it is over as soon
  /// as the objects are written. A set that stays unregistered is explained from the controller's log.
  func verifyListener(
    _ scaleSet: String, target: GitHubTarget, _ context: StepContext
  ) async throws -> StepOutcome {
    let kubectl = try context.toolbox.kubectl()
    let clock = ContinuousClock()
    let start = clock.now
    // A refusal from before this step may be that of credentials that have been replaced since.
    let began = SystemTime.secondsSince1970() - 2
    var hasSeenSet = false
    var outdatedSince: ContinuousClock.Instant?
    while true {
      let set = try await objects("autoscalingrunnersets", of: scaleSet, kubectl).first
      if set == nil, hasSeenSet { throw vanished(scaleSet) }
      hasSeenSet = hasSeenSet || set != nil
      let isRegistered = set?.annotations?["runner-scale-set-id"]?.stringValue != nil
      let phase = set?.status?["phase"]?.stringValue ?? ""
      outdatedSince = phase == "Outdated" ? outdatedSince ?? clock.now : nil
      if let since = outdatedSince,
        OutdatedPhase.isSettled(
          phase, generation: set?.generation ?? 0, observedGeneration: set?.status?["observedGeneration"]?.intValue,
          lasted: since.duration(to: clock.now), patience: pace.registrationPatience / 3)
      {
        throw outdated(scaleSet, try await controllerRelease(context))
      }
      let listener = isRegistered ? try await listenerState(of: scaleSet, kubectl) : nil
      if let listener, listener.isRunning, outdatedSince == nil { return .changed("registered, its listener runs") }
      context.progress(
        isRegistered
          ? "registered; its listener \(listener.map { "is \($0.words)" } ?? "is not there yet")"
          : "waiting for GitHub to accept it")
      let waited = start.duration(to: clock.now)
      if !isRegistered, waited > pace.registrationPatience / 5, set != nil,
        let problem = try await registrationProblem(of: scaleSet, target: target, since: began, kubectl),
        problem.kind == .unauthorized || problem.kind == .invalid
      {
        throw problem
      }
      if waited > pace.registrationPatience {
        if let problem = try await registrationProblem(of: scaleSet, target: target, since: nil, kubectl) {
          throw problem
        }
        if set == nil {
          throw EngineError(
            .failed, "The scale set \(scaleSet) is not in the cluster although Helm installed it",
            why: "The controller deletes scale sets of another version than its own",
            fix: "Run `deskrun upgrade`, then the same command again")
        }
      }
      try await Task.sleep(for: pace.interval)
    }
  }

  private struct ListenerState {
    var isRunning: Bool
    package var words: String
  }

  private func listenerState(of scaleSet: String, _ kubectl: Kubectl) async throws -> ListenerState? {
    // The listener's pod lives in the controller's namespace, which need not be ours.
    let path =
      "/api/v1/pods?labelSelector=app.kubernetes.io%2Fcomponent%3Drunner-scale-set-listener%2C"
      + "actions.github.com%2Fscale-set-name%3D\(scaleSet)"
    let list = try await kubectl.json(path, timeout: .seconds(30))
    guard let pod = list["items"]?[0] else { return nil }
    let container = pod["status"]?["containerStatuses"]?[0]
    if container?["state"]?["running"] != nil { return ListenerState(isRunning: true, words: "running") }
    let reason = container?["state"]?["waiting"]?["reason"]?.stringValue
    return ListenerState(isRunning: false, words: reason.map { "starting (\($0))" } ?? "starting")
  }

  private func registrationProblem(
    of scaleSet: String, target: GitHubTarget, since: Int64?, _ kubectl: Kubectl
  ) async throws -> EngineError? {
    let list = try JSONValue(
      parsing: await kubectl.get(
        "/api/v1/pods?labelSelector=app.kubernetes.io%2Fpart-of%3Dgha-rs-controller", timeout: .seconds(30)))
    guard let pod = list["items"]?[0], let name = pod["metadata"]?["name"]?.stringValue,
      let namespace = pod["metadata"]?["namespace"]?.stringValue
    else {
      return EngineError(
        .failed, "The controller has no pod, so nothing registers \(scaleSet) at GitHub",
        fix: "See why with `deskrun events`; `deskrun up` installs it again if it is gone")
    }
    let log = try await kubectl.logs(pod: name, container: "manager", namespace: namespace, tail: 2000)
    return ControllerLog.registrationProblem(
      log: String(decoding: log, as: UTF8.self), scaleSet: scaleSet, target: target, since: since)
  }

  private func vanished(_ scaleSet: String) -> EngineError {
    EngineError(
      .failed, "The controller deleted the scale set \(scaleSet)",
      why: "It does so when their versions differ", fix: "Run `deskrun upgrade`, then the same command again")
  }

  private func outdated(_ scaleSet: String, _ release: ARCRelease) -> EngineError {
    EngineError(
      .failed, "GitHub refuses the runner image of \(scaleSet) as outdated",
      why: "A runner version stops being accepted some 30 days after its successor is out",
      fix: "Give it a newer image with `deskrun edit NAME --image IMAGE`, or the default with --no-image"
        + (release.isInPlaceGeneration
          ? ". The same tag with newer content is not a change"
          : "; if it stays stopped, remove and add it"))
  }
}
