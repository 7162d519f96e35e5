import ARC
import Basics
import Installations
import Tools

extension Diagnosis {
  /// How long starting may take, with a large image on a slow connection, in seconds.
  static let startSeconds: Int64 = 600
  /// The maximum time between pod running and runner ready, in seconds.
  static let readySeconds: Int64 = 120

  package static func runners(_ status: InstallationStatus, _ known: Circumstances, _ snapshot: Snapshot) -> [Finding] {
    var findings = failing(status, known)
    let sets = Set(status.scaleSets.map(\.id))
    findings += cycling(status, sets, known)
    findings += starting(status, sets, known, snapshot)
    findings += finished(status, sets, known, snapshot)
    findings += lost(status, sets, known, snapshot)
    findings += forgotten(status, sets, known, snapshot)
    return findings
  }

  /// Runners that exit soon after their creation without having had a job. One runner per completed job is normal; a
  /// canceled run leaves one or two that were not needed.
  private static func cycling(_ status: InstallationStatus, _ sets: Set<String>, _ known: Circumstances) -> [Finding] {
    for set in sets.sorted() {
      let ended = known.memory.shortLived(set)
      // One runner whose exit was seen is sufficient evidence; that others did the same may be known only from events.
      guard ended.count >= 3 || (!ended.isEmpty && known.memory.reported(set).count >= 3), status.counts.failing == 0
      else { continue }
      let listened = ended.contains { known.memory.hints(of: $0.name).contains(.listens) }
      // Runners that were ready but not needed were deleted by ARC; they did not exit on their own.
      if listened { continue }
      let evidence =
        exits(ended, known.memory.reported(set).count) + [
          "none of them had a job; they lived \(ended.compactMap(\.lifetime).max() ?? 0)s at most"
        ]
      if let refused = ended.last(where: { known.memory.hints(of: $0.name).contains(.root) }) {
        return [rootRefused(status.name, refused.name, .bad)]
      }
      let codes = Set(ended.compactMap { $0.exit?.code })
      if codes == [0] {
        return [
          Finding(
            .noCommand, status.name, .bad, "\(status.name): its runners end at once without starting the runner",
            evidence: evidence,
            remedy: "The image has no command: the container runner needs command: "
              + "[\"/home/runner/run.sh\"] in the values file", action: .edit(.values))
        ]
      }
      return [
        Finding(
          .cycling, status.name, .bad, "\(status.name): its runners exit before they get a job",
          evidence: evidence, remedy: "The log of the next one says why: `deskrun logs \(status.name)`", action: nil)
      ]
    }
    return []
  }

  private static func starting(
    _ status: InstallationStatus, _ sets: Set<String>, _ known: Circumstances, _ snapshot: Snapshot
  ) -> [Finding] {
    guard status.counts.starting > 0 else { return [] }
    let starting = snapshot.runners.filter { runner in
      runner.rank == RunnerState.starting("").rank && sets.contains(runner.scaleSet)
    }
    for runner in starting {
      let since = known.memory.since(runner.name) ?? runner.created ?? known.now
      if let pod = snapshot.pod(runner.name), let why = pod.unschedulable, known.now - since > 20 {
        let obstacle = SchedulingObstacle(why)
        return [
          Finding(
            .unschedulable, status.name, .bad, "\(status.name): its runners are unschedulable: \(obstacle.title)",
            evidence: ["\(runner.name): \(why)"], remedy: obstacle.remedy,
            action: obstacle.option.map(FindingAction.edit))
        ]
      }
      if let found = mountProblem(status.name, runner.name, known) { return [found] }
      if let ready = runner.running, known.now - ready > readySeconds {
        if known.memory.hints(of: runner.name).contains(.waitsForDocker),
          !known.memory.hints(of: runner.name).contains(.dockerIsReady)
        {
          return [docker(status.name, runner.name)]
        }
        return [
          Finding(
            .neverRegistered, status.name, .warning, "\(status.name): a runner's pod runs and the runner is not ready",
            evidence: ["\(runner.name) runs for \(DurationText.short(seconds: known.now - ready))"],
            remedy: "Its log says what it waits for; a computer under load can be this slow", action: nil)
        ]
      }
      if known.now - since > startSeconds {
        guard case .starting(let step) = runner.state else { continue }
        return [
          Finding(
            .neverRegistered, status.name, .warning, "\(status.name): a runner does not get ready: \(step)",
            evidence: ["\(runner.name) was created\(ago(runner.created, known.now))"],
            remedy: "Its events say what it waits for: `deskrun events \(status.name)`", action: nil)
        ]
      }
    }
    return []
  }

