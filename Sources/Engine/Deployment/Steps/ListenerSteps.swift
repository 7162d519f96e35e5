import ARC
import Basics
import Installations
import Knowledge
import Tools

extension PlanExecutor {
  /// Waits until a scale set is ready, as defined by `Readiness`. Success of helm is not sufficient: it returns as soon
  /// as the objects are written. The error explains what prevents readiness: for an unregistered scale set the
  /// controller's log, for a listener that keeps exiting the end of its log, for runners that do not start their pods.
  ///
  /// - Parameters:
  ///   - release: the Helm release of the scale set, which has the same name unless the values set another.
  ///   - namespace: the namespace of both.
  func verifyListener(
    _ release: String, in namespace: String, target: GitHubTarget, _ context: StepContext
  ) async throws -> StepOutcome {
    let kubectl = try context.toolbox.kubectl()
    var watch = ReadinessWatch(release: release, namespace: namespace, target: target)
    while true {
      let seen = try await look(&watch, kubectl)
      guard let awaited = seen.awaited(url: target.url, cycle: pace.cycle) else { return .changed("ready") }
      if seen.scaleSet == nil, watch.hasSeenSet { throw vanished(release) }
      watch.hasSeenSet = watch.hasSeenSet || seen.scaleSet != nil
      try await refuseWhatStaysWrong(awaited, seen, &watch, kubectl)
      context.progress(watch.words(awaited))
      try await Task.sleep(for: pace.interval)
    }
  }

  /// Throws if what is awaited will not happen without intervention.
  func refuseWhatStaysWrong(
    _ awaited: Readiness.Awaited, _ seen: Readiness, _ watch: inout ReadinessWatch, _ kubectl: Kubectl
  ) async throws {
    let waited = watch.waited
    if let set = seen.scaleSet, set.phase == "Outdated" {
      // Right after a change, the phase may still be that of the previous runners.
      if OutdatedPhase.isSettled(
        set.phase, generation: set.generation ?? 0, observedGeneration: set.observedGeneration,
        lasted: watch.lasting("outdated"), patience: pace.registrationPatience / 3)
      {
        throw outdated(watch.release, seen)
      }
    } else {
      watch.forget("outdated")
    }
    if awaited.isOfController, waited > pace.registrationPatience {
      // A registered scale set whose listener the controller cannot create, for example because the credentials
      // expired.
      let problem = try await registrationProblems(&watch, kubectl).sinceBegan
      if let problem, problem.kind == .unauthorized || problem.kind == .invalid { throw problem }
    }
    switch awaited {
    case .registration:
      guard waited > pace.registrationPatience / 5 else { break }
      let problems = try await registrationProblems(&watch, kubectl)
      if let problem = problems.sinceBegan, problem.kind == .unauthorized || problem.kind == .invalid { throw problem }
      if waited > pace.registrationPatience, let problem = problems.ever { throw problem }
    case .scaleSet where waited > pace.registrationPatience && seen.scaleSet == nil:
      throw EngineError(
        .failed, "The scale set \(watch.release) is not in the cluster although Helm installed it",
        why: "The controller deletes scale sets of another version than its own",
        fix: "Run `deskrun upgrade`, then the same command again")
    case .otherURL(let url) where waited > pace.registrationPatience:
      throw EngineError(
        .failed, "The scale set \(watch.release) serves \(SafeText.line(url)), not \(watch.target.url)",
        why: "Something other than the installation's settings decides its githubConfigUrl, for example a values file",
        fix: "Remove githubConfigUrl there, then run the same command again")
    // A listener with a session works, however often it exited before.
    case .listener, .listenerStart, .session:
      // A permanent rejection by GitHub does not need a third exit; two pods, because the first may predate a change.
      if let end = watch.lastEnd, watch.ends.count > 1, watch.lasting("ends") > pace.registrationPatience / 5,
        let refusal = refused(watch, end)
      {
        throw refusal
      }
      // A single exit may be a conflict with the predecessor's session; a listener that keeps exiting does not recover.
      if let end = watch.lastEnd, watch.ends.count > 2, watch.lasting("ends") > pace.registrationPatience {
        throw keepsEnding(watch.scaleSet, end)
      }
    case .runner:
      if let problem = watch.runnerProblem, watch.lasting("runner") > pace.registrationPatience {
        throw noRunner(watch.release, problem)
      }
    default: break
    }
    if watch.runnerProblem == nil { watch.forget("runner") }
  }