  private static func docker(_ name: String, _ runner: String) -> Finding {
    Finding(
      .dockerMissing, name, .bad, "\(name): the runner waits for a Docker daemon that does not start",
      evidence: ["log of \(runner): Waiting for docker to be ready"],
      remedy: "The daemon listens at unix:///var/run/docker.sock: remove DOCKER_HOST from the values file",
      action: .edit(.values))
  }

  /// The finding for events about a pod's mounts.
  static func mountProblem(_ name: String, _ pod: String, _ known: Circumstances) -> Finding? {
    guard
      let event = known.events.lastWarning(
        about: pod,
        where: {
          ["FailedMount", "FailedAttachVolume"].contains($0.reason) && known.now - ($0.last ?? 0) < 300
        })
    else { return nil }
    let seen = ["\(event.object)\(ago(event.last, known.now)): \(event.message)"]
    let text = event.message.lowercased()
    if text.contains("hostpath type check failed") {
      return Finding(
        .hostPath, name, .bad, "\(name): a path of this computer that it mounts is not in the cluster's node",
        evidence: seen,
        remedy: "A node's mounts are decided when it is created: delete the cluster and create it again. Configuration "
          + "and caches stay", action: .recreateCluster)
    }
    if text.contains("-work") && text.contains("not found") {
      return Finding(
        .workClaim, name, .bad, "\(name): the claim for the work volume is missing", evidence: seen,
        remedy: "The name work is the mode's own: remove a volume of that name from the values file",
        action: .edit(.values))
    }
    return Finding(
      .mountFails, name, .bad, "\(name): a volume cannot be mounted", evidence: seen,
      remedy: text.contains("configmap") || text.contains("secret")
        ? "Bring the installation up: that creates the ConfigMap and the Secret again" : "Fix what the message names",
      action: .bringUp)
  }

  /// How long GitHub may hold the job of a dead runner, in seconds.
  static let heldSeconds: Int64 = 900
  /// The age in seconds of a runner from which a missing pod is a problem.
  static let podAge: Int64 = 30

  /// Runners with a job whose pod is gone: the job cannot continue, and nothing ends the runner.
  private static func lost(
    _ status: InstallationStatus, _ sets: Set<String>, _ known: Circumstances, _ snapshot: Snapshot
  ) -> [Finding] {
    guard status.counts.busy > 0, known.memory.hasPodless else { return [] }
    let lost = snapshot.runners.filter { runner in
      sets.contains(runner.scaleSet) && runner.lacksPod && known.memory.hasLostPod(runner.name, at: known.now)
        && known.now - (runner.created ?? known.now) >= podAge
    }
    guard !lost.isEmpty else { return [] }
    let jobs = lost.compactMap { $0.assignedJob?.name }.filter { !$0.isEmpty }
    return [
      Finding(
        .podGone, status.name, .warning,
        lost.count == 1
          ? "\(status.name): the pod of a runner with a job is gone, so the job is lost"
          : "\(status.name): the pods of \(lost.count) runners with jobs are gone, so the jobs are lost",
        evidence: [
          "\(names(lost.map(\.name))): job \(jobs.first ?? "unknown"), no pod of its name in the cluster"
        ],
        remedy: "Delete the runner, and run the job again on GitHub", action: .clearFailed, runners: lost.map(\.name))
    ]
  }