  /// Reads the current state of the scale set.
  private func look(_ watch: inout ReadinessWatch, _ kubectl: Kubectl) async throws -> Readiness {
    let sets = try await scaleSets(ofRelease: watch.release, in: watch.namespace, kubectl)
    guard let set = sets.first(where: { !$0.isTerminating }) ?? sets.first else { return Readiness(scaleSet: nil) }
    var seen = Readiness(scaleSet: ScaleSetFacts(set.object))
    watch.scaleSet = set.name
    guard seen.scaleSet?.isRegistered == true else { return seen }
    seen.listeners = try await objects("autoscalinglisteners", of: set.name, in: watch.namespace, kubectl)
      .map { ListenerFacts($0.object) }
    seen.pods = try await listenerPods(of: set.name, in: watch.namespace, kubectl).map(ListenerPodFacts.init)
    // Pods that exit are deleted within seconds, so each check may be the last chance to read their logs.
    for pod in seen.pods where pod.isRunning || pod.exitCode != nil {
      guard let session = await session(of: pod, kubectl) else { continue }
      watch.note(session, of: pod)
      if pod == seen.listenerPod { seen.sessionAge = watch.age(session, of: pod) }
    }
    guard seen.awaited(url: watch.target.url, cycle: pace.cycle) == .runner else { return seen }
    let runners = try await objects("ephemeralrunners", of: set.name, in: watch.namespace, kubectl)
    seen.readyRunners = runners.count(where: \.isReadyRunner)
    watch.runnerProblem = seen.readyRunners > 0 ? nil : try await problem(ofRunners: runners, kubectl)
    return seen
  }

  /// What a listener's pod has logged so far; nil if its log cannot be read, for example because the pod was deleted.
  private func session(of pod: ListenerPodFacts, _ kubectl: Kubectl) async -> ListenerSession? {
    let log = try? await kubectl.logs(
      pod: pod.name, container: ListenerPodFacts.container, namespace: pod.namespace, tail: 200)
    return log.map { ListenerSession(log: String(decoding: $0, as: UTF8.self)) }
  }

  private func listenerPods(
    of scaleSet: String, in namespace: String, _ kubectl: Kubectl
  ) async throws -> [JSONValue] {
    // The listener's pod is in the controller's namespace, which may not be deskrun's.
    let path =
      "/api/v1/pods?labelSelector=app.kubernetes.io%2Fcomponent%3Drunner-scale-set-listener%2C"
      + "actions.github.com%2Fscale-set-name%3D\(scaleSet)"
    let list = try await kubectl.json(path, timeout: .seconds(30))
    return (list["items"]?.arrayValue ?? []).filter { pod in
      let home = pod["metadata"]?["labels"]?["actions.github.com/scale-set-namespace"]?.stringValue
      return home ?? namespace == namespace
    }
  }

  /// Why no runner becomes ready, if known: what Kubernetes or the controller reports about one of them.
  private func problem(ofRunners runners: [FoundObject], _ kubectl: Kubectl) async throws -> String? {
    for runner in runners {
      if runner.status?["phase"]?.stringValue == "Failed" {
        let words = [runner.status?["reason"], runner.status?["message"]].compactMap { $0?.stringValue }
        return "\(runner.name): \(SafeText.line(words.isEmpty ? "failed" : words.joined(separator: ": ")))"
      }
      let pod = try await kubectl.get(kind: "pods", name: runner.name, namespace: runner.namespace)
      let status = pod?["status"]
      for container in (status?["containerStatuses"]?.arrayValue ?? [])
        + (status?["initContainerStatuses"]?.arrayValue ?? [])
      {
        guard let waiting = container["state"]?["waiting"], let reason = waiting["reason"]?.stringValue,
          Self.failingReasons.contains(reason)
        else { continue }
        let message = waiting["message"]?.stringValue.map { ": \(SafeText.line($0))" } ?? ""
        return "\(runner.name): \(reason)\(message)"
      }
    }
    return nil
  }

  private static let failingReasons: Set<String> = [
    "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError",
    "CreateContainerError", "CrashLoopBackOff",
  ]

  /// Why a scale set is not registered: since the wait started, and at any time. The controller's log is long and
  /// repeats its messages with every retry, so it is read only on every fifth check.
  func registrationProblems(
    _ watch: inout ReadinessWatch, _ kubectl: Kubectl
  ) async throws -> (sinceBegan: EngineError?, ever: EngineError?) {
    if let last = watch.registration, last.at.duration(to: .now) < pace.interval * 5 {
      return (last.sinceBegan, last.ever)
    }
    let problems = try await readRegistrationProblems(watch, kubectl)
    watch.registration = (.now, problems.sinceBegan, problems.ever)
    return problems
  }

  private func readRegistrationProblems(
    _ watch: ReadinessWatch, _ kubectl: Kubectl
  ) async throws -> (sinceBegan: EngineError?, ever: EngineError?) {
    let list = try JSONValue(
      parsing: await kubectl.get(
        "/api/v1/pods?labelSelector=app.kubernetes.io%2Fpart-of%3Dgha-rs-controller", timeout: .seconds(30)))
    guard let pod = list["items"]?[0], let name = pod["metadata"]?["name"]?.stringValue,
      let namespace = pod["metadata"]?["namespace"]?.stringValue
    else {
      let problem = EngineError(
        .failed, "The controller has no pod, so nothing registers \(watch.scaleSet) with GitHub",
        fix: "See why with `deskrun events`; `deskrun up` installs it again if it is gone")
      return (problem, problem)
    }
    let log = String(
      decoding: try await kubectl.logs(pod: name, container: "manager", namespace: namespace, tail: 2000),
      as: UTF8.self)
    func problem(since: Int64?) -> EngineError? {
      ControllerLog.registrationProblem(log: log, scaleSet: watch.scaleSet, target: watch.target, since: since)
    }
    return (problem(since: watch.began), problem(since: nil))
  }

  private func vanished(_ scaleSet: String) -> EngineError {
    EngineError(
      .failed, "The controller deleted the scale set \(scaleSet)",
      why: "It does so when their versions differ", fix: "Run `deskrun upgrade`, then the same command again")
  }

  private func outdated(_ release: String, _ seen: Readiness) -> EngineError {
    // Before ARC 0.15 a scale set that was stopped for this reason does not always recover.
    let isEnough = seen.scaleSet?.observedGeneration != nil
    return EngineError(
      .failed, "GitHub refuses the runner image of \(release) as outdated",
      why: "A runner version stops being accepted some 30 days after its successor is out",
      fix:
        "Use a newer image: `deskrun edit \(release) --image IMAGE`, or `deskrun edit \(release) --no-image` for the "
        + "default"
        + (isEnough ? ". The same tag with newer content is not a change" : ". If it stays outdated, remove and add it")
    )
  }

  private func keepsEnding(_ scaleSet: String, _ end: ReadinessWatch.End) -> EngineError {
    EngineError(
      .failed, "The listener of \(scaleSet) keeps exiting" + (end.cause.map { ": \($0)" } ?? ""),
      why: end.words ?? end.code.map { "Its exit code is \($0), and it wrote no reason" },
      fix: "See its whole log with `deskrun logs \(scaleSet) --listener`")
  }

  /// The error for an exit that requires other settings; nil for one that may be temporary.
  private func refused(_ watch: ReadinessWatch, _ end: ReadinessWatch.End) -> EngineError? {
    guard let words = end.words, let failure = end.failure else { return nil }
    let name = watch.release
    let target = watch.target.url
    let (what, fix): (String, String)
    switch failure {
    case .unauthorized:
      what = "GitHub rejects the credentials of \(name): they are wrong, expired or revoked"
      fix = "Give valid ones: `deskrun edit \(name) --auth-value -` (a token or a GitHub App's key)"
    case .forbidden:
      what = "GitHub does not allow the credentials of \(name) to manage runners of \(target)"
      fix = "Give them the permission, or others with `deskrun edit \(name) --auth-value -`"
    case .appInstallationGone:
      what = "GitHub knows no such installation of the GitHub App of \(name)"
      fix =
        "Take the number at the end of the address of the App's installation page: "
        + "`deskrun edit \(name) --app-installation-id NUMBER`"
    case .notFound:
      what = "GitHub does not show \(target) to the credentials of \(name)"
      fix = "Check the URL, and that the credentials may see it"
    case .scaleSetGone, .conflict, .rateLimited, .serverError, .unreachable, .gaveUp, .patchRefused,
      .boundToDeletedSet, .other:
      return nil
    }
    return EngineError(.unauthorized, what, why: words, fix: fix)
  }

  private func noRunner(_ release: String, _ problem: String) -> EngineError {
    EngineError(
      .failed, "No runner of \(release) becomes ready", why: problem,
      fix: "`deskrun why \(release)` explains it")
  }
}

extension Readiness.Awaited {
  /// Whether the controller is responsible for it.
  fileprivate var isOfController: Bool {
    switch self {
    case .controller, .listener: true
    default: false
    }
  }
}

extension PlanExecutor.FoundObject {
  /// Whether it is a runner that is waiting for a job or has one.
  var isReadyRunner: Bool {
    !isTerminating && status?["ready"] == true
      && !["Succeeded", "Failed", "Outdated"].contains(status?["phase"]?.stringValue ?? "")
  }
}