  /// Runners that look idle, but according to their logs are not registered with GitHub or cannot connect to it.
  private static func forgotten(
    _ status: InstallationStatus, _ sets: Set<String>, _ known: Circumstances, _ snapshot: Snapshot
  ) -> [Finding] {
    guard status.counts.idle > 0 else { return [] }
    // Search only the runners with hints: there may be thousands of runners.
    func saying(_ hints: LogHint...) -> [Runner] {
      let names = Set(sets.flatMap { set in hints.flatMap { known.memory.runners(saying: $0, in: set) } })
      return names.sorted().compactMap { snapshot.runner($0) }.filter { $0.state == .idle }
    }
    let gone = saying(.registrationLost, .registrationDeleted)
    if let first = gone.first {
      return [
        Finding(
          .registrationLost, status.name, gone.count == status.counts.idle ? .bad : .warning,
          "\(status.name): GitHub no longer knows \(gone.count == 1 ? "a runner" : "\(gone.count) runners") that "
            + "look\(gone.count == 1 ? "s" : "") idle",
          evidence: [
            "log of \(first.name): "
              + (known.memory.hints(of: first.name).contains(.registrationLost)
                ? "\(LogHint.registrationLost.rawValue) … was not found" : LogHint.registrationDeleted.rawValue)
          ],
          remedy: "Delete \(gone.count == 1 ? "it" : "them"): the controller creates others, which register again",
          action: .clearFailed, runners: gone.map(\.name))
      ]
    }
    let cut = saying(.cannotConnect)
    guard let first = cut.first else { return [] }
    return [
      Finding(
        .registrationLost, status.name, .warning,
        "\(status.name): \(cut.count == 1 ? "a runner that looks" : "\(cut.count) runners that look") idle cannot "
          + "connect to GitHub",
        evidence: ["log of \(first.name): \(LogHint.cannotConnect.rawValue) … Retrying until reconnected"],
        remedy: "It retries automatically; check the network, DNS and proxy of the cluster if it lasts", action: nil,
        runners: cut.map(\.name))
    ]
  }

  /// The states of runners that only look busy or idle according to findings, by name.
  static func statesOfDeadRunners(_ findings: [Finding]) -> [String: RunnerState] {
    var states: [String: RunnerState] = [:]
    for finding in findings {
      let state: RunnerState
      switch finding.rule {
      case .podGone: state = .failing("its pod is gone, its job is lost", code: "PodGone")
      case .registrationLost where finding.action == .clearFailed:
        state = .failing("GitHub no longer knows it", code: "RegistrationLost")
      case .registrationLost: state = .failing("it cannot connect to GitHub", code: "Disconnected")
      default: continue
      }
      for name in finding.runners { states[name] = state }
    }
    return states
  }

  /// How long deleting a finished runner may take, in seconds.
  static let finishSeconds: Int64 = 300

  private static func finished(
    _ status: InstallationStatus, _ sets: Set<String>, _ known: Circumstances, _ snapshot: Snapshot
  ) -> [Finding] {
    guard status.counts.finishing > 0 else { return [] }
    let stuck = snapshot.runners.filter { runner in
      guard runner.state == .finishing, sets.contains(runner.scaleSet), snapshot.pod(runner.name)?.isCutOff != true
      else { return false }
      // GitHub keeps a job whose runner died for about ten minutes, and ARC keeps the runner for as long, eventually
      // without its pod.
      let isHeld = runner.assignedJob != nil
      return known.now - (known.memory.since(runner.name) ?? runner.deleted ?? known.now)
        > (isHeld ? heldSeconds : finishSeconds)
    }
    guard let first = stuck.first else { return [] }
    return [
      Finding(
        .stuckFinished, status.name, .warning, "\(status.name): runners that have finished are not being deleted",
        evidence: [
          "\(names(stuck.map(\.name))), done\(ago(known.memory.since(first.name) ?? first.deleted, known.now))"
        ],
        remedy: "The controller deletes them: check that it is ready (`deskrun logs --controller`)", action: nil)
    ]
  }
}
